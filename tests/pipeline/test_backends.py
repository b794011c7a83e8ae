"""Localizers and editors load real architectures from a folder and keep their promises."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bench.outside import changed_outside
from bench.policy import load_concepts
from pipeline.config import EditConfig, LocalizeConfig
from pipeline.edit import DiffusersEditor, edit_region
from pipeline.images import Pixels
from pipeline.localize import Detector, GroundedLocalizer, union
from pipeline.region import zones
from pipeline.weights import ModelError, weights_digest
from tests.pipeline import tiny_models


@pytest.fixture(scope="module")
def picture() -> Pixels:
    return np.random.default_rng(0).integers(0, 256, (80, 100, 3), np.uint8)


Build = Callable[[Path], Path]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("detector", "segmenter"),
    [(tiny_models.grounding_dino, tiny_models.sam), (tiny_models.owlv2, tiny_models.sam2)],
)
def test_boxes_become_masks_of_the_images_size(
    detector: Build, segmenter: Build, picture: Pixels, tmp_path: Path
) -> None:
    config = LocalizeConfig(
        backend="grounded",
        detector=str(detector(tmp_path / "detector")),
        segmenter=str(segmenter(tmp_path / "segmenter")),
        threshold=0.0,
        device="cpu",
    )
    regions = GroundedLocalizer(config).locate(picture, [load_concepts()["firearm"]])
    assert regions
    assert {region.concept for region in regions} == {"firearm"}
    assert all(region.mask.shape == (80, 100) and region.mask.dtype == bool for region in regions)
    assert [region.score for region in regions] == sorted((region.score for region in regions), reverse=True)
    assert union(regions).sum() >= max(region.mask.sum() for region in regions)


@pytest.mark.slow
def test_a_high_threshold_finds_nothing(picture: Pixels, tmp_path: Path) -> None:
    detector = Detector(str(tiny_models.owlv2(tmp_path / "owl")), threshold=1.0, device="cpu")
    assert detector.detect(picture, [load_concepts()["firearm"]]) == []


@pytest.mark.slow
def test_any_inpainting_pipeline_edits_inside_the_ring_only(picture: Pixels, tmp_path: Path) -> None:
    path = tiny_models.stable_diffusion_inpaint(tmp_path / "sd")
    config = EditConfig(backend="diffusers", model=str(path), steps=2, canvases=(64,), device="cpu")
    editor = DiffusersEditor(config)
    mask = np.zeros((80, 100), bool)
    mask[20:50, 30:60] = True
    first, again, other = (
        edit_region(editor, picture, mask, prompt="a spoon", seed=seed, config=config) for seed in (3, 3, 4)
    )
    assert (first == again).all()
    assert (first != other).any()
    assert (first != picture)[mask].mean() > 0.9
    assert changed_outside(picture, first, zones(mask).allowed) == 0


def test_a_missing_model_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no model folder at './nowhere'; give a local folder or a hub id"):
        weights_digest("./nowhere")


def test_a_models_digest_changes_with_its_weights(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, data in ((first, b"abc"), (second, b"abd")):
        folder.mkdir()
        (folder / "model.safetensors").write_bytes(data)
    assert weights_digest(str(first)) != weights_digest(str(second))
    assert weights_digest("owner/name") == "owner/name"


def test_a_model_that_does_not_load_ends_the_run_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    with pytest.raises(ModelError, match=r"cannot load .*broken.*Give a local folder"):
        Detector(str(tmp_path / "broken"), threshold=0.3, device="cpu")
    with pytest.raises(ModelError, match=r"cannot load .*broken.*Give a local folder"):
        DiffusersEditor(EditConfig(backend="diffusers", model=str(tmp_path / "broken")))
