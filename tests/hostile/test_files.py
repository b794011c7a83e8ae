"""What stands in a folder and is no plain file is refused with its reason, unopened."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config import SourceConfig
from pipeline.images import Refused, decode
from pipeline.sources import list_items, read_bytes
from tests.hostile.pictures import whole, write_oddities

REASONS = {
    "absolute.png": "leads out of the folder",
    "archive.png": "",
    "dangling.png": "a link that leads nowhere",
    "device.png": "leads out of the folder|a device, not a file",
    "empty.png": "",
    "inside-link.png": "",
    "inside.png": "",
    "itself.png": "circle|Too many levels of symbolic links",
    "outside.png": "leads out of the folder",
    "pipe.png": "a named pipe, not a file",
    "socket.png": "a socket, not a file",
    "sparse.png": "1,099,511,627,776 bytes, more than 536,870,912",
    "up.png": "leads out of the folder",
    "zero.png": "leads out of the folder",
}


def test_every_entry_is_listed_and_refused_with_its_reason(tmp_path: Path) -> None:
    made = list(write_oddities(tmp_path / "files", tmp_path / "outside.png"))
    items = list_items(SourceConfig(kind="folder", path=str(tmp_path / "files")))
    assert len(items) == len(made)
    for item in items:
        item.name.encode()  # can be stored, whatever bytes the file's name has
        kind, _, name = item.name.partition("/")
        if reason := REASONS[name] if kind == "special" else "":
            with pytest.raises(Refused, match=reason):
                read_bytes(item, tmp_path / "files")
        else:
            read_bytes(item, tmp_path / "files")


def test_32_bits_a_pixel_have_no_white() -> None:
    for mode in ("I", "F"):
        with pytest.raises(Refused, match="32 bits a pixel"):
            decode(whole("TIFF", mode), max_pixels=10_000)
