"""Where the annotation of a benchmark stands: every cell in exactly one state, and what is still to ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from annotation.adjudication import Disputed, adjudication_queue
from annotation.adjudicators import is_adjudicator
from annotation.cells import Cell
from annotation.consensus import tally
from annotation.forms import Form, latest
from annotation.gold import Gold
from annotation.overlap import BASE, CONFIDENT, MOST, Overlap, further_votes, more_votes
from bench.policy import Policy

State = Literal["settled", "adjudicated", "disputed", "waiting"]
STATES: tuple[State, ...] = ("settled", "adjudicated", "disputed", "waiting")


@dataclass(frozen=True, slots=True)
class PolicyStatus:
    """Cells of one policy by state: `waiting` for votes, `disputed` and in the adjudicators' queue, ruled on
    by them (`adjudicated`), or `settled` by votes or gold."""

    policy_id: str
    settled: int
    adjudicated: int
    disputed: int
    waiting: int

    @property
    def cells(self) -> int:
        return self.settled + self.adjudicated + self.disputed + self.waiting

    @property
    def done(self) -> int:
        return self.settled + self.adjudicated


@dataclass(frozen=True, slots=True)
class Status:
    """The whole: `policies` in the given order, `queue` the most pressing first."""

    images: int
    forms: int
    raters: int
    adjudicators: int
    policies: tuple[PolicyStatus, ...]
    overlap: Overlap
    queue: tuple[Disputed, ...]
    cells: tuple[Cell, ...]

    @property
    def done(self) -> int:
        return sum(policy.done for policy in self.policies)


def status_of(
    image_ids: Sequence[str],
    policies: Sequence[Policy],
    forms: Sequence[Form],
    *,
    gold: Sequence[Gold] = (),
    base: int = BASE,
    most: int = MOST,
    confident: float = CONFIDENT,
) -> Status:
    """The state of every (image, policy), by Dawid-Skene with gold; for the limits see `more_votes`."""
    cells = tally(latest(forms), image_ids, policies, gold=gold)
    queue = adjudication_queue(cells, gold=gold, after=most, confident=confident)
    disputed = {(item.cell.image_id, item.cell.policy_id) for item in queue}

    def state(cell: Cell) -> State:
        if (cell.image_id, cell.policy_id) in disputed:
            return "disputed"
        if cell.settled_by == "adjudicator":
            return "adjudicated"
        return "waiting" if further_votes(cell, base=base, most=most, confident=confident) else "settled"

    counts = Counter((cell.policy_id, state(cell)) for cell in cells)
    names = {form.rater for form in forms}
    ruling = sum(map(is_adjudicator, names))
    return Status(
        images=len(image_ids),
        forms=len(forms),
        raters=len(names) - ruling,
        adjudicators=ruling,
        policies=tuple(
            PolicyStatus(policy.id, *(counts[policy.id, name] for name in STATES)) for policy in policies
        ),
        overlap=more_votes(cells, base=base, most=most, confident=confident),
        queue=queue,
        cells=cells,
    )
