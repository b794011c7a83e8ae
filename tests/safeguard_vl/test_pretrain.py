"""Training lowers the loss, survives being killed, and goes on to the very same weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from pipeline.safeguard_vl.cache import SLOTS, SceneCache
from pipeline.safeguard_vl.model import Shape
from pipeline.safeguard_vl.pretrain import pretrain
from pipeline.safeguard_vl.recipe import Recipe, Stage, read_recipe

RECIPES = Path(__file__).parents[2] / "pipeline" / "safeguard_vl" / "recipes"
COUNT = 12


class KilledError(Exception):
    """Stands for a kill -9 between two steps."""


@pytest.fixture
def recipe(shape: Shape) -> Recipe:
    stages = (Stage("read", 4, 2, 2, 3e-3), Stage("see", 4, 4, 0, 3e-3), Stage("join", 4, 2, 2, 1e-3))
    return Recipe(1, 4, 20, COUNT, 0, stages, shape, 0.0, 2)


@pytest.fixture
def scenes(shape: Shape) -> SceneCache:
    generator = np.random.default_rng(0)
    side, cells = shape.image_size, shape.image_tokens
    sightings = np.full((COUNT, SLOTS, 2), 255, dtype=np.uint8)
    sightings[:, 0] = 3, 2  # one thing each, in the second context
    named = np.zeros((COUNT, cells), dtype=np.uint8)
    named[:, :5] = 4
    images, clean = generator.integers(0, 256, (2, COUNT, side, side, 3), dtype=np.uint8)
    return SceneCache(images, clean, named, np.where(named > 0, 2, 0).astype(np.uint8), sightings)


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


def test_a_killed_run_reaches_the_weights_of_a_smooth_one(
    tmp_path: Path, recipe: Recipe, scenes: SceneCache
) -> None:
    pretrain(recipe, scenes, tmp_path / "smooth", tmp_path / "one")

    def kill(done: int, of: int) -> None:
        if done in (3, 7):
            raise KilledError

    for _ in range(2):
        with pytest.raises(KilledError):
            pretrain(recipe, scenes, tmp_path / "broken", tmp_path / "other", progress=kill)
    pretrain(recipe, scenes, tmp_path / "broken", tmp_path / "other", progress=None)
    smooth, resumed = weights(tmp_path / "one"), weights(tmp_path / "other")
    assert smooth.keys() == resumed.keys()
    assert all(torch.equal(smooth[name], resumed[name]) for name in smooth)
    assert (tmp_path / "one" / "curve.csv").read_bytes() == (tmp_path / "other" / "curve.csv").read_bytes()


def test_a_few_steps_lower_the_loss(tmp_path: Path, recipe: Recipe) -> None:
    recipe = replace(recipe, stages=(Stage("read", 40, 4, 2, 5e-3),), log_every=10)
    curve: list[dict[str, float | str]] = []
    pretrain(recipe, None, tmp_path, tmp_path, report=curve.append)
    assert float(curve[-1]["loss"]) < 0.6 * float(curve[0]["loss"])


def test_another_recipes_state_is_refused(tmp_path: Path, recipe: Recipe) -> None:
    recipe = replace(recipe, stages=(Stage("read", 2, 1, 1, 1e-3),))
    pretrain(recipe, None, tmp_path, tmp_path)
    with pytest.raises(ValueError, match="another recipe"):
        pretrain(replace(recipe, seed=2), None, tmp_path, tmp_path)


def test_later_stages_may_still_change(recipe: Recipe) -> None:
    other = replace(recipe, stages=(*recipe.stages[:2], replace(recipe.stages[2], steps=99)))
    assert recipe.digest(8) == other.digest(8)
    assert recipe.digest(9) != other.digest(9)


def test_seeing_without_scenes_says_what_to_do(tmp_path: Path, recipe: Recipe) -> None:
    recipe = replace(recipe, stages=(Stage("see", 1, 1, 0, 1e-3),))
    with pytest.raises(ValueError, match="needs scenes"):
        pretrain(recipe, None, tmp_path, tmp_path)


def test_tiny_recipe_is_readable() -> None:
    tiny = read_recipe(RECIPES / "tiny.toml")
    names = ["read", "see", "see", "join", "read", "join", "see", "see", "join"]
    assert [stage.name for stage in tiny.stages] == names
    assert [stage.art for stage in tiny.stages if stage.art] == [0.5, 0.3]


def test_unknown_keys_of_a_recipe_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("seed = 1\nlearning = 3\n")
    with pytest.raises(ValueError, match=r"bad\.toml.*learning"):
        read_recipe(tmp_path / "bad.toml")
