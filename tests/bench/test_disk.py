"""A full or read-only disk: the file, the reason and the remedy are told, and nothing is half written."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from bench.disk import DiskError, writing
from bench.staging import ABANDONED, sweep, write_atomic


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    def fsync(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fsync)


def test_a_full_disk_is_told_with_the_file_and_what_to_do(full: None, tmp_path: Path) -> None:
    with pytest.raises(DiskError) as caught:
        write_atomic(tmp_path / "votes", b"new")
    assert str(caught.value) == (
        f"cannot write {tmp_path / 'votes'}: No space left on device; make room there and run the command "
        "again: it goes on where it stopped"
    )


def test_a_full_disk_leaves_the_old_content_and_no_part_of_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    write_atomic(tmp_path / "votes", b"old")
    request.getfixturevalue("full")
    with pytest.raises(DiskError):
        write_atomic(tmp_path / "votes", b"new")
    assert (tmp_path / "votes").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["votes"]


def test_the_file_that_the_system_names_is_the_one_told(tmp_path: Path) -> None:
    told = "cannot write /there: Read-only file system; make it writable"
    with pytest.raises(DiskError, match=told), writing(tmp_path):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), "/there")


def test_what_is_no_fault_of_the_disk_passes_through(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), writing(tmp_path):
        (tmp_path / "absent").read_bytes()


def test_what_a_kill_left_is_swept_an_hour_later(tmp_path: Path) -> None:
    old, young, other = (tmp_path / name for name in (".a.1-2.tmp", ".b.1-2.tmp", "c.tmp"))
    for path in (old, young, other):
        path.touch()
        os.utime(path, (0, 0))
    os.utime(young)
    sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".b.1-2.tmp", "c.tmp"]
    assert ABANDONED == 3600
