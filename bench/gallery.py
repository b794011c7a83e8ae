"""Cards of pairs for the report: pictures side by side, settled labels beside the models' answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bench.contents import PairContents
from bench.results import ResultRow
from bench.schema import LABELS, ROLES, Label, Role

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
    image_id: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A card. Every picture has a cell for each of `policy_ids`; the last three have an entry a run."""

    pair_id: str
    shows: str
    policy_ids: tuple[str, ...]
    pictures: tuple[Picture, ...]
    wrong: tuple[int, ...]  # cases not answered right
    flip_missed: tuple[bool, ...]  # some policy tells the two sides apart and the model did not
    fooled: tuple[bool, ...]  # right on the original, wrong on its control


def gallery(
    runs: Sequence[Sequence[ResultRow]],
    pairs: Mapping[str, PairContents],
    policy_ids: Sequence[str],
    limit: int,
) -> tuple[Pair, ...]:
    """At most `limit` pairs; those with the most failures of the first run come first, then of all runs.

    `policy_ids` gives the order of a card's policies; a card has those that one of its pictures was asked
    under.
    """
    failures = [failures_by_pair(rows) for rows in runs]
    worst = sorted(
        {pair for count in failures for pair in count},
        key=lambda pair: (-failures[0].get(pair, 0), -sum(count.get(pair, 0) for count in failures), pair),
    )[:limit]
    shown = {image_id for pair in worst for image_id in pairs[pair].images.values()}
    cases = [{(row.image_id, row.policy_id): row for row in rows if row.image_id in shown} for rows in runs]
    return tuple(_pair(pair, pairs[pair], policy_ids, cases) for pair in worst)


def failures_by_pair(rows: Sequence[ResultRow]) -> dict[str, int]:
    """For each pair that was asked, the cases that were not answered right."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.pair_id] = counts.get(row.pair_id, 0) + failed(row)
    return counts


def mark(row: ResultRow) -> Mark:
    """How an answer stands beside the settled label."""
    if row.gold is None:
        return "unscored"
    if row.status not in LABELS:
        return "unreadable"
    return "right" if row.status == row.gold else "wrong"


def failed(row: ResultRow | None) -> bool:
    """Whether there is a label and the answer is not it."""
    return row is not None and mark(row) in ("wrong", "unreadable")


def _pair(pair_id: str, told: PairContents, policy_ids: Sequence[str], runs: Sequence[Cases]) -> Pair:
    ids = told.images
    asked = [id for id in policy_ids if any((image, id) in run for run in runs for image in ids.values())]
    by_role = [
        [{role: cases.get((image_id, policy)) for role, image_id in ids.items()} for policy in asked]
        for cases in runs
    ]
    return Pair(
        pair_id=pair_id,
        shows=told.shows,
        policy_ids=tuple(asked),
        pictures=tuple(_picture(role, ids[role], asked, runs) for role in ROLES if role in ids),
        wrong=tuple(sum(failed(row) for rows in run for row in rows.values()) for run in by_role),
        flip_missed=tuple(any(_flip_missed(rows) for rows in run) for run in by_role),
        fooled=tuple(any(_fooled(rows) for rows in run) for run in by_role),
    )


def _flip_missed(rows: Mapping[Role, ResultRow | None]) -> bool:
    original, edited = rows.get("original"), rows.get("edited")
    if original is None or edited is None or None in (original.gold, edited.gold):
        return False
    return original.gold != edited.gold and (failed(original) or failed(edited))


def _fooled(rows: Mapping[Role, ResultRow | None]) -> bool:
    original = rows.get("original")
    return original is not None and mark(original) == "right" and failed(rows.get("control"))


def _picture(role: Role, image_id: str, policy_ids: Sequence[str], runs: Sequence[Cases]) -> Picture:
    cells = []
    for policy_id in policy_ids:
        rows = [cases.get((image_id, policy_id)) for cases in runs]
        gold = next((row.gold for row in rows if row is not None), None)
        cells.append(Cell(policy_id, gold, tuple(None if row is None else _answer(row) for row in rows)))
    return Picture(role, image_id, tuple(cells))


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
