"""Fetching: a source is there completely or not at all, and one that fails stops no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.editor import fetch_photos


def no_network(out: Path) -> None:
    (out / "half.jpg").write_bytes(b"half")
    raise OSError("no route to host")


def test_failing_sources_are_named_and_leave_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch_photos, "_fetch_interiors", no_network)
    monkeypatch.setattr(fetch_photos, "_fetch_nature", no_network)
    said: list[str] = []
    assert fetch_photos.fetch_all(tmp_path, said.append) == 12
    assert said[2:] == ["interiors: passed over (no route to host)", "nature: passed over (no route to host)"]
    assert sorted(folder.name for folder in tmp_path.iterdir()) == ["scikit-image", "scikit-learn"]


def test_what_is_there_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("scikit-image", "scikit-learn", "interiors", "nature"):
        (tmp_path / name).mkdir()
    said: list[str] = []
    assert fetch_photos.fetch_all(tmp_path, said.append) == 0
    assert all(line.endswith("already there") for line in said)
