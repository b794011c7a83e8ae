"""The parts of the report that belong to one run, to two, or to the set, ready for a template."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from bench.case_cards import Cards, differences
from bench.compare import Comparison, compare
from bench.contents import PairContents, Reported
from bench.plots import recall_plot, reliability_plot, threshold_plot
from bench.policy import Policy
from bench.readings import Parting, partings
from bench.run_folder import Run
from bench.standings import Point, reliability
from bench.thresholds import OperatingPoint, best, customary, operating_points

SHOWN_THRESHOLDS = 10  # steps of the table: every tenth


@dataclass(frozen=True, slots=True)
class Probabilities:
    """What a run's p_unsafe are worth: three plots, and the numbers they show."""

    plots: tuple[tuple[str, Markup], ...]  # with a caption each
    bins: tuple[Point, ...]
    thresholds: tuple[OperatingPoint, ...]
    best: OperatingPoint | None
    customary: OperatingPoint


@dataclass(frozen=True, slots=True)
class RunView:
    """A run in the order of the leaderboard; no `probabilities` where it gave none."""

    run: Run
    probabilities: Probabilities | None
    partings: tuple[Parting, ...]


@dataclass(frozen=True, slots=True)
class Versus:
    """The first run against the second; `refusal` says why where they cannot be compared."""

    comparison: Comparison | None
    refusal: str
    cards: Cards


@dataclass(frozen=True, slots=True)
class PolicyText:
    id: str
    name: str
    about: str
    text: str


def run_view(run: Run) -> RunView:
    """The run with its plots drawn."""
    return RunView(run, _probabilities(run), partings(run.rows))


def _probabilities(run: Run) -> Probabilities | None:
    bins, points = reliability(run.rows), operating_points(run.rows)
    if not points:
        return None
    plots = (
        ("Calibration", reliability_plot(bins, f"Calibration of {run.name}")),
        ("Threshold", threshold_plot(points, f"F1, precision and recall of {run.name} by threshold")),
        (
            "Caught and false alarms",
            recall_plot(points, f"Unsafe cases caught by {run.name} over false alarms"),
        ),
    )
    shown = tuple(points[:: len(points) // SHOWN_THRESHOLDS])
    return Probabilities(plots, bins, shown, best(points), customary(points))


def versus(runs: Sequence[Run], pairs: Mapping[str, PairContents], limit: int) -> Versus | None:
    """The comparison of exactly two runs, with at most `limit` cases in which they part; else None."""
    if len(runs) != 2:
        return None
    a, b = runs
    try:
        found = compare(a.rows, b.rows, names=(a.name, b.name))
    except ValueError as error:
        return Versus(None, str(error), Cards((), (0, 0)))
    return Versus(found, "", differences(found, (a.rows, b.rows), pairs, limit))


def policy_texts(data: Reported, limit: int) -> tuple[PolicyText, ...]:
    """The first `limit` texts of the set."""
    return tuple(
        PolicyText(policy.id, policy.name, f"{_kind(policy)}text sha256 {policy.digest}", policy.text())
        for policy in data.policies[:limit]
    )


def _kind(policy: object) -> str:
    return f"{policy.kind}, version {policy.version}, " if isinstance(policy, Policy) else ""


def number(value: float | None, digits: int = 0) -> str:
    """`12,345` or `0.93`, with thousands set apart; a dash for what is not known or undefined."""
    return "-" if value is None or math.isnan(value) else f"{value:,.{digits}f}"


def p_value(p: float) -> str:
    """`0.032`, `< 0.001`; a dash where there is none."""
    return "< 0.001" if p < 0.001 else number(p, 3)
