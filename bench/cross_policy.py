"""The cross-policy matrix: models trained on some policies, tested on all, and what the unseen ones cost."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from bench import metrics
from bench.cases import Array, Cases, Flags, Indices, numbered
from bench.counts import spread
from bench.paired import check_one_benchmark
from bench.results import ResultRow
from bench.scores import labelled_cases
from bench.stats import REPLICATES, UNDEFINED, Bootstrap, Figure, interval


@dataclass(frozen=True, slots=True)
class TrainedRun:
    """The rows of a model and the ids of the policies it was trained on; () for an untrained one."""

    trained_on: tuple[str, ...]
    rows: Sequence[ResultRow]

    @property
    def label(self) -> str:
        """`L1+L3`, or `none`."""
        return "+".join(self.trained_on) or "none"


@dataclass(frozen=True, slots=True)
class Line:
    """A model: its headline figure under each policy, undefined where it was not tested.

    `gap` is the mean over unseen policies less the mean over those it was trained on; undefined where it
    was tested on none of either.
    """

    trained_on: tuple[str, ...]
    label: str
    cells: tuple[Figure, ...]
    gap: Figure


@dataclass(frozen=True, slots=True)
class Matrix:
    """Models by policies; `measures` names the figure of each policy.

    `gap` is the mean of all unseen cells less the mean of all seen ones, over the models that have both.
    """

    policy_ids: tuple[str, ...]
    measures: tuple[Literal["F1", "accuracy"], ...]
    lines: tuple[Line, ...]
    gap: Figure


def cross_policy(runs: Sequence[TrainedRun], *, replicates: int = REPLICATES) -> Matrix:
    """The matrix of runs on one benchmark, each under all of its policies or some.

    A replicate of the bootstrap draws the same pairs for every run. Raises ValueError where there is no run,
    two are trained on the same policies, or they are of different benchmarks.
    """
    _check(runs)
    policy_ids, counts = confusions([run.rows for run in runs])
    by_f1 = counts[..., [0, 2]].sum(axis=(0, 1, 3)) > 0
    grid = _Grid.of(counts, by_f1, replicates)
    seen = np.array([[policy in run.trained_on for policy in policy_ids] for run in runs])
    return Matrix(
        policy_ids=policy_ids,
        measures=tuple("F1" if unsafe else "accuracy" for unsafe in by_f1),
        lines=tuple(
            Line(
                trained_on=run.trained_on,
                label=run.label,
                cells=tuple(grid.cell(index, policy) for policy in range(len(policy_ids))),
                gap=grid.gap(seen, np.arange(len(runs)) == index),
            )
            for index, run in enumerate(runs)
        ),
        gap=grid.gap(seen, np.ones(len(runs), dtype=bool)),
    )


@dataclass(frozen=True, slots=True)
class _Grid:
    """The headline figure of each (run, policy), nan where undefined, and of each replicate."""

    values: Array  # (runs, policies)
    samples: Array  # (replicates, runs, policies)
    cases: Array  # (runs, policies)
    pairs: Indices  # (runs, policies) that have a case

    @classmethod
    def of(cls, counts: Array, by_f1: Flags, replicates: int) -> _Grid:
        (sums,) = Bootstrap(len(counts), replicates).sums([counts])
        whole = counts.sum(axis=0)
        return cls(
            values=metrics.f1_or_accuracy(whole, by_f1),
            samples=metrics.f1_or_accuracy(sums, by_f1),
            cases=whole.sum(axis=-1),
            pairs=counts.any(axis=-1).sum(axis=0),
        )

    def cell(self, run: int, policy: int) -> Figure:
        value = float(self.values[run, policy])
        if math.isnan(value):
            return UNDEFINED
        return Figure(
            value,
            *interval(self.samples[:, run, policy], int(self.pairs[run, policy])),
            int(self.cases[run, policy]),
        )

    def gap(self, seen: Flags, runs: Flags) -> Figure:
        """The mean of unseen less the mean of seen cells, of those `runs` that have both."""
        known = ~np.isnan(self.values)
        both = runs & (known & seen).any(axis=1) & (known & ~seen).any(axis=1)
        new, old = known & ~seen & both[:, None], known & seen & both[:, None]
        if not both.any():
            return UNDEFINED
        value = self.values[new].mean() - self.values[old].mean()
        apart = self.samples[:, new].mean(axis=1) - self.samples[:, old].mean(axis=1)
        return Figure(
            float(value), *interval(apart, int(self.pairs[new | old].max())), int(self.cases[new | old].sum())
        )


def _check(runs: Sequence[TrainedRun]) -> None:
    if not runs:
        raise ValueError("a matrix needs at least one run; give TRAINED_ON=RUN for each model")
    label, times = Counter(run.label for run in runs).most_common(1)[0]
    if times > 1:
        raise ValueError(f"{times} runs are trained on {label}; give one of them")
    check_one_benchmark([(run.label, run.rows) for run in runs])


def confusions(runs: Sequence[Sequence[ResultRow]]) -> tuple[tuple[str, ...], Array]:
    """The policies of all runs, and their confusion counts (pairs of all runs, runs, policies, 4)."""
    labelled = [labelled_cases(rows) for rows in runs]
    rows = [row for mine, _ in labelled for row in mine]
    pair_ids, pair = numbered([row.pair_id for row in rows])
    policy_ids, policy = numbered([row.policy_id for row in rows])
    ends = np.cumsum([len(mine) for mine, _ in labelled])[:-1]
    tables = [
        _confusion(replace(cases, pairs=len(pair_ids), policy_ids=policy_ids, pair=pairs, policy=policies))
        for (_, cases), pairs, policies in zip(
            labelled, np.split(pair, ends), np.split(policy, ends), strict=True
        )
    ]
    return policy_ids, np.stack(tables, axis=1)


def _confusion(cases: Cases) -> Array:
    return spread(cases, metrics.confusion(cases.gold, cases.right))
