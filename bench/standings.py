"""The leaderboard and the calibration points of the report."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bench.results import ResultRow
from bench.scores import PolicyScores, Scores

BINS = 10


@dataclass(frozen=True, slots=True)
class Standing:
    """A line of the leaderboard.

    `group` is None for a constant answer. Runs share a group while their headline's interval overlaps
    that of the group's first, so a later group is clearly worse than the first of an earlier one.
    """

    scores: Scores
    group: int | None

    @property
    def by_policy(self) -> dict[str, PolicyScores]:
        """Its policies by id; runs need not have been asked under the same ones."""
        return {policy.policy_id: policy for policy in self.scores.policies}


@dataclass(frozen=True, slots=True)
class Point:
    """The cases whose p_unsafe falls into one tenth: mean probability, share unsafe, and how many."""

    probability: float
    share: float
    cases: int


def standings(scores: Sequence[Scores]) -> tuple[Standing, ...]:
    """Runs by headline, best first, then the constant answers scored on the first run's cases."""
    lines, group, floor = list[Standing](), 0, math.inf
    for run in sorted(scores, key=lambda run: -run.headline.value):
        if run.headline.high < floor:
            group, floor = group + 1, run.headline.low
        lines.append(Standing(run, group))
    return (*lines, *(Standing(constant, None) for constant in scores[0].baselines))


def measures(standings: Sequence[Standing], policy_ids: Sequence[str]) -> dict[str, str]:
    """The policies that were asked and the measure of each, `F1` or `accuracy`, in the order of `policy_ids`.

    A policy that `policy_ids` lacks, such as one made for a single run, comes after them.
    """
    told = {id: policy.measure for line in reversed(standings) for id, policy in line.by_policy.items()}
    order = [id for id in dict.fromkeys(policy_ids) if id in told]
    return {id: told[id] for id in dict.fromkeys([*order, *sorted(told)])}


def reliability(rows: Sequence[ResultRow]) -> tuple[Point, ...]:
    """Points of the reliability diagram of p_unsafe over ten equal bins; () without probabilities."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for row in rows:
        if row.p_unsafe is not None and row.gold is not None:
            bins[min(int(row.p_unsafe * BINS), BINS - 1)].append((row.p_unsafe, row.gold == "unsafe"))
    return tuple(
        Point(sum(p for p, _ in cases) / len(cases), sum(u for _, u in cases) / len(cases), len(cases))
        for cases in bins
        if cases
    )
