"""Small files that unpack to much: what a limit on pixels and Pillow's own limits have to stop."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Mapping

from PIL import Image

MIB = 2**20
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by PNG's number for the kind of colour


def chunk(kind: bytes, data: bytes) -> bytes:
    """A PNG chunk with a right checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(
    width: int, height: int, *, depth: int = 1, colour: int = 0, extra: bytes = b"", rows: int = 0
) -> bytes:
    """A black PNG that claims `width` x `height` and holds `rows` rows (0: as many as it claims)."""
    line = bytes(1 + (width * depth * CHANNELS[colour] + 7) // 8)
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(line) for _ in range(rows or height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + body


def zeros(size: int) -> bytes:
    return zlib.compress(bytes(size), 9)


def text() -> bytes:
    """A comment that unpacks to 64 MiB."""
    return png(32, 32, extra=chunk(b"zTXt", b"Comment\0\0" + zeros(64 * MIB)))


def texts() -> bytes:
    """200 comments of just under a mebibyte each."""
    return png(32, 32, extra=chunk(b"zTXt", b"Comment\0\0" + zeros(MIB - 1)) * 200)


def profile() -> bytes:
    """A colour profile that unpacks to 256 MiB."""
    return png(32, 32, extra=chunk(b"iCCP", b"p\0\0" + zeros(256 * MIB)))


def picture() -> bytes:
    """Four billion pixels by its header, a few kilobytes of them there."""
    return png(65_000, 65_000, rows=400)


def rows() -> bytes:
    """32 x 32 by its header, and 100 MiB of rows."""
    return png(32, 32, rows=20 * MIB)


def limit() -> bytes:
    """Exactly as many pixels as a build takes."""
    return png(8_000, 8_000)


def limit_transparent() -> bytes:
    return png(8_000, 8_000, depth=8, colour=6)


def limit_16() -> bytes:
    return png(8_000, 8_000, depth=16)


def tiff() -> bytes:
    """3.6 billion pixels by its tags, deflated into one strip of a kilobyte."""
    strip, side = zeros(MIB), 60_000
    entries = (
        (256, 4, side), (257, 4, side), (258, 3, 8), (259, 3, 8), (262, 3, 1),
        (273, 4, 8), (277, 3, 1), (278, 4, side), (279, 4, len(strip)),
    )  # fmt: skip
    tags = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    head = b"II*\0" + struct.pack("<I", 8 + len(strip)) + strip
    return head + struct.pack("<H", len(entries)) + tags + bytes(4)


def tiff_pages() -> bytes:
    """A good page, and twenty thousand more of a few bytes each."""
    buffer = io.BytesIO()
    Image.new("L", (32, 32)).save(buffer, "TIFF")
    first = buffer.getvalue()
    (directory,) = struct.unpack("<I", first[4:8])
    (entries,) = struct.unpack("<H", first[directory : directory + 2])
    following = directory + 2 + 12 * entries
    page = struct.pack("<HHHII", 1, 256, 3, 1, 32)
    size, start = len(page) + 4, len(first)
    chain = b"".join(page + struct.pack("<I", start + size * (n + 1)) for n in range(20_000))
    return first[:following] + struct.pack("<I", start) + first[following + 4 :] + chain + bytes(size)


def webp() -> bytes:
    """A lossless WebP whose header says 16,384 x 16,384, the largest there can be."""
    buffer = io.BytesIO()
    Image.new("RGB", (4_000, 4_000)).save(buffer, "WEBP", lossless=True)
    data = bytearray(buffer.getvalue())
    (sizes,) = struct.unpack("<I", data[21:25])
    data[21:25] = struct.pack("<I", sizes | 0x0FFFFFFF)
    return bytes(data)


def gif_frames() -> bytes:
    """Five thousand frames."""
    frames = [Image.new("P", (32, 32), number % 2) for number in range(5_000)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=[10] * 5_000, disposal=2)
    return buffer.getvalue()


def exif() -> bytes:
    """An EXIF block of four thousand entries that all point back at it."""
    entries = b"\x87\x69\0\x04\0\0\0\x01\0\0\0\x08" * 4_000
    return png(32, 32, extra=chunk(b"eXIf", b"MM\0*\0\0\0\x08\x0f\xa0" + entries))


BOMBS: Mapping[str, Callable[[], bytes]] = {
    "text.png": text,
    "texts.png": texts,
    "profile.png": profile,
    "picture.png": picture,
    "rows.png": rows,
    "limit.png": limit,
    "limit-transparent.png": limit_transparent,
    "limit-16.png": limit_16,
    "picture.tif": tiff,
    "pages.tif": tiff_pages,
    "picture.webp": webp,
    "frames.gif": gif_frames,
    "exif.png": exif,
}
SMALL_BOMBS = ("text.png", "picture.png", "picture.tif", "pages.tif", "exif.png")
