"""Training: the loss falls, and a run that was stopped ends where an unbroken one does."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from pipeline.editor.checkpoint import TrainingState
from pipeline.editor.data import from_pictures
from pipeline.editor.pipeline import SafeEditInpaintPipeline
from pipeline.editor.pool import Pool, Progress
from pipeline.editor.train import Recipe, learning_rate, prepare, publish, train

Pools = tuple[Pool, Pool]

TINY = Recipe(
    steps=6,
    batch=4,
    size=16,
    large_size=32,
    examples=24,
    warmup=2,
    widths=(32, 32),
    learning_rate=3e-3,
    bfloat16=False,
)


@pytest.fixture(scope="module")
def stripes(tmp_path_factory: pytest.TempPathFactory) -> Pools:
    """Broad diagonal stripes: what is in the hole follows from what is around it."""
    row, column = np.mgrid[:96, :96]
    wave = (127 + 100 * np.sin((row + column) / 5)).astype(np.uint8)
    source = from_pictures([np.repeat(wave[..., None], 3, axis=2)])
    return prepare(TINY, source, tmp_path_factory.mktemp("pools"))


class KilledError(Exception):
    """Stands for a kill."""


def stop_at(step: int) -> Progress:
    def progress(done: int, total: int) -> None:
        if done == step:
            raise KilledError

    return progress


def same_weights(one: TrainingState, other: TrainingState) -> bool:
    return all(torch.equal(one.average[name], other.average[name]) for name in one.average)


def test_the_loss_falls(stripes: Pools, tmp_path: Path) -> None:
    train(dataclasses.replace(TINY, steps=90, batch=8), stripes, tmp_path, save_every=15)
    losses = [float(row.split(",")[1]) for row in (tmp_path / "loss.csv").read_text().splitlines()[1:]]
    assert len(losses) == 6
    assert losses[-1] < 0.7 * losses[0]


@pytest.mark.parametrize("stop", [1, 3, 5])
def test_a_stopped_run_reaches_the_same_weights(stripes: Pools, tmp_path: Path, stop: int) -> None:
    unbroken = train(TINY, stripes, tmp_path / "unbroken", save_every=2)
    with pytest.raises(KilledError):
        train(TINY, stripes, tmp_path / "broken", save_every=2, progress=stop_at(stop))
    resumed = train(TINY, stripes, tmp_path / "broken", save_every=2)
    assert same_weights(unbroken, resumed)
    steps = [row.split(",")[0] for row in (tmp_path / "broken" / "loss.csv").read_text().splitlines()]
    assert steps == ["step", "2", "4", "6"]


def test_another_recipe_does_not_resume(stripes: Pools, tmp_path: Path) -> None:
    train(TINY, stripes, tmp_path)
    with pytest.raises(ValueError, match="another recipe"):
        train(dataclasses.replace(TINY, seed=1), stripes, tmp_path)


def test_the_published_pipeline_loads_and_fills(stripes: Pools, tmp_path: Path) -> None:
    publish(TINY, train(TINY, stripes, tmp_path / "run"), tmp_path / "weights")
    pipe = SafeEditInpaintPipeline.from_pretrained(tmp_path / "weights")
    pipe.set_progress_bar_config(disable=True)
    (filled,) = pipe(Image.new("RGB", (32, 32), "grey"), Image.new("L", (32, 32), 255)).images
    assert filled.size == (32, 32)


def test_a_run_goes_on_from_published_weights(stripes: Pools, tmp_path: Path) -> None:
    first = train(TINY, stripes, tmp_path / "first")
    publish(TINY, first, tmp_path / "weights")
    frozen = dataclasses.replace(TINY, learning_rate=0.0)
    second = train(frozen, stripes, tmp_path / "second", start=tmp_path / "weights")
    assert all(torch.equal(second.average[name], first.average[name].half()) for name in first.average)


def test_a_start_without_weights_is_refused(stripes: Pools, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no weights at"):
        train(TINY, stripes, tmp_path / "run", start=tmp_path)


def test_the_learning_rate_warms_up_and_comes_down() -> None:
    recipe = Recipe(steps=300, warmup=100, learning_rate=1.0)
    rates = [learning_rate(recipe, step) for step in (0, 99, 100, 200, 299)]
    assert rates == pytest.approx([0.01, 1.0, 1.0, 0.5, 0.0], abs=1e-4)
