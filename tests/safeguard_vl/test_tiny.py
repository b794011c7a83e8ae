"""The weights that ship: they fit the size promised, open, answer in one word, and beat constant answers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import AutoModelForImageTextToText, AutoProcessor

from bench.policy import load_policies
from pipeline.safeguard_vl.cache import SceneCache, open_cache
from pipeline.safeguard_vl.model import Shape
from pipeline.safeguard_vl.score import headline, policy_score, score_scenes
from pipeline.safeguard_vl.train import TINY


def test_tiny_fits_sixteen_megabytes_and_has_its_papers() -> None:
    assert sum(file.stat().st_size for file in TINY.iterdir()) <= 16 * 1024 * 1024
    assert {"README.md", "curve.csv", "model.safetensors"} <= {file.name for file in TINY.iterdir()}


def test_scores_of_a_known_table() -> None:
    unsafe, said = np.array([True, True, False, False]), np.array([True, False, True, False])
    assert policy_score("L3", unsafe, said).f1 == 0.5
    assert headline([policy_score("L1", ~unsafe & unsafe, said), policy_score("L3", unsafe, said)]) == 0.5


@pytest.mark.slow
def test_tiny_beats_constant_answers_on_scenes_it_never_saw(tmp_path_factory: pytest.TempPathFactory) -> None:
    from pipeline.safeguard_vl.cache import draw_scenes

    shape = Shape()
    folder = tmp_path_factory.mktemp("scenes")
    draw_scenes(folder, shape, 60, first_seed=9_000_000, split="test")
    scenes: SceneCache = open_cache(folder, shape, 60)
    model = AutoModelForImageTextToText.from_pretrained(TINY, dtype=torch.float32).eval()
    tokenizer = AutoProcessor.from_pretrained(TINY).tokenizer
    scores = score_scenes(model, tokenizer, shape, scenes, load_policies())
    assert headline(scores) > 0.65  # always `unsafe` reaches about 0.5, always `safe` 0.2
