"""A folder of hostile files, one subfolder a kind: every format Pillow writes here, broken in every way."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from tests.hostile.bombs import BOMBS
from tests.hostile.mutations import MARK, MUTATIONS
from tests.hostile.special_files import write_names, write_special

MODES = ("1", "L", "P", "RGB", "RGBA", "LA", "PA", "CMYK", "YCbCr", "LAB", "HSV", "I", "I;16", "F")
READABLE = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF")  # what a build reads
ANIMATED = ("PNG", "GIF", "WEBP", "TIFF", "AVIF", "MPO")
SIZE = (48, 40)


def formats() -> list[str]:
    """All formats that Pillow writes here."""
    Image.init()
    return sorted(Image.SAVE)


@cache
def whole(format: str, mode: str = "RGB", number: int = 0) -> bytes:
    """A good picture in a format and mode; b"" where the format has no such mode."""
    buffer = io.BytesIO()
    try:
        noise(mode, number).save(buffer, format)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return b""
    return buffer.getvalue()


@cache
def seeds() -> tuple[tuple[str, bytes], ...]:
    """One good file a format, in the first mode that it takes."""
    found = [
        (one, next(filter(None, (whole(one, m) for m in ("RGB", "L", "1", "F"))), b"")) for one in formats()
    ]
    return tuple((format, data) for format, data in found if data)


def write_mutated(root: Path, count: int, dice: random.Random) -> Iterator[Path]:
    """`count` broken files, the ways in turn; three in four of formats that a build reads."""
    known = [seed for seed in seeds() if seed[0] in READABLE]
    ways = [*MUTATIONS.items(), ("wrong-extension", lambda data, _: data)]
    for number in range(count):
        kind, mutate = ways[number % len(ways)]
        format, data = dice.choice(known if dice.random() < 0.75 else seeds())
        extension = dice.choice(READABLE) if kind == "wrong-extension" else format
        yield _write(root / kind / f"{number:06d}.{extension.lower()}", mutate(data, dice))


def write_modes(root: Path) -> Iterator[Path]:
    """Every mode in every format that takes it."""
    for format in formats():
        for mode in MODES:
            if data := whole(format, mode):
                yield _write(root / "modes" / f"{mode.replace(';', '-')}.{format.lower()}", data)


def write_metadata(root: Path, count: int, dice: random.Random) -> Iterator[Path]:
    """Good pictures with broken EXIF, colour profiles and XMP, each with half the chance."""
    for number in range(count):
        format = dice.choice(("PNG", "JPEG", "WEBP"))
        junk = dice.choice((b"", b"MM\0*", b"Exif\0\0II*\0", b"ICC")) + dice.randbytes(dice.randrange(1, 400))
        broken = {"exif": b"Exif\0\0" + junk, "icc_profile": junk, "xmp": MARK + junk}
        chosen = {name: value for name, value in broken.items() if dice.random() < 0.5}
        buffer = io.BytesIO()
        noise("RGB", number).save(buffer, format, **chosen)
        yield _write(root / "metadata" / f"{number:06d}.{format.lower()}", buffer.getvalue())


def write_animated(root: Path) -> Iterator[Path]:
    frames = [noise("RGB", number) for number in range(3)]
    for format in ANIMATED:
        buffer = io.BytesIO()
        frames[0].save(buffer, format, save_all=True, append_images=frames[1:])
        yield _write(root / "animated" / f"three.{format.lower()}", buffer.getvalue())


def write_bombs(root: Path, names: Sequence[str]) -> Iterator[Path]:
    for name in names:
        yield _write(root / "bombs" / name, BOMBS[name]())


def write_oddities(root: Path, outside: Path) -> Iterator[Path]:
    """Special files and names; `outside` is written too, and lies where no link may lead."""
    outside.write_bytes(whole("PNG", "RGB", 1))
    for kind in ("special", "names"):
        (root / kind).mkdir(parents=True, exist_ok=True)
    yield from write_special(root / "special", whole("PNG", "RGB", 2), outside)
    yield from write_names(root / "names", whole("PNG", "RGB", 3))


def noise(mode: str, number: int) -> Image.Image:
    """A picture of random pixels; in mode P one of its colours is transparent."""
    rng = np.random.default_rng(number)
    if mode == "I;16":
        return Image.fromarray(rng.integers(0, 65536, SIZE[::-1], np.uint16))
    if mode in ("LAB", "PA"):  # nothing converts to these
        bands = len(Image.new(mode, (1, 1)).getbands())
        return Image.frombytes(mode, SIZE, rng.bytes(SIZE[0] * SIZE[1] * bands))
    pixels = Image.fromarray(rng.integers(0, 256, (*SIZE[::-1], 4), np.uint8))
    picture = pixels if mode in ("RGBA", "LA") else pixels.convert("RGB")
    if mode != "P":
        return picture.convert(mode)
    palette = picture.convert("P")
    palette.info["transparency"] = 0
    return palette


def _write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
