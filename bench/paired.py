"""The counts of two runs on the same cases, and the difference of any figure of theirs.

A case's difficulty is the same for both runs, so the difference has a narrower interval than either score.
For that every replicate of the bootstrap draws the same pairs for both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bench.cases import Cases
from bench.counts import Tables, resample, spread
from bench.results import ResultRow
from bench.significance import detectable, mcnemar, sign_flips, two_sided
from bench.stats import UNDEFINED, Array, Bootstrap, Figure, Statistic, counted, figure, interval

Case = tuple[str, str]  # image_id, policy_id


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure in both runs, and A less B with its interval and the two-sided p of there being none."""

    a: Figure
    b: Figure
    difference: Figure
    p: float


@dataclass(frozen=True, slots=True)
class Discordance:
    """The cases that only one run answers right, and whether they lie on one side by chance."""

    cases: int
    only_a: int
    only_b: int
    mcnemar: float  # exact p, as if cases were independent
    p: float  # with the pair as the unit, see significance.sign_flips
    detectable: float  # the difference of accuracy that 80 % of such comparisons find


@dataclass(frozen=True, slots=True)
class Matched:
    """Two runs' counts over pairs and policies, and their sums in the replicates."""

    policy_ids: tuple[str, ...]
    a: Tables
    b: Tables
    a_samples: Tables
    b_samples: Tables
    discordant: Array  # (pairs, policies, 2) cases that only A, only B answers right

    @classmethod
    def of(cls, a_rows: Sequence[ResultRow], b_rows: Sequence[ResultRow], replicates: int) -> Matched:
        """Match two runs row by row: each row of A has B's row of the same image and policy beside it."""
        a, b = Cases.of(a_rows), Cases.of(b_rows)
        sums = Tables.of(a), Tables.of(b)
        a_samples, b_samples = resample(sums, Bootstrap(a.pairs, replicates))
        only = np.stack([a.right & ~b.right, b.right & ~a.right], axis=-1).astype(np.float64)
        return cls(a.policy_ids, *sums, a_samples, b_samples, spread(a, only))

    def of_policy(self, policy: int) -> Matched:
        """One policy's slice, its axis kept with length 1."""
        return Matched(
            policy_ids=(self.policy_ids[policy],),
            a=self.a.of_policy(policy),
            b=self.b.of_policy(policy),
            a_samples=self.a_samples.of_policy(policy),
            b_samples=self.b_samples.of_policy(policy),
            discordant=self.discordant[:, [policy]],
        )

    def difference(self, statistic: Statistic, table: Callable[[Tables], Array], n: int) -> Difference:
        """A less B of the `statistic` of a table, over `n` units; undefined where it is in either run."""
        a = figure(statistic, table(self.a), table(self.a_samples), n)
        b = figure(statistic, table(self.b), table(self.b_samples), n)
        if math.isnan(a.value) or math.isnan(b.value):
            return Difference(a, b, UNDEFINED, math.nan)
        apart = statistic(table(self.a_samples)) - statistic(table(self.b_samples))
        return Difference(
            a, b, Figure(a.value - b.value, *interval(apart, counted(table(self.a))), n), two_sided(apart)
        )

    @property
    def cases(self) -> int:
        """How many cases each run has."""
        return int(self.a.confusion.sum())

    def discordance(self) -> Discordance:
        """The discordant cases of all policies together."""
        by_pair = self.discordant.sum(axis=1)
        apart = by_pair[:, 0] - by_pair[:, 1]
        only_a, only_b = (int(count) for count in by_pair.sum(axis=0))
        return Discordance(
            cases=self.cases,
            only_a=only_a,
            only_b=only_b,
            mcnemar=mcnemar(only_a, only_b),
            p=sign_flips(apart),
            detectable=detectable(apart, self.cases),
        )


def case_of(row: ResultRow) -> Case:
    """What pairs the rows of two runs."""
    return row.image_id, row.policy_id


def check_one_benchmark(runs: Sequence[tuple[str, Sequence[ResultRow]]]) -> None:
    """ValueError where two of the named runs differ in the label, pair or role of a case."""
    known: dict[Case, tuple[str, ResultRow]] = {}
    for name, rows in runs:
        for row in rows:
            other, twin = known.setdefault(case_of(row), (name, row))
            if (twin.gold, twin.pair_id, twin.role) != (row.gold, row.pair_id, row.role):
                raise ValueError(
                    f"image {row.image_id} under policy {row.policy_id} is {_told(twin)} in {other} and "
                    f"{_told(row)} in {name}; only runs on the same version of a benchmark compare"
                )


def _told(row: ResultRow) -> str:
    return f"{row.gold or 'unlabelled'} ({row.role} of pair {row.pair_id})"
