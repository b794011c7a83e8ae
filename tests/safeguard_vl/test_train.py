"""From a recipe file to a model folder in one call."""

from __future__ import annotations

from pathlib import Path

from pipeline.safeguard_vl.train import train

RECIPE = """
seed = 1
questions = 2
spelling = 20
scenes = 3
first_scene = 10
stage = [
  { name = "see", steps = 1, pictures = 2, policies = 0, rate = 1e-3, crop = 2 },
  { name = "join", steps = 1, pictures = 1, policies = 1, rate = 1e-3 },
]

[shape]
image_size = 32
patch = 4
vision_depth = 1
vision_hidden = 32
vision_heads = 2
vision_mlp = 48
depth = 2
hidden = 64
heads = 2
mlp = 96
vocabulary = 2000
"""


def test_a_recipe_becomes_a_model(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(RECIPE)
    told: list[tuple[str, int, int]] = []
    model = train(tmp_path / "small.toml", tmp_path / "out", lambda *step: told.append(step))
    assert (model / "model.safetensors").is_file()
    assert (model / "curve.csv").is_file()
    assert told == [("scenes", 3, 3), ("training", 1, 2), ("training", 2, 2)]
