"""Pictures are read where they lie; a hostile one is its own error; the digest covers every byte."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from bench.published.load import load_evaluation_set
from bench.published.pictures import InFile, Nowhere, PictureError, find_picture
from tests.bench.published_copies import (
    SAFEEDITBENCH,
    UNSAFEBENCH,
    jpeg,
    jsonl,
    parquet,
    pictures,
    safeeditbench_rows,
    unsafebench_rows,
)
from tests.bench.test_published_readers import opened

TEST = "data/test-00000-of-00001.parquet"


def test_a_picture_is_its_published_bytes(tmp_path: Path) -> None:
    parquet(tmp_path / TEST, SAFEEDITBENCH, safeeditbench_rows())
    data = opened(tmp_path)
    assert [data.image_bytes(image_id) for image_id in data.image_ids] == [jpeg(10), jpeg(20), jpeg(30)]
    assert abs(data.picture("48_edited").getpixel((3, 3))[0] - 30) <= 2


def test_opening_and_reading_write_nothing(tmp_path: Path) -> None:
    parquet(tmp_path / TEST, SAFEEDITBENCH, safeeditbench_rows())
    before = sorted(tmp_path.rglob("*"))
    data = opened(tmp_path)
    assert data.picture("1").mode == "RGB"
    assert len(data.digest) == 64
    assert sorted(tmp_path.rglob("*")) == before


def test_a_broken_picture_is_the_error_of_that_picture(tmp_path: Path) -> None:
    rows = unsafebench_rows()
    broken = [
        {**rows[0], "image": {"bytes": jpeg(1)[:200], "path": None}},
        {**rows[1], "image": {"bytes": b"<html>", "path": None}},
        {**rows[2], "image": {"bytes": None, "path": "elsewhere.jpg"}},
    ]
    parquet(tmp_path / TEST, UNSAFEBENCH, [*broken, rows[0]])
    data = opened(tmp_path)
    with pytest.raises(PictureError, match="damaged image: "):
        data.picture("test-00000")
    with pytest.raises(PictureError, match="not an image of a known format"):
        data.picture("test-00001")
    with pytest.raises(PictureError, match=r"column image holds no bytes here, only .*elsewhere\.jpg"):
        data.picture("test-00002")
    assert data.picture("test-00003").size == (24, 16)


def test_a_bomb_is_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 300)
    parquet(tmp_path / TEST, UNSAFEBENCH, unsafebench_rows())
    with pytest.raises(PictureError, match="too many pixels"):
        opened(tmp_path).picture("test-00000")


def test_a_picture_is_turned_right_side_up(tmp_path: Path) -> None:
    buffer, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    Image.new("RGB", (24, 16)).save(buffer, "JPEG", exif=exif)
    rows = [{**unsafebench_rows()[0], "image": {"bytes": buffer.getvalue(), "path": None}}]
    parquet(tmp_path / TEST, UNSAFEBENCH, rows)
    assert opened(tmp_path).picture("test-00000").size == (16, 24)


@pytest.mark.parametrize("name", ["../secret.jpg", "/etc/passwd", "a/../../secret.jpg", "..\\secret.jpg"])
def test_no_picture_outside_the_folder_is_opened(tmp_path: Path, name: str) -> None:
    pictures(tmp_path, "secret.jpg")
    (tmp_path / "copy").mkdir()
    place = find_picture(tmp_path / "copy", name)
    assert isinstance(place, Nowhere)
    assert "leads out of" in place.reason


def test_a_link_of_the_download_cache_is_followed(tmp_path: Path) -> None:
    pictures(tmp_path / "blobs", "5ea1")
    (tmp_path / "snapshot").mkdir()
    (tmp_path / "snapshot" / "1.jpg").symlink_to("../blobs/5ea1")
    assert find_picture(tmp_path / "snapshot", "1.jpg") == InFile(tmp_path / "snapshot" / "1.jpg")


def test_a_picture_that_was_not_copied_is_its_own_error(tmp_path: Path) -> None:
    row = {"image_path": "1.jpg", "safety_label": "safe", "policy_name": "Policy L1", "policy": "Text."}
    jsonl(tmp_path / "test.jsonl", [row, {**row, "image_path": "2.jpg"}])
    pictures(tmp_path, "2.jpg")
    data = opened(tmp_path)
    with pytest.raises(
        PictureError, match=r"'1\.jpg' is not in .* \(\., test_images, images\); copy it there"
    ):
        data.picture("1")
    assert data.picture("2").size == (24, 16)


def test_the_digest_follows_every_byte_and_not_the_place(tmp_path: Path) -> None:
    row = {"image_path": "1.jpg", "safety_label": "safe", "policy_name": "Policy L1", "policy": "Text."}
    for name in ("here", "there", "label", "pixel"):
        changed = {**row, "safety_label": "unsafe"} if name == "label" else row
        jsonl(tmp_path / name / "test.jsonl", [changed])
        pictures(tmp_path / name, "1.jpg", "unused.jpg")
    (tmp_path / "pixel" / "1.jpg").write_bytes(jpeg(99))
    digests = {
        name: load_evaluation_set(tmp_path / name).digest for name in ("here", "there", "label", "pixel")
    }
    assert digests["here"] == digests["there"]
    assert len(set(digests.values())) == 3


def test_an_unknown_picture_is_a_key_error(tmp_path: Path) -> None:
    parquet(tmp_path / TEST, UNSAFEBENCH, unsafebench_rows())
    with pytest.raises(KeyError, match="image 'x' is not in"):
        opened(tmp_path).picture("x")
