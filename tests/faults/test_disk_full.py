"""A disk that fills up or turns read-only under a build and a run is told; later the bytes are the same."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.disk import DiskError
from bench.staging import sha256_file
from evaluators.function import Function
from evaluators.runner import evaluate
from pipeline.config import BuildConfig, EditConfig, RunnerConfig, SourceConfig, VerifyConfig
from pipeline.flow import run_build
from pipeline.publish import publish
from pipeline.store import Store
from tests.evaluators.stand_in import MemoryBenchmark

BENCHMARK = MemoryBenchmark(pairs=20)


class Disk:
    """A file system of its own in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def mount(self, *options: str) -> bool:
        command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(self.folder)]
        return subprocess.run(command, capture_output=True).returncode == 0

    def change(self, *options: str) -> None:
        command = ["mount", "-o", ",".join(["remount", *options]), str(self.folder)]
        subprocess.run(command, check=True)

    def unmount(self) -> None:
        subprocess.run(["umount", str(self.folder)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk of 24 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    disk = Disk(folder)
    if sys.platform != "linux" or os.geteuid() or not disk.mount("size=24k"):
        pytest.skip("needs the right to mount a file system")
    yield disk
    disk.unmount()


def judge(image: object, policy_text: str) -> float:
    return image.getpixel((0, 0))[0] / 255  # type: ignore[attr-defined, no-any-return]


def run(out: Path) -> str:
    evaluate(Function("f", judge, "s"), BENCHMARK, out)
    return sha256_file(out / "results.parquet")


def test_an_evaluation_on_a_full_disk_goes_on_when_there_is_room(disk: Disk, tmp_path: Path) -> None:
    with pytest.raises(DiskError, match=r"cannot write .*run/rows.*: No space left on device; make room"):
        run(disk.folder / "run")
    disk.change("size=4m")
    assert run(disk.folder / "run") == run(tmp_path / "smooth")


def test_an_evaluation_into_a_read_only_folder_says_so(disk: Disk, tmp_path: Path) -> None:
    disk.change("ro")
    with pytest.raises(DiskError, match=r"cannot write .*disk/run: Read-only file system; make it writable"):
        run(disk.folder / "run")
    disk.change("rw", "size=4m")
    assert run(disk.folder / "run") == run(tmp_path / "smooth")


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> EditConfig:
    from tests.pipeline.tiny_models import unets

    path = unets.stable_diffusion_inpaint(tmp_path_factory.mktemp("models") / "sd")
    return EditConfig(backend="diffusers", model=str(path), steps=1, canvases=(64,), attempts=1, device="cpu")


def build(out: Path, editor: EditConfig) -> str:
    config = BuildConfig(
        out=out,
        source=SourceConfig(kind="scenes", count=2, size=96),
        edit=editor,
        verify=VerifyConfig(gone=0.0),
        runner=RunnerConfig(kind="loop", shard=2),
    )
    publish(run_build(config, lambda stage, done, total: None), config)
    return (out / "SHA256SUMS").read_text()


def test_a_build_on_a_full_disk_loses_no_picture(disk: Disk, tmp_path: Path, editor: EditConfig) -> None:
    smooth = build(tmp_path / "bench", editor)
    for room in ("24k", "64k", "160k"):  # full in one stage after the other
        disk.change(f"size={room}")
        with pytest.raises(DiskError, match=r"cannot write .*: No space left on device; make room there"):
            build(disk.folder / "bench", editor)
    disk.change("size=16m")
    assert build(disk.folder / "bench", editor) == smooth
    statuses = {entry.status for entry in Store(disk.folder / "bench.build").entries("ingest").values()}
    assert statuses == {"ok"}


def test_a_build_into_a_read_only_folder_says_so(disk: Disk, editor: EditConfig) -> None:
    disk.change("ro")
    with pytest.raises(DiskError, match=r"cannot write .*bench\.build.*: Read-only file system; make it"):
        build(disk.folder / "bench", editor)
