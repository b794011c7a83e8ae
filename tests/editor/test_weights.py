"""The weights that ship: small, safetensors only, and better than the mean colour of the rim."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

import pipeline.editor
from pipeline.editor.pipeline import SafeEditInpaintPipeline

WEIGHTS = Path(pipeline.editor.__file__).parent / "weights"


@pytest.fixture(scope="module")
def pipe() -> SafeEditInpaintPipeline:
    loaded = SafeEditInpaintPipeline.from_pretrained(WEIGHTS)
    loaded.set_progress_bar_config(disable=True)
    return loaded


def wall_and_table() -> NDArray[np.uint8]:
    """A pale wall above a striped brown table, with a little grain."""
    picture = np.full((96, 96, 3), (206, 198, 184), dtype=float)
    boards = 12 * np.sin(np.arange(96) / 3)[:, None]
    picture[52:] = np.array((122, 84, 52)) + boards[None]
    grain = np.random.default_rng(0).normal(0, 3, picture.shape)
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def hole() -> NDArray[np.bool_]:
    made = np.zeros((96, 96), dtype=bool)
    made[36:66, 30:64] = True
    return made


def error(filled: NDArray[np.uint8], truth: NDArray[np.uint8]) -> float:
    return float(np.mean((filled.astype(float) - truth)[hole()] ** 2))


def test_the_folder_is_small_and_holds_no_pickle() -> None:
    files = [file for file in WEIGHTS.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) <= 16_000_000
    assert {file.suffix for file in files} == {".json", ".md", ".safetensors", ".csv"}


def test_an_object_is_replaced_by_what_is_behind_it(pipe: SafeEditInpaintPipeline) -> None:
    truth = wall_and_table()
    mean = np.where(hole()[..., None], truth[~hole()].mean(0), truth)
    shown = np.where(hole()[..., None], (255, 0, 0), truth).astype(np.uint8)
    mask = Image.fromarray(hole())
    (filled,) = pipe(Image.fromarray(shown), mask, generator=torch.Generator().manual_seed(1)).images
    assert error(np.asarray(filled), truth) < 0.2 * error(mean, truth)
    assert np.array_equal(np.asarray(filled)[~hole()], truth[~hole()])


def test_a_plain_wall_shows_no_speckle(pipe: SafeEditInpaintPipeline) -> None:
    wall = np.full((96, 96, 3), (206, 198, 184), dtype=np.uint8)
    (filled,) = pipe(Image.fromarray(wall), Image.fromarray(hole()), generator=torch.Generator()).images
    assert np.abs(np.asarray(filled).astype(int) - wall).max() <= 3
