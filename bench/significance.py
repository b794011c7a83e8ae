"""Tests of two runs on the same cases: exact McNemar, sign flips by pair, Holm, what could be detected.

McNemar takes every case for independent. The cases of a pair are near-copies and rise and fall together, so
over several cases a pair its p is too small; the sign-flip test has the pair as its unit and is the one to
trust. Both ask whether one run is right more often than the other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import NormalDist

import numpy as np

from bench.stats import BLOCK_CELLS, SEED, Array, cut

FLIPS = 10_000
POWER = 0.8
SIGNIFICANCE = 0.05


def mcnemar(only_a: int, only_b: int) -> float:
    """Two-sided exact p of McNemar's test (1947) from the two discordant counts; 1 where there are none.

    Under the null each discordant case is a fair coin: twice the smaller binomial tail, at most 1.
    """
    n, few = only_a + only_b, min(only_a, only_b)
    logs = [math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in range(few + 1)]
    tail = math.fsum(math.exp(log - n * math.log(2)) for log in logs)
    return min(1.0, 2 * tail)


def sign_flips(differences: Array, flips: int = FLIPS, seed: int = SEED) -> float:
    """Two-sided p of the sum of `differences` (pairs,), were the two runs of each pair swapped at will.

    Under the null the names of the runs mean nothing within a pair. p is (1 + sums at least as far from 0)
    / (1 + flips), so that it is never 0 (Phipson & Smyth 2010).
    """
    moving = differences[differences != 0]
    reached = sum(
        int((np.abs(signs @ moving) >= abs(moving.sum())).sum()) for signs in _signs(moving.size, flips, seed)
    )
    return (1 + reached) / (1 + flips)


def _signs(pairs: int, flips: int, seed: int) -> Iterator[Array]:
    """Plus or minus one (rows, pairs), in blocks of rows."""
    rng = np.random.default_rng(seed)
    for rows in cut(flips, BLOCK_CELLS // max(1, pairs)):
        yield np.where(rng.integers(0, 2, (rows, pairs), dtype=np.int8), 1.0, -1.0)


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """p adjusted for several tests so that any false find among them stays rare (Holm 1979), in order."""
    adjusted, floor = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda index: p_values[index])):
        floor = max(floor, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = floor
    return tuple(adjusted)


def detectable(differences: Array, cases: int) -> float:
    """The smallest true difference of accuracy that such a comparison finds in 80 % of runs, at p < 0.05.

    `differences` (pairs,) are right answers of one run less those of the other. Without any effect their
    sum has the variance sum(d ** 2), which for one case a pair is the number of discordant cases:
    (z of 0.975 + z of 0.8) * sqrt(sum(d ** 2)) / cases. 0 where the runs nowhere differ.
    """
    z = NormalDist().inv_cdf(1 - SIGNIFICANCE / 2) + NormalDist().inv_cdf(POWER)
    return float(z * np.sqrt(np.square(differences).sum()) / cases)


def two_sided(samples: Array) -> float:
    """p of a difference being 0 from its bootstrap replicates: twice the smaller share beyond 0, at most 1.

    It is below 0.05 where the 95 % interval leaves 0 out, and with few pairs, for which that is widened,
    also a little earlier. nan where no replicate is defined.
    """
    known = samples[~np.isnan(samples)]
    if known.size == 0:
        return math.nan
    beyond = min(int((known <= 0).sum()), int((known >= 0).sum()))
    return min(1.0, 2 * (1 + beyond) / (1 + len(known)))
