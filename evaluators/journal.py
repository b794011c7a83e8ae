"""The append-only record of a run: one line an image, on disk before the next one is asked."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from evaluators.base import Outcome


@dataclass(frozen=True, slots=True)
class Answered:
    """One image's outcomes, in the order of the run's policies, and the wall time it took in seconds."""

    image_id: str
    outcomes: tuple[Outcome, ...]
    seconds: float

    @property
    def failed(self) -> bool:
        """Some case could not be asked, so the image is asked again when the run is continued."""
        return any(outcome.status == "error" for outcome in self.outcomes)


class Journal:
    """Opens `path` for appending, under a lock that one process can hold.

    `answered` maps image ids to what was read back; of an image that was asked twice the later line counts.
    A last line that was cut off by a crash is dropped, and with `empty` all lines are; any other line that
    cannot be read is a ValueError.
    """

    def __init__(self, path: Path, *, empty: bool = False) -> None:
        self._stream: IO[bytes] = path.open("a+b")
        try:
            self._lock(path)
            if empty:
                self._stream.truncate(0)
            self._drop_cut_line()
            self.answered = {answered.image_id: answered for answered in self._read(path)}
        except BaseException:
            self._stream.close()
            raise

    def append(self, answered: Answered) -> None:
        """Write a line and wait until it is on the disk."""
        self._stream.write(json.dumps(asdict(answered), allow_nan=False).encode() + b"\n")
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self.answered[answered.image_id] = answered

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    def _lock(self, path: Path) -> None:
        try:
            fcntl.flock(self._stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"another evaluation is writing to {path.parent}; wait, or use another --out"
            raise ValueError(message) from None

    def _drop_cut_line(self) -> None:
        self._stream.seek(0)
        written = self._stream.read()
        self._stream.truncate(written.rfind(b"\n") + 1)

    def _read(self, path: Path) -> Sequence[Answered]:
        self._stream.seek(0)
        lines = self._stream.read().splitlines()
        return [_parse(line, f"{path}:{number}") for number, line in enumerate(lines, start=1)]


def _parse(line: bytes, place: str) -> Answered:
    try:
        record = json.loads(line)
        outcomes = tuple(Outcome(**outcome) for outcome in record["outcomes"])
        return Answered(record["image_id"], outcomes, record["seconds"])
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{place} is not a line of a run ({error}); start over with --fresh") from error
