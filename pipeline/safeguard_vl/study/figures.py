"""Figures of an arm: means over its seeds, with intervals over the pairs of the test benchmark.

Every replicate of the bootstrap draws the same pairs for every arm and seed, so two arms' replicates may be
subtracted. The spread between seeds is told beside it and is not part of the interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bench import metrics
from bench.cases import Flags
from bench.cross_policy import confusions
from bench.results import ResultRow
from bench.stats import REPLICATES, Array, Bootstrap, Figure, interval

Measure = Literal["headline", "macro-F1"]


@dataclass(frozen=True, slots=True)
class Sampled:
    """A figure of an arm: `seeds` has its value in each seed, `samples` the mean's replicates."""

    seeds: tuple[float, ...]
    samples: Array
    pairs: int

    @property
    def value(self) -> float:
        return float(np.mean(self.seeds))

    @property
    def spread(self) -> float:
        """The sample standard deviation over seeds; nan for one."""
        return float(np.std(self.seeds, ddof=1)) if len(self.seeds) > 1 else float("nan")

    def figure(self) -> Figure:
        """The mean over seeds with its interval."""
        return Figure(self.value, *interval(self.samples, self.pairs), self.pairs)

    def less(self, other: Sampled) -> Figure:
        """This arm less another one on the same pairs."""
        apart = interval(self.samples - other.samples, self.pairs)
        return Figure(self.value - other.value, *apart, self.pairs)


def sampled(
    seeds: Sequence[Sequence[ResultRow]], measure: Measure, *, replicates: int = REPLICATES
) -> Sampled:
    """The mean over policies of a measure, from the rows of an arm's runs, one a seed.

    `headline` is F1 on unsafe (accuracy where nothing is unsafe), `macro-F1` the mean of F1 on both labels,
    which few unsafe cases make less erratic.
    """
    _, counts = confusions(seeds)
    by_f1 = _has_unsafe(counts)

    def means(sums: Array) -> Array:  # (..., seeds, policies, 4) -> (..., seeds)
        return (
            metrics.headline(sums, by_f1) if measure == "headline" else metrics.macro_f1(sums).mean(axis=-1)
        )

    (sums,) = Bootstrap(len(counts), replicates).sums([counts])
    return Sampled(tuple(map(float, means(counts.sum(axis=0)))), means(sums).mean(axis=-1), len(counts))


def by_policy(seeds: Sequence[Sequence[ResultRow]]) -> tuple[float, ...]:
    """The parts of the headline: each policy's mean over seeds, in the order of the rows."""
    _, counts = confusions(seeds)
    figures = metrics.f1_or_accuracy(counts.sum(axis=0), _has_unsafe(counts))  # (seeds, policies)
    return tuple(map(float, figures.mean(axis=0)))


def _has_unsafe(counts: Array) -> Flags:
    """Which policies of counts (pairs, seeds, policies, 4) have an unsafe case."""
    return np.asarray(counts[..., [0, 2]].sum(axis=(0, 1, 3)) > 0)


def unreadable(seeds: Sequence[Sequence[ResultRow]]) -> float:
    """The share of answers that are neither safe nor unsafe."""
    rows = [row for run in seeds for row in run]
    return sum(row.status not in ("safe", "unsafe") for row in rows) / len(rows)
