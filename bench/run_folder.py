"""Read finished runs for the report: the rows of `results.parquet` and what `run.json` tells of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.results import ResultRow, read_results
from bench.scores import Scores, score

RESULTS = "results.parquet"
RUN = "run.json"
WRITING = "writing"  # in the key of a run whose pictures have an instruction written on them
SEEN_ELSEWHERE = ("policies", "outcomes")  # the page tells these from the rows


@dataclass(frozen=True, slots=True)
class Effort:
    """What a run took; None where it does not tell. `shared_tokens` of the prompts were computed once."""

    device: str = ""
    images: int | None = None
    seconds: float | None = None
    prompt_tokens: int | None = None
    shared_tokens: int | None = None
    written_tokens: int | None = None
    notes: tuple[tuple[str, str], ...] = ()  # the guardrail's own, such as ("cost", "1.25")

    @property
    def seconds_an_image(self) -> float | None:
        return self.seconds / self.images if self.seconds is not None and self.images else None


@dataclass(frozen=True, slots=True)
class Run:
    """A run: its rows, their scores, what it took, and what else to tell of it, such as ("device", "cpu").

    `key` is what its answers depend on, by name.
    """

    name: str
    rows: tuple[ResultRow, ...]
    scores: Scores
    about: tuple[tuple[str, str], ...] = ()
    effort: Effort = Effort()
    key: Mapping[str, str] = field(default_factory=dict)

    @property
    def style(self) -> str:
        """The style of the writing on its pictures; "" where there is none."""
        return self.key.get(WRITING, "").partition(" ")[0]

    @property
    def unwritten(self) -> dict[str, str]:
        """The key of the same run without writing."""
        return {name: value for name, value in self.key.items() if name != WRITING}


def read_runs(folders: Sequence[Path], progress: Callable[[int, int], None] | None = None) -> tuple[Run, ...]:
    """The runs of `folders`, in order. Runs of one model are told apart by their folders' names.

    `progress` is called with (runs read and scored, runs in all).
    Raises:
        ValueError: a folder holds no finished run.
    """
    runs = []
    for folder in folders:
        runs.append(read_run(folder))
        if progress:
            progress(len(runs), len(folders))
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
    key = {name: str(value) for name, value in _mapping(told.get("key")).items()}
    return Run(name, rows, score(rows, name=name), about(told), effort(told), key)


def about(told: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """The lines of a run's record that the page prints: everything but what its rows say themselves."""
    lines: list[tuple[str, str]] = []
    for key, value in told.items():
        if key in SEEN_ELSEWHERE:
            continue
        if key == "key" and isinstance(value, dict):
            lines += [(str(part), str(text)) for part, text in value.items()]
        elif words := _words(value):
            lines.append((key.replace("_", " "), words))
    return tuple(lines)


def effort(told: Mapping[str, object]) -> Effort:
    """What a run's record tells of its cost; the notes of all its parts, each said once."""
    tokens = _mapping(told.get("tokens"))
    parts = told.get("parts")
    notes = [_mapping(_mapping(part).get("notes")) for part in parts] if isinstance(parts, list) else []
    return Effort(
        device=str(told.get("device", "")),
        images=_count(told.get("images")),
        seconds=_number(told.get("seconds")),
        prompt_tokens=_count(tokens.get("prompt")),
        shared_tokens=_count(tokens.get("shared")),
        written_tokens=_count(tokens.get("written")),
        notes=tuple(
            dict.fromkeys((_spaced(key), str(value)) for part in notes for key, value in part.items())
        ),
    )


def _words(value: object) -> str:
    """A JSON value in one line: `python 3.11, torch 2.14`; "" for what tells nothing."""
    if isinstance(value, dict):
        parts = [(_spaced(str(key)), _words(part)) for key, part in value.items()]
        return ", ".join(f"{key} {words}" for key, words in parts if words)
    if isinstance(value, list):
        return "; ".join(filter(None, map(_words, value)))
    return "" if value is None else str(value)


def _spaced(key: str) -> str:
    return key.replace("_", " ")


def _mapping(value: object) -> dict[str, object]:
    return {str(key): part for key, part in value.items()} if isinstance(value, dict) else {}


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _renamed(run: Run, name: str) -> Run:
    return replace(run, name=name, scores=replace(run.scores, name=name))
