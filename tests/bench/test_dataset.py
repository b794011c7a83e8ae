"""Opening a benchmark folder and reading from it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bench.dataset import BenchmarkError, load_benchmark
from bench.staging import sha256_file
from tests.bench.sample import SIZE, sample


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample().export(tmp_path_factory.mktemp("data") / "bench")


def test_everything_comes_back(folder: Path) -> None:
    rows, bench = sample(), load_benchmark(folder)
    assert bench.verdicts == rows.verdicts
    assert bench.votes == rows.votes
    assert bench.edits == rows.edits
    assert bench.rejects == rows.rejects
    assert bench.policies == rows.policies
    assert bench.title == "Sample benchmark"
    assert bench.digest == sha256_file(folder / "SHA256SUMS")


def test_images_are_in_the_order_original_edited_control(folder: Path) -> None:
    bench = load_benchmark(folder)
    assert bench.image_ids == tuple(row.image_id for row in sample().images)
    assert [bench.meta(i).role for i in bench.image_ids[:4]] == ["original", "edited", "control", "original"]


def test_pictures_and_masks(folder: Path) -> None:
    bench, row = load_benchmark(folder), sample().images[1]
    assert bench.image_bytes(row.image_id) == row.image
    assert bench.mask_bytes(row.image_id) == row.mask
    assert (bench.picture(row.image_id).mode, bench.picture(row.image_id).size) == ("RGB", (SIZE, SIZE))
    mask = bench.mask(row.image_id)
    assert (mask.mode, mask.getbbox(), mask.getextrema()) == ("L", (10, 10, 22, 22), (0, 255))


def test_meta_reads_no_picture(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> list[bytes]:
        raise AssertionError("a picture was read")

    monkeypatch.setattr("bench.dataset._read_group", refuse)
    bench = load_benchmark(folder)
    assert bench.meta(bench.image_ids[0]).contexts == (("toy_or_cartoon", "news"),)
    assert len(bench.verdicts) == 40


def test_an_unknown_image_is_named(folder: Path) -> None:
    with pytest.raises(KeyError, match="'0123' is not in"):
        load_benchmark(folder).image_bytes("0123")


def test_a_folder_that_is_no_benchmark(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match="holds no SHA256SUMS"):
        load_benchmark(tmp_path)
    with pytest.raises(BenchmarkError, match="is not a folder"):
        load_benchmark(tmp_path / "nowhere")


def test_a_missing_table_is_named(tmp_path: Path, folder: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    shutil.rmtree(copy / "verdicts")
    with pytest.raises(BenchmarkError, match="lacks the table 'verdicts'"):
        _ = load_benchmark(copy).verdicts


def test_a_broken_table_is_named(tmp_path: Path, folder: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    (copy / "images" / "test-00000-of-00001.parquet").write_bytes(b"not parquet at all")
    with pytest.raises(BenchmarkError, match=r"test-00000-of-00001\.parquet cannot be read as Parquet"):
        load_benchmark(copy)
