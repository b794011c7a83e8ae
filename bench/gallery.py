"""Cards of pairs for the report: pictures side by side, settled labels beside the models' answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bench.dataset import Benchmark
from bench.results import ResultRow
from bench.schema import LABELS, ROLES, Label, Role
from bench.thumbnails import data_uri

TEXT = 160  # characters of a model's answer that are shown

Mark = Literal["right", "wrong", "unreadable", "unscored"]
Cases = Mapping[tuple[str, str], ResultRow]  # by (image, policy)


@dataclass(frozen=True, slots=True)
class Answer:
    """A model's answer to one case. `tip` is shown on hover."""

    status: str
    mark: Mark
    tip: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One (picture, policy): the settled label, and an answer a run (None where it was not asked)."""

    policy_id: str
    gold: Label | None
    answers: tuple[Answer | None, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    role: Role
    uri: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A card. The last three have an entry a run."""

    pair_id: str
    shows: str
    pictures: tuple[Picture, ...]
    wrong: tuple[int, ...]  # cases not answered right
    flip_missed: tuple[bool, ...]  # some policy tells the two sides apart and the model did not
    fooled: tuple[bool, ...]  # right on the original, wrong on its control


def gallery(runs: Sequence[Sequence[ResultRow]], benchmark: Benchmark, limit: int) -> tuple[Pair, ...]:
    """At most `limit` pairs; those with the most failures of the first run come first, then of all runs."""
    cases = [{(row.image_id, row.policy_id): row for row in rows} for rows in runs]
    failures = [failures_by_pair(rows) for rows in runs]
    worst = sorted(
        {pair for count in failures for pair in count},
        key=lambda pair: (-failures[0].get(pair, 0), -sum(count.get(pair, 0) for count in failures), pair),
    )
    members = _members(benchmark)
    return tuple(_pair(pair, members[pair], benchmark, cases) for pair in worst[:limit])


def failures_by_pair(rows: Sequence[ResultRow]) -> dict[str, int]:
    """For each pair that was asked, the cases that were not answered right."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.pair_id] = counts.get(row.pair_id, 0) + _failed(row)
    return counts


def mark(row: ResultRow) -> Mark:
    """How an answer stands beside the settled label."""
    if row.gold is None:
        return "unscored"
    if row.status not in LABELS:
        return "unreadable"
    return "right" if row.status == row.gold else "wrong"


def _failed(row: ResultRow | None) -> bool:
    return row is not None and mark(row) in ("wrong", "unreadable")


def _members(benchmark: Benchmark) -> dict[str, dict[Role, str]]:
    """The image ids of every pair, by role."""
    members: dict[str, dict[Role, str]] = {}
    for meta in map(benchmark.meta, benchmark.image_ids):
        members.setdefault(meta.pair_id, {})[meta.role] = meta.image_id
    return members


def _pair(pair_id: str, ids: Mapping[Role, str], benchmark: Benchmark, runs: Sequence[Cases]) -> Pair:
    policies = [policy.id for policy in benchmark.policies]
    by_role = [
        [{role: cases.get((image_id, policy)) for role, image_id in ids.items()} for policy in policies]
        for cases in runs
    ]
    return Pair(
        pair_id=pair_id,
        shows=_shows(benchmark, ids),
        pictures=tuple(_picture(role, ids[role], benchmark, runs) for role in ROLES if role in ids),
        wrong=tuple(sum(_failed(row) for rows in run for row in rows.values()) for run in by_role),
        flip_missed=tuple(any(_flip_missed(rows) for rows in run) for run in by_role),
        fooled=tuple(any(_fooled(rows) for rows in run) for run in by_role),
    )


def _flip_missed(rows: Mapping[Role, ResultRow | None]) -> bool:
    original, edited = rows.get("original"), rows.get("edited")
    if original is None or edited is None or None in (original.gold, edited.gold):
        return False
    return original.gold != edited.gold and (_failed(original) or _failed(edited))


def _fooled(rows: Mapping[Role, ResultRow | None]) -> bool:
    original = rows.get("original")
    return original is not None and mark(original) == "right" and _failed(rows.get("control"))


def _shows(benchmark: Benchmark, ids: Mapping[Role, str]) -> str:
    """`blade (kitchen), dice`: what the original shows."""
    meta = benchmark.meta(ids.get("original", next(iter(ids.values()))))
    parts = []
    for concept, contexts in zip(meta.concepts, meta.contexts, strict=True):
        where = f" ({', '.join(contexts)})" if contexts else ""
        parts.append(f"{concept}{where}".replace("_", " "))
    return ", ".join(parts)


def _picture(role: Role, image_id: str, benchmark: Benchmark, runs: Sequence[Cases]) -> Picture:
    cells = []
    for policy in benchmark.policies:
        rows = [cases.get((image_id, policy.id)) for cases in runs]
        gold = next((row.gold for row in rows if row is not None), None)
        cells.append(Cell(policy.id, gold, tuple(None if row is None else _answer(row) for row in rows)))
    return Picture(role, data_uri(benchmark.picture(image_id)), tuple(cells))


def _answer(row: ResultRow) -> Answer:
    parts = [f"label: {row.gold or 'none'}", f"answer: {row.status}"]
    if row.p_unsafe is not None:
        parts.append(f"p(unsafe) {row.p_unsafe:.3f}")
    if row.text:
        parts.append(f"wrote: {shortened(row.text)}")
    if row.detail:
        parts.append(shortened(row.detail))
    return Answer(row.status, mark(row), " · ".join(parts))


def shortened(text: str, limit: int = TEXT) -> str:
    """The text on one line, cut with an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
