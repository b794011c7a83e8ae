"""The append-only record of a run: one line an image, on disk before the next one is asked.

A run may have several journals, one for each part it was split into. Each has one writer; whoever reads
takes them all together, so it does not matter which of them an answer is in.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from bench.disk import writing
from evaluators.base import Outcome


@dataclass(frozen=True, slots=True)
class Answered:
    """One image's outcomes, one for each of the policies (ids), and the wall time it took in seconds."""

    image_id: str
    policies: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    seconds: float

    @property
    def failed(self) -> bool:
        """Some case could not be asked, so the image is asked again when the run is continued."""
        return any(outcome.status == "error" for outcome in self.outcomes)


@dataclass(frozen=True, slots=True)
class Part:
    """What one process did for a run: its shard, the images it asked, on what, and the guardrail's notes."""

    shard: str
    images: int
    device: str
    notes: Mapping[str, str | float]


class Journal:
    """Opens `path` for appending, under a lock that one process can hold.

    A last line that was cut off by a crash is dropped.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with writing(path):
            self._stream: IO[bytes] = path.open("a+b", buffering=0)
        try:
            lock(self._stream, path)
            self._drop_cut_line()
        except BaseException:
            self._stream.close()
            raise

    def append(self, record: Answered | Part) -> None:
        """Write a line and wait until it is on the disk. DiskError: it is not in the file."""
        line = {"part": asdict(record)} if isinstance(record, Part) else asdict(record)
        data = json.dumps(line, allow_nan=False).encode() + b"\n"
        whole = os.fstat(self._stream.fileno()).st_size
        with writing(self._path):
            try:
                while data:
                    data = data[self._stream.write(data) :]
                os.fsync(self._stream.fileno())
            except OSError:
                self._stream.truncate(whole)  # the next line, if there is one, must not follow half of this
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    def _drop_cut_line(self) -> None:
        self._stream.seek(0)
        written = self._stream.read()
        self._stream.truncate(written.rfind(b"\n") + 1)


@dataclass(frozen=True, slots=True)
class Record:
    """Everything that a run's journals hold of one kind: answers by image id, and the parts in order."""

    answered: Mapping[str, Answered]
    parts: tuple[Part, ...]


def journals(folder: Path, stem: str) -> list[Path]:
    """The journals of all shards in `folder`, whatever the run was split into, by file name."""
    return sorted(path for path in folder.glob(f"{stem}*.jsonl") if path.stem.split("-")[0] == stem)


def read_journals(folder: Path, stem: str) -> Record:
    """The journals in `folder` as one, also while others write them.

    Of a case that was asked twice an answer counts rather than a failure, and the later one of equals.
    A last line that was cut off is passed over; any other that cannot be read is a ValueError.
    """
    lines = [record for path in journals(folder, stem) for record in _read(path)]
    answered: dict[str, Answered] = {}
    for line in lines:
        if isinstance(line, Answered):
            answered[line.image_id] = _merged(answered.get(line.image_id), line)
    return Record(answered, tuple(line for line in lines if isinstance(line, Part)))


def _merged(before: Answered | None, after: Answered) -> Answered:
    if before is None or before.policies != after.policies or not after.failed:
        return after
    pairs = zip(before.outcomes, after.outcomes, strict=True)
    return replace(after, outcomes=tuple(b if a.status == "error" else a for b, a in pairs))


def lock(stream: IO[bytes], path: Path) -> None:
    """Hold the file alone until it is closed; ValueError where another process holds it."""
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        message = f"another evaluation is writing {path}; wait, take another --shard, or use another --out"
        raise ValueError(message) from None


def _read(path: Path) -> Iterable[Answered | Part]:
    written = path.read_bytes()
    lines = written[: written.rfind(b"\n") + 1].splitlines()
    return [_parse(line, f"{path}:{number}") for number, line in enumerate(lines, start=1)]


def _parse(line: bytes, place: str) -> Answered | Part:
    try:
        record = json.loads(line)
        if "part" in record:
            return Part(**record["part"])
        outcomes = tuple(Outcome(**outcome) for outcome in record["outcomes"])
        return Answered(record["image_id"], tuple(record["policies"]), outcomes, record["seconds"])
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{place} is not a line of a run ({error!r}); start over with --fresh") from error
