"""Fetching: a source is there completely or not at all, and one that fails stops no other."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import numpy as np
import pytest

from pipeline.editor import fetch_photos


def no_network(out: Path) -> None:
    (out / "half.jpg").write_bytes(b"half")
    raise OSError("no route to host")


def test_failing_sources_are_named_and_leave_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for source in ("panoramas", "interiors", "nature"):
        monkeypatch.setattr(fetch_photos, f"_fetch_{source}", no_network)
    said: list[str] = []
    assert fetch_photos.fetch_all(tmp_path, said.append) == 12
    assert said[2:] == [
        f"{source}: passed over (no route to host)" for source in ("panoramas", "interiors", "nature")
    ]
    assert sorted(folder.name for folder in tmp_path.iterdir()) == ["scikit-image", "scikit-learn"]


def test_what_is_there_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("scikit-image", "scikit-learn", "panoramas", "interiors", "nature"):
        (tmp_path / name).mkdir()
    said: list[str] = []
    assert fetch_photos.fetch_all(tmp_path, said.append) == 0
    assert all(line.endswith("already there") for line in said)


def test_a_panorama_is_developed_around_its_median(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "OPENCV_IO_ENABLE_OPENEXR", "1")
    import cv2

    light = np.full((4, 6, 3), (1.0, 2.0, 4.0), np.float32)  # blue, green, red; the median is 2
    light[0, 0] = np.inf
    encoded = base64.b64encode(cv2.imencode(".exr", light)[1]).decode()
    picture = fetch_photos.developed(f"export default 'data:application/exr;base64,{encoded}'")
    assert picture.shape == (4, 6, 3)
    assert picture[3, 5].tolist() == [186, 135, 99]  # 255 (light / 8) ** (1 / 2.2), red first
    assert picture[0, 0].tolist() == [255, 255, 255]
