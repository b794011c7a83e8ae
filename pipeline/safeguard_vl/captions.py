"""Captions on disk: one line of JSON a picture, written as soon as it is there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.disk import writing


@dataclass(frozen=True, slots=True)
class Caption:
    """A picture's caption. `unnamed` are the concepts in the picture that it has no word for; `writer` is a
    model's name, or "truth"."""

    picture_id: str
    file: str
    text: str
    unnamed: tuple[str, ...]
    writer: str


def read_captions(file: Path) -> list[Caption]:
    """The captions of a file, in its order; none where there is no file.

    A last line that a kill cut off is left out. Raises ValueError naming any other line that is no caption.
    """
    lines = file.read_bytes().split(b"\n")[:-1] if file.exists() else []
    return [_caption(file, number, line) for number, line in enumerate(lines, start=1)]


def _caption(file: Path, number: int, line: bytes) -> Caption:
    try:
        told = json.loads(line)
        return Caption(**{**told, "unnamed": tuple(told["unnamed"])})
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{file}, line {number} is no caption: {error}; remove the line") from error


@contextmanager
def appending(file: Path) -> Iterator[Callable[[Caption], None]]:
    """Add captions to a file, each on disk before the next; a line that a kill cut off is dropped first."""
    file.parent.mkdir(parents=True, exist_ok=True)
    whole = file.read_bytes().rpartition(b"\n") if file.exists() else (b"", b"", b"")
    with writing(file), file.open("ab") as lines:
        lines.truncate(len(whole[0]) + len(whole[1]))

        def add(caption: Caption) -> None:
            lines.write(json.dumps(asdict(caption), ensure_ascii=False).encode() + b"\n")
            lines.flush()

        yield add
