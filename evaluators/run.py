"""A run's folder: what is in it, whose it is, and how a finished one is written and read.

`key.json` says what the answers depend on; `rows*.jsonl` and `audit*.jsonl` are the journals, one a shard;
once the run is through there are `results.parquet`, one row a case, and `run.json`, what the run was.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.metadata
import json
import os
import platform
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bench.disk import writing
from bench.results import ResultRow, read_results, write_results
from bench.run_folder import RESULTS, RUN
from bench.staging import sha256_file, sweep, write_atomic
from evaluators.audit import Audited
from evaluators.journal import Part, journals, lock
from evaluators.questions import Choice

KEY, ROWS, ALONE = "key.json", "rows", "audit"
PACKAGES = ("safeeditbench", "numpy", "pillow", "pyarrow", "torch", "transformers", "onnxruntime")


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens over all cases: `prompt` of which `shared` were not computed again, and `written` ones."""

    prompt: int
    shared: int
    written: int

    @property
    def reuse_ratio(self) -> float:
        """The share of the prompts' tokens that sharing saved, in [0, 1]."""
        return self.shared / self.prompt if self.prompt else 0.0


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What a run was.

    `key` is what its answers depend on, `benchmark` the digest of the set its labels are from, `noise` the
    margin in nats below which a verdict is fragile, `seconds` the wall time of all its parts together, and
    `results_sha256` the digest of its table.
    """

    guardrail: str
    device: str
    key: Mapping[str, str]
    benchmark: str
    choice: Choice
    policies: tuple[str, ...]
    images: int
    images_in_benchmark: int
    cases: int
    outcomes: Mapping[str, int]
    fragile: int
    noise: float
    audit: Audited | None
    tokens: Tokens
    reuse_ratio: float
    seconds: float
    parts: tuple[Part, ...]
    versions: Mapping[str, str]
    results_sha256: str = ""


@dataclass(frozen=True, slots=True)
class RunResult:
    """A finished run: its folder, what it was, and its rows in the order of images and policies."""

    out: Path
    info: RunInfo
    rows: tuple[ResultRow, ...]


def claim(out: Path, key: Mapping[str, str], *, started: bool) -> None:
    """Write the run's key, or hold it against the one that is there; ValueError names what differs.

    `started` tells that a journal has lines, which without a key could be anybody's.
    """
    with held(out):
        sweep(out)
        if (out / KEY).exists():
            _compare(out, read_key(out), key)
        elif started:
            raise ValueError(
                f"{out} holds rows of a run but no {KEY}; use another --out, or --fresh to discard them"
            )
        else:
            _write(out / KEY, key)


def read_key(out: Path) -> dict[str, str]:
    """What the answers in the folder depend on, by name."""
    return {str(name): str(value) for name, value in json.loads((out / KEY).read_text()).items()}


def differing(found: Mapping[str, str], key: Mapping[str, str]) -> str:
    """What is not the same in two keys, in words; "" where they are equal."""
    return "; ".join(
        f"{name} was {_short(found.get(name))}, is {_short(key.get(name))}"
        for name in sorted({*found, *key})
        if found.get(name) != key.get(name)
    )


def _compare(out: Path, found: Mapping[str, str], key: Mapping[str, str]) -> None:
    if told := differing(found, key):
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
    """Drop everything of an earlier run. ValueError where a process is still writing it."""
    with contextlib.ExitStack() as held:
        found = [*journals(out, ROWS), *journals(out, ALONE)]
        for path in found:
            lock(held.enter_context(path.open("rb")), path)
        for path in [*(out / name for name in (RUN, RESULTS)), *found, out / KEY]:
            path.unlink(missing_ok=True)


def save_run(out: Path, info: RunInfo, rows: tuple[ResultRow, ...]) -> RunResult:
    """Write a finished run; `run.json` comes last, so that it is there only beside whole results."""
    part = out / f"{RESULTS}.part"
    with held(out), writing(part):
        write_results(part, rows)
        info = replace(info, results_sha256=sha256_file(part))
        part.replace(out / RESULTS)
        _write(out / RUN, asdict(info))
    return RunResult(out, info, rows)


def load_run(out: Path) -> RunResult:
    """Read a finished run. ValueError where `out` is none, or is not through yet."""
    if not (out / RUN).is_file():
        if journals(out, ROWS):
            raise ValueError(f"the run in {out} was not finished; evaluate with the same --out to go on")
        raise ValueError(f"{out} is no run; give the folder that evaluate wrote as --out")
    return RunResult(out, read_info(out), read_results(out / RESULTS))


def read_info(out: Path) -> RunInfo:
    """What `run.json` tells. ValueError where another version wrote it."""
    record = json.loads((out / RUN).read_text())
    try:
        choice, audit = record.pop("choice"), record.pop("audit")
        return RunInfo(
            **{
                **record,
                "choice": Choice(**{**choice, "policies": tuple(choice["policies"])}),
                "policies": tuple(record["policies"]),
                "audit": Audited(**audit) if audit else None,
                "tokens": Tokens(**record["tokens"]),
                "parts": tuple(Part(**part) for part in record["parts"]),
            }
        )
    except (KeyError, TypeError) as error:
        raise ValueError(
            f"{out / RUN} was written by another version ({error}); evaluate again with the same --out"
        ) from error


def versions() -> dict[str, str]:
    """Python and the packages that can change a number, as far as they are installed."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[package] = importlib.metadata.version(package)
    return found


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Wait until no other process is in such a block for the folder: shards may begin and end together."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _write(path: Path, record: Mapping[str, object]) -> None:
    """Write JSON so that a crash leaves the old file or the new one."""
    write_atomic(path, json.dumps(record, indent=1).encode())
