"""Ways to break a picture's bytes. Each takes a file and a die, and gives the broken file."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Mapping

MARK = b"<script>alert('safeeditbench')</script>"  # must be in nothing that a build stores

Mutation = Callable[[bytes, random.Random], bytes]


def truncated(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(len(data))]


def flipped(data: bytes, dice: random.Random) -> bytes:
    """One to 32 bytes changed, half of them in the first 200, where the headers are."""
    broken = bytearray(data)
    for _ in range(dice.choice((1, 2, 8, 32))):
        most = min(200, len(broken)) if dice.random() < 0.5 else len(broken)
        broken[dice.randrange(most)] = dice.randrange(256)
    return bytes(broken)


def wrong_magic(data: bytes, dice: random.Random) -> bytes:
    magics = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\0\0\0\0WEBP", b"II*\0", b"BM")
    magic = dice.choice(magics)
    return magic + data[len(magic) :]


def extreme_numbers(data: bytes, dice: random.Random) -> bytes:
    """Two or four bytes of the header as the numbers that break arithmetic."""
    number = dice.choice((0, 1, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 65_500))
    form = dice.choice(("<I", ">I", "<H", ">H"))
    packed = struct.pack(form, number & (0xFFFF if form[1] == "H" else 0xFFFFFFFF))
    at = dice.randrange(max(1, min(120, len(data) - len(packed))))
    return data[:at] + packed + data[at + len(packed) :]


def spliced(data: bytes, dice: random.Random) -> bytes:
    """A piece twice, taken out, or random bytes in its place."""
    start, end = sorted(dice.randrange(len(data)) for _ in range(2))
    middle = dice.choice((data[start:end] * 2, b"", dice.randbytes(dice.randrange(1, 5000))))
    return data[:start] + middle + data[end:]


def polyglot(data: bytes, dice: random.Random) -> bytes:
    """A picture that is a zip, a page or a PDF as well."""
    archive = b"PK\x03\x04" + MARK + b"PK\x05\x06" + bytes(18)
    return data + dice.choice((archive, b"<html>" + MARK, b"%PDF-1.7\n" + MARK + b"\n%%EOF"))


MUTATIONS: Mapping[str, Mutation] = {
    "truncated": truncated,
    "flipped": flipped,
    "wrong-magic": wrong_magic,
    "extreme-numbers": extreme_numbers,
    "spliced": spliced,
    "polyglot": polyglot,
}
