"""Read finished runs for the report: the rows of `results.parquet` and what `run.json` tells of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.results import ResultRow, read_results
from bench.scores import Scores, score

RESULTS = "results.parquet"
RUN = "run.json"


@dataclass(frozen=True, slots=True)
class Run:
    """A run: its rows, their scores, and what else to tell of it, such as ("device", "cpu")."""

    name: str
    rows: tuple[ResultRow, ...]
    scores: Scores
    about: tuple[tuple[str, str], ...] = ()


def read_runs(folders: Sequence[Path]) -> tuple[Run, ...]:
    """The runs of `folders`, in order. Runs of one model are told apart by their folders' names.

    Raises:
        ValueError: a folder holds no finished run.
    """
    runs = [read_run(folder) for folder in folders]
    times = Counter(run.name for run in runs)
    return tuple(
        _renamed(run, f"{run.name} ({folder.name})") if times[run.name] > 1 else run
        for run, folder in zip(runs, folders, strict=True)
    )


def read_run(folder: Path) -> Run:
    """One finished run, scored anew from its rows.

    Raises:
        ValueError: `folder` holds no finished run, or nothing in it can be scored.
    """
    if not (folder / RUN).is_file() or not (folder / RESULTS).is_file():
        raise ValueError(
            f"{folder} holds no finished run; `safeeditbench evaluate MODEL --out {folder}` makes one"
        )
    told = json.loads((folder / RUN).read_text(encoding="utf-8"))
    rows, name = read_results(folder / RESULTS), str(told.get("guardrail", folder.name))
    return Run(name, rows, score(rows, name=name), about(told))


def about(told: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """The lines of a run's record that the page prints: everything but what its rows say themselves."""
    lines: list[tuple[str, str]] = []
    for key, value in told.items():
        if key == "key" and isinstance(value, dict):
            lines += [(str(part), str(text)) for part, text in value.items()]
        elif key == "versions" and isinstance(value, dict):
            lines.append((key, ", ".join(f"{name} {version}" for name, version in value.items())))
        elif isinstance(value, str | int | float):
            lines.append((key.replace("_", " "), str(value)))
    return tuple(lines)


def _renamed(run: Run, name: str) -> Run:
    return replace(run, name=name, scores=replace(run.scores, name=name))
