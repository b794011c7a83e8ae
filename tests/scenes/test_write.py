"""A folder of scenes, and the contact sheet."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.scenes import __all__ as exported
from pipeline.scenes import contact_sheet, make_scene, write_scenes
from pipeline.sources import read_truth


def test_folder_holds_pictures_masks_clean_ones_and_truth(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    write_scenes(tmp_path, 3, seed=20, size=64, progress=lambda done, total: steps.append((done, total)))
    assert steps == [(1, 3), (2, 3), (3, 3)]
    records = [json.loads(line) for line in (tmp_path / "truth.jsonl").read_text().splitlines()]
    assert [record["name"] for record in records] == ["scene-000020", "scene-000021", "scene-000022"]
    for record in records:
        scene = make_scene(record["seed"], 64)
        assert np.array_equal(np.asarray(Image.open(tmp_path / record["image"])), scene.image)
        assert np.array_equal(np.asarray(Image.open(tmp_path / record["clean"])), scene.clean)
        assert np.array_equal(np.asarray(Image.open(tmp_path / record["mask"])) == 255, scene.mask)
        assert record["concepts"] == [thing.concept for thing in scene.regulated]
        assert record["synthetic"] is True


def test_the_build_reads_the_truth_of_the_folder(tmp_path: Path) -> None:
    write_scenes(tmp_path, 2, size=64)
    truth = read_truth(tmp_path)
    assert sorted(truth) == ["images/scene-000000.png", "images/scene-000001.png"]
    assert all(known.mask.exists() for known in truth.values())


def test_run_that_was_cut_off_ends_with_the_same_bytes(tmp_path: Path) -> None:
    write_scenes(tmp_path / "whole", 3, size=64)
    write_scenes(tmp_path / "cut", 2, size=64)
    (tmp_path / "cut" / "truth.jsonl").unlink()
    write_scenes(tmp_path / "cut", 3, size=64)
    for path in (tmp_path / "whole").rglob("*.*"):
        assert (tmp_path / "cut" / path.relative_to(tmp_path / "whole")).read_bytes() == path.read_bytes()


def test_folder_with_other_content_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"mine")
    with pytest.raises(ValueError, match=r"already holds holiday\.jpg"):
        write_scenes(tmp_path, 1, size=64)
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.jpg"]


def test_folder_with_scenes_of_another_size_is_refused(tmp_path: Path) -> None:
    write_scenes(tmp_path, 1, size=64)
    with pytest.raises(ValueError, match="holds scenes of size 64 and split train, not 96 and train"):
        write_scenes(tmp_path, 1, size=96)


def test_contact_sheet_lays_out_rows_and_columns() -> None:
    scenes = [make_scene(seed, 32) for seed in range(5)]
    sheet = contact_sheet(scenes, 2, gap=4)
    assert sheet.size == (2 * 36 + 4, 3 * 36 + 4)
    assert np.array_equal(np.asarray(sheet)[40:72, 4:36], scenes[2].image)
    with pytest.raises(ValueError, match="0 scenes in 2 columns"):
        contact_sheet([], 2)


def test_exported_names_are_sorted() -> None:
    assert exported == sorted(exported)
