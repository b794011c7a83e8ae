"""Scenes are cached with their truth, and a stopped drawing goes on where it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.policy import load_policies
from pipeline.safeguard_vl.cache import bits_of, concept_names, contexts_of, covered_cells, draw_scenes, drawn
from pipeline.safeguard_vl.model import Shape
from pipeline.scenes import SceneObject, make_scene


def test_context_bits_go_there_and_back() -> None:
    assert bits_of(("toy_or_cartoon", "medical")) == 0b1001
    assert contexts_of(0b1001) == {"toy_or_cartoon", "medical"}


def test_cells_are_those_whose_middle_the_box_holds() -> None:
    def thing(*box: int) -> SceneObject:
        return SceneObject("dice", "die", (), "flat", (box[0], box[1], box[2], box[3]))

    assert list(covered_cells(thing(0, 0, 64, 32), side=128, cells=4)) == [0, 1]
    assert list(covered_cells(thing(70, 100, 74, 104), side=128, cells=4)) == [14]


def test_cached_truth_is_the_scenes(tmp_path: Path, shape: Shape) -> None:
    cache = draw_scenes(tmp_path, shape, 6, first_seed=40)
    for index in range(6):
        scene = make_scene(40 + index)
        shown = {(s.concept, s.contexts) for s in cache.shown(index)}
        assert shown == {(t.concept, frozenset(t.contexts)) for t in scene.objects if t.concept}
        named = {concept_names()[n - 1] for n in np.unique(cache.cells[index]) if n}
        assert named <= {concept for concept, _ in shown}
        assert all(p.judge(cache.shown(index)).label in ("safe", "unsafe") for p in load_policies())


def test_a_stopped_drawing_goes_on(tmp_path: Path, shape: Shape) -> None:
    whole = draw_scenes(tmp_path / "whole", shape, 3, first_seed=7)
    (tmp_path / "part").mkdir()
    for name in ("images", "clean", "cells", "around", "sightings"):
        (tmp_path / "part" / f"{name}.u8").write_bytes((tmp_path / "whole" / f"{name}.u8").read_bytes())
    with (tmp_path / "part" / "images.u8").open("r+b") as handle:  # the third scene was half written
        handle.seek(2 * shape.image_size**2 * 3)
        handle.write(b"\0" * 100)
    (tmp_path / "part" / "done.json").write_text('{"done": 2}')
    again = draw_scenes(tmp_path / "part", shape, 3, first_seed=7)
    assert drawn(tmp_path / "part") == 3
    assert np.array_equal(whole.images, again.images)
