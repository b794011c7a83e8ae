"""Cases as count tables over pairs and policies: every figure is a function of their sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import partial

import numpy as np

from bench import metrics
from bench.cases import Array, Cases, Flags, Indices
from bench.stats import Bootstrap, Statistic


@dataclass(frozen=True, slots=True)
class Tables:
    """Counts (pairs, policies, ...) of a run, or their sums (replicates, policies, ...) in a bootstrap."""

    confusion: Array  # (..., 4) an unreadable answer is the wrong one
    lenient: Array  # (..., 4) an unreadable answer is the right one
    unlucky: Array  # (..., 4) a fragile verdict is the wrong one
    lucky: Array  # (..., 4) a fragile verdict is the right one
    readable: Array  # (..., 2) readable, cases
    agreement: Array  # (..., 2) text says what the probabilities say, cases with both
    pair_flip: Array  # (..., 2) both sides right, pairs whose label flips
    artefact: Array  # (..., 3) originals right, controls right, pairs with both
    calibration: Array  # (..., bins, 2)
    wins: Array  # (..., 4) of p_unsafe within its policy, see metrics.wins
    policy_flip: Array  # (..., 1, 2) all policies right, images whose label depends on the policy
    pooled_wins: Array  # (..., 1, 4) of p_unsafe over all policies

    @classmethod
    def of(cls, cases: Cases) -> Tables:
        gold, right, readable, fragile = cases.gold, cases.right, cases.readable, cases.fragile
        known = np.flatnonzero(cases.probable)
        return cls(
            confusion=spread(cases, metrics.confusion(gold, right)),
            lenient=spread(cases, metrics.confusion(gold, right | ~readable)),
            unlucky=spread(cases, metrics.confusion(gold, right & ~fragile)),
            lucky=spread(cases, metrics.confusion(gold, right | fragile)),
            readable=spread(cases, _columns(readable, np.ones_like(gold))),
            agreement=spread(cases, _columns(cases.agreed & cases.written, cases.written)),
            pair_flip=_pair_flip(cases),
            artefact=_artefact(cases),
            calibration=spread(cases, metrics.calibration(cases.p_unsafe[known], gold[known]), known),
            wins=_wins(cases),
            policy_flip=_policy_flip(cases),
            pooled_wins=_pooled_wins(cases, known),
        )

    def of_policy(self, policy: int) -> Tables:
        """One policy's slice, its axis kept with length 1. The policy flip has no such slice and stays."""
        cut = [table[:, [policy]] for table in self.all()[:-2]]
        return Tables(*[*cut, self.policy_flip, self.wins[:, [policy]]])

    def all(self) -> list[Array]:
        """The tables in the order of the fields."""
        return [getattr(self, field.name) for field in fields(self)]


def resample(tables: Sequence[Tables], bootstrap: Bootstrap) -> list[Tables]:
    """The tables of several runs on the same pairs, summed over pairs in every replicate.

    All come from one product, so a replicate draws the same pairs for every run.
    """
    width = len(fields(Tables))
    sums = bootstrap.sums([table for run in tables for table in run.all()])
    return [Tables(*sums[start : start + width]) for start in range(0, len(sums), width)]


def headline_of(sums: Tables) -> Statistic:
    """The headline with each policy's measure settled by the whole benchmark, not by a replicate."""
    whole = sums.confusion.sum(axis=0)
    return partial(metrics.headline, by_f1=whole[:, 0] + whole[:, 2] > 0)


def pooled(formula: Statistic) -> Statistic:
    """A formula of counts (..., 4) as one of sums (..., policies, 4), the policies taken together."""
    return lambda sums: formula(sums.sum(axis=-2))


def share(sums: Array) -> Array:
    """Hits over trials (..., policies, 2), the policies taken together."""
    return metrics.share(sums.sum(axis=-2))


def gap(sums: Array) -> Array:
    """The share of the first hits less that of the second (..., policies, 3), the policies taken together."""
    pooled = sums.sum(axis=-2)
    return metrics.share(pooled[..., [0, 2]]) - metrics.share(pooled[..., [1, 2]])


def trials(sums: Array) -> int:
    """How many trials a table counts, which its last column says."""
    return int(sums[..., -1].sum())


def spread(cases: Cases, values: Array, at: Indices | None = None) -> Array:
    """Sum the values (len(at), ...) of the cases `at`, by default all, into (pairs, policies, ...)."""
    cells = cases.cell if at is None else cases.cell[at]
    table = np.zeros((cases.pairs * len(cases.policy_ids), *values.shape[1:]))
    np.add.at(table, cells, values)
    return table.reshape(cases.pairs, len(cases.policy_ids), *values.shape[1:])


def _columns(*flags: Flags) -> Array:
    return np.stack(flags, axis=-1).astype(np.float64)


def _pair_flip(cases: Cases) -> Array:
    original, edited = cases.beside("edited")
    flips = cases.gold[original] != cases.gold[edited]
    original, edited = original[flips], edited[flips]
    both = cases.right[original] & cases.right[edited]
    return spread(cases, _columns(both, np.ones_like(both)), original)


def _artefact(cases: Cases) -> Array:
    original, control = cases.beside("control")
    hits, control_hits = cases.right[original], cases.right[control]
    return spread(cases, _columns(hits, control_hits, np.ones_like(hits)), original)


def _policy_flip(cases: Cases) -> Array:
    """Per pair, of its images with both labels: those right under every policy, and how many there are."""
    unsafe, right, asked = (
        np.bincount(cases.image, flags, cases.images) for flags in (cases.gold, cases.right, None)
    )
    pair = np.zeros(cases.images, dtype=np.intp)
    pair[cases.image] = cases.pair
    both = (unsafe > 0) & (unsafe < asked)
    table = np.zeros((cases.pairs, 2))
    np.add.at(table, pair[both], _columns((right == asked)[both], both[both]))
    return table[:, None]


def _wins(cases: Cases) -> Array:
    table = np.zeros((cases.pairs, len(cases.policy_ids), 4))
    for policy in range(len(cases.policy_ids)):
        chosen = np.flatnonzero(cases.probable & (cases.policy == policy))
        table += spread(cases, metrics.wins(cases.p_unsafe[chosen], cases.gold[chosen]), chosen)
    return table


def _pooled_wins(cases: Cases, known: Indices) -> Array:
    by_policy = spread(cases, metrics.wins(cases.p_unsafe[known], cases.gold[known]), known)
    pooled: Array = by_policy.sum(axis=1, keepdims=True)
    return pooled
