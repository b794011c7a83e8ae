"""A run's folder: what is in it, whose it is, and how a finished one is written and read.

`key.json` says what the answers depend on, `rows.jsonl` is the journal; once the run is through there are
`results.parquet`, one row a case, and `run.json`, what the run was.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.results import ResultRow, read_results, write_results
from bench.run_folder import RESULTS, RUN

KEY, ROWS = "key.json", "rows.jsonl"
PACKAGES = ("safeeditbench", "numpy", "pillow", "pyarrow", "torch", "transformers")


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What a run was. `key` is what its answers depend on; `seconds` the wall time over all its parts."""

    guardrail: str
    device: str
    key: Mapping[str, str]
    policies: tuple[str, ...]
    images: int
    images_in_benchmark: int
    cases: int
    outcomes: Mapping[str, int]
    seconds: float
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RunResult:
    """A finished run: its folder, what it was, and its rows in the order of images and policies."""

    out: Path
    info: RunInfo
    rows: tuple[ResultRow, ...]


def claim(out: Path, key: Mapping[str, str], *, started: bool) -> None:
    """Write the run's key, or hold it against the one that is there; ValueError names what differs.

    `started` tells that the journal has lines, which without a key could be anybody's.
    """
    path = out / KEY
    if path.exists():
        _compare(out, json.loads(path.read_text()), key)
    elif started:
        raise ValueError(
            f"{out} holds rows of a run but no {KEY}; use another --out, or --fresh to discard them"
        )
    else:
        _write(path, key)


def _compare(out: Path, found: Mapping[str, str], key: Mapping[str, str]) -> None:
    differing = [
        f"{name} was {_short(found.get(name))}, is {_short(key.get(name))}"
        for name in sorted({*found, *key})
        if found.get(name) != key.get(name)
    ]
    if differing:
        told = "; ".join(differing)
        raise ValueError(
            f"{out} holds a run that differs ({told}); use another --out, or --fresh to discard it"
        )


def _short(value: str | None) -> str:
    if value is None:
        return "absent"
    return value if len(value) <= 40 else f"{value[:37]}..."


def reopen(out: Path) -> None:
    """Take back what says that the run is through, until it is through again."""
    (out / RUN).unlink(missing_ok=True)


def discard(out: Path) -> None:
    """Drop an earlier run's key and results."""
    for name in (KEY, RUN, RESULTS):
        (out / name).unlink(missing_ok=True)


def save_run(out: Path, info: RunInfo, rows: tuple[ResultRow, ...]) -> RunResult:
    """Write a finished run; `run.json` comes last, so that it is there only beside whole results."""
    part = out / f"{RESULTS}.part"
    write_results(part, rows)
    part.replace(out / RESULTS)
    _write(out / RUN, asdict(info))
    return RunResult(out, info, rows)


def load_run(out: Path) -> RunResult:
    """Read a finished run. ValueError where `out` is none, or is not through yet."""
    if not (out / RUN).is_file():
        if (out / ROWS).is_file():
            raise ValueError(f"the run in {out} was not finished; evaluate with the same --out to go on")
        raise ValueError(f"{out} is no run; give the folder that evaluate wrote as --out")
    record = json.loads((out / RUN).read_text())
    info = RunInfo(**{**record, "policies": tuple(record["policies"])})
    return RunResult(out, info, read_results(out / RESULTS))


def versions() -> dict[str, str]:
    """Python and the packages that can change a number, as far as they are installed."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[package] = importlib.metadata.version(package)
    return found


def _write(path: Path, record: Mapping[str, object]) -> None:
    """Write JSON so that a crash leaves the old file or the new one."""
    part = path.with_name(f"{path.name}.part")
    with part.open("w") as stream:
        json.dump(record, stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)
