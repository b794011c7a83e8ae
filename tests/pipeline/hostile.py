"""A folder of the files people really have: broken, huge, odd, doubled, turned."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image


def hostile_folder(root: Path) -> Path:
    """Write every kind of troublesome file into `root`, and three good ones."""
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8))
    picture.save(root / "good.png")
    picture.save(root / "twin.png", compress_level=0)  # other bytes, same pixels
    picture.save(root / "truncated.jpg", quality=95)
    whole = (root / "truncated.jpg").read_bytes()
    (root / "truncated.jpg").write_bytes(whole[: len(whole) // 2])
    (root / "empty.png").write_bytes(b"")
    (root / "text.png").write_text("this is not a picture")
    (root / "huge.png").write_bytes(blank_png(20_000, 20_000))
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "green", "blue")]
    frames[0].save(root / "animated.gif", save_all=True, append_images=frames[1:])
    Image.new("CMYK", (96, 64), (0, 255, 255, 0)).save(root / "cmyk.jpg")
    ramp = np.linspace(0, 65535, 96).astype(np.uint16)
    Image.fromarray(np.tile(ramp, (64, 1))).save(root / "sixteen.png")
    red_left = Image.new("RGB", (96, 64), "blue")
    red_left.paste("red", (0, 0, 48, 64))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter clockwise: the left side comes up
    red_left.save(root / "rotated.jpg", exif=exif, quality=95)
    Image.new("RGB", (8, 8)).save(root / "tiny.png")
    return root


def blank_png(width: int, height: int) -> bytes:
    """A valid 1-bit PNG of that size, a few hundred kilobytes whatever it claims to be."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(bytes(height * (1 + (width + 7) // 8)), 9)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
