"""The build's memory: blobs named by their sha256 and an append-only journal of finished items.

A blob is written to a temporary file, synced and renamed; only then is a line about it appended to
the journal. So after a kill at any moment every journal line is true, and a run resumes by skipping
the keys it finds. A journal file has one writer (each process opens its own); readers take the union.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from bench.disk import writing
from bench.staging import sweep, write_atomic

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"


class StoreError(RuntimeError):
    """The store on disk is not what the journal says."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One finished item of one stage: `outputs` name blobs, `value` is the stage's small JSON result."""

    stage: str
    key: str
    status: Literal["ok", "failed"]
    reason: str = ""
    inputs: tuple[str, ...] = ()
    outputs: dict[str, str] = field(default_factory=dict)
    value: dict[str, Json] = field(default_factory=dict)
    params: str = ""  # digest of the stage's parameters
    seconds: float = 0.0


def sha256(data: bytes) -> str:
    """Hex sha256 of `data`."""
    return hashlib.sha256(data).hexdigest()


def canonical(value: object) -> str:
    """The one JSON text of a value: sorted keys, no spaces; dataclasses become objects.

    Raises TypeError for what JSON cannot hold, rather than hashing a repr.
    """
    plain = asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def item_key(stage: str, version: int, params: object, inputs: Sequence[str]) -> str:
    """`sha256(stage, version, parameters, inputs)`: equal keys mean the same result."""
    return sha256(canonical([stage, version, canonical(params), list(inputs)]).encode())


class Store:
    """Blobs and journal under one folder. Safe for several threads and several processes.

    Whatever writes raises DiskError where the disk is full or read-only.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock = threading.Lock()
        self._journal_file: Path | None = None
        with writing(root):
            for name in ("blobs", "journal", "partial"):
                (root / name).mkdir(parents=True, exist_ok=True)

    def put(self, data: bytes) -> str:
        """Store `data`, return its sha256. A blob that is there already is left alone."""
        digest = sha256(data)
        path = self.path(digest)
        if not path.exists():
            with writing(path):
                path.parent.mkdir(exist_ok=True)
            write_atomic(path, data, scratch=self.root / "partial")
        return digest

    def get(self, digest: str) -> bytes:
        """The blob's bytes. Raises StoreError where it is missing or damaged."""
        path = self.path(digest)
        if not path.exists():
            raise StoreError(
                f"blob {digest[:12]} is missing from {self.root}; delete that folder and rebuild"
            )
        data = path.read_bytes()
        if sha256(data) != digest:
            raise StoreError(f"blob {path} is damaged; delete {self.root} and rebuild")
        return data

    def path(self, digest: str) -> Path:
        """Where the blob of that digest lives."""
        return self.root / "blobs" / digest[:2] / digest[2:]

    def append(self, entry: Entry) -> None:
        """Add one line to this process's journal file and sync it to the disk."""
        line = (canonical(entry) + "\n").encode()
        path = self._own_journal()
        with self._lock, writing(path), path.open("ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def entries(self, stage: str | None = None) -> dict[str, Entry]:
        """Journal entries by key, of one stage or all. The last one wins, so a retry replaces a failure."""
        found: dict[str, Entry] = {}
        for entry in self._lines():
            if stage is None or entry.stage == stage:
                found[entry.key] = entry
        return found

    def sweep(self) -> None:
        """Remove half-written blobs that kills have left."""
        sweep(self.root / "partial")

    def _lines(self) -> Iterator[Entry]:
        for file in sorted((self.root / "journal").glob("*.jsonl")):
            # a torn last line was never finished, and may be torn inside a letter
            for line in file.read_bytes().split(b"\n")[:-1]:
                record = json.loads(line)
                record["inputs"] = tuple(record["inputs"])
                yield Entry(**record)

    def _own_journal(self) -> Path:
        if self._journal_file is None:
            self._journal_file = self.root / "journal" / f"{time.time_ns():020d}-{os.getpid()}.jsonl"
        return self._journal_file
