"""What raters had to look at: revealed pictures and minutes, by rater and day, against a budget.

A form's exposure is its whole lead time if its picture was revealed, since the moment of the reveal is
not recorded; that is an upper bound. A lead time that ran on while nobody sat there is cut.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from annotation.forms import Form


@dataclass(frozen=True, slots=True)
class Budget:
    """What one rater should see in a day at most. A form counts `longest_seconds` at most."""

    minutes: float = 60.0
    pictures: int = 200
    longest_seconds: float = 300.0


@dataclass(frozen=True, slots=True)
class Exposure:
    """One rater's day (in UTC; "" where it is not known). `cut` forms ran longer than the budget counts."""

    rater: str
    day: str
    forms: int
    skipped: int
    revealed: int
    minutes: float
    cut: int
    over_budget: bool


def exposure(forms: Iterable[Form], budget: Budget | None = None) -> tuple[Exposure, ...]:
    """A row a rater and day, in that order. Repeats count: who looked twice was exposed twice.

    A day that is not known cannot be over budget.
    """
    groups: dict[tuple[str, str], list[Form]] = {}
    for form in forms:
        groups.setdefault((form.rater, form.day), []).append(form)
    limit = budget or Budget()
    return tuple(_row(rater, day, groups[rater, day], limit) for rater, day in sorted(groups))


def _row(rater: str, day: str, forms: list[Form], budget: Budget) -> Exposure:
    seen = [form.lead_time for form in forms if form.revealed]
    minutes = sum(min(seconds, budget.longest_seconds) for seconds in seen) / 60
    return Exposure(
        rater=rater,
        day=day,
        forms=len(forms),
        skipped=sum(form.skipped for form in forms),
        revealed=len(seen),
        minutes=minutes,
        cut=sum(seconds > budget.longest_seconds for seconds in seen),
        over_budget=bool(day) and (minutes > budget.minutes or len(seen) > budget.pictures),
    )
