"""Ingest a folder in child processes, and tell what became of every file even where it kills the child."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

LIMIT = 10.0  # seconds of processor time a file
WAITING = 120.0  # seconds in all: the machine may have other things to do


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a file: accepted, refused, crashed or hung."""

    name: str
    status: str
    reason: str
    cpu: float = 0.0
    peak_mib: int = 0

    @property
    def kind(self) -> str:
        return self.name.partition("/")[0]


def ingest(folder: Path, scratch: Path) -> list[Fate]:
    """The fate of every file below `folder`, whose subfolders are the kinds.

    A child that dies is a crash of the file it was at, one that takes too long over a file hangs; the next
    child goes on behind that file.
    """
    fates: list[Fate] = []
    total = 1
    while len(fates) < total:
        found, total = _child(folder, scratch / f"out-{len(fates)}", len(fates))
        if not found:
            raise RuntimeError(f"the child at {folder} ended before its first file")
        fates += found
    return fates


def _child(folder: Path, out: Path, start: int) -> tuple[list[Fate], int]:
    """The fates that one child tells, a last one for the file that ended it, and how many files there are."""
    command = [sys.executable, "-m", "tests.hostile.ingest_child", str(folder), str(out), str(start)]
    told, at, total, hung = list[Fate](), "", 0, False
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1"}
    ) as child:
        lines = _lines(child)
        while (line := _next(lines, child)) and not hung:
            record = json.loads(line)
            if "at" in record:
                at, total = record["name"], record["of"]
            else:
                told.append(_fate(at, record))
                at = ""
        if hung := line is None:
            child.kill()
    if at:
        status = "hung" if hung else "crashed"
        told.append(Fate(at, status, f"the child ended with {child.returncode}"))
    return told, total


def _lines(child: subprocess.Popen[bytes]) -> SimpleQueue[bytes]:
    """The child's lines as they come, b"" after the last."""
    queue: SimpleQueue[bytes] = SimpleQueue()

    def read() -> None:
        assert child.stdout
        for line in child.stdout:
            queue.put(line)
        queue.put(b"")

    threading.Thread(target=read, daemon=True).start()
    return queue


def _next(lines: SimpleQueue[bytes], child: subprocess.Popen[bytes]) -> bytes | None:
    """The next line, b"" at the end, None where it does not come in time."""
    start, used = time.monotonic(), _cpu(child.pid)
    while _cpu(child.pid) - used < LIMIT and time.monotonic() - start < WAITING:
        try:
            return lines.get(timeout=1.0)
        except Empty:
            continue
    return None


def _cpu(pid: int) -> float:
    """Seconds of processor time that a process of ours has taken; 0 where it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _fate(name: str, record: dict[str, object]) -> Fate:
    cpu, peak = float(str(record["cpu"])), int(str(record["peak_mib"]))
    return Fate(name, "hung" if cpu > LIMIT else str(record["status"]), str(record["reason"]), cpu, peak)
