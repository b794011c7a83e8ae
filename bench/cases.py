"""The rows of a run as count tables over pairs and policies: what every figure is a function of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from bench import metrics
from bench.results import ResultRow
from bench.schema import LABELS, Role
from bench.stats import Bootstrap

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cases:
    """Labelled rows as arrays of one length (cases,). `pair` and `policy` are indices from 0."""

    pairs: int
    policy_ids: tuple[str, ...]
    pair: NDArray[np.intp]
    policy: NDArray[np.intp]
    gold: Flags  # unsafe
    right: Flags
    readable: Flags
    p_unsafe: Array  # nan where the model gave none

    @classmethod
    def of(cls, rows: Sequence[ResultRow]) -> Cases:
        """Pairs and policies are numbered in the order in which the rows name them."""
        pairs = {pair: index for index, pair in enumerate(dict.fromkeys(row.pair_id for row in rows))}
        policies = {
            policy: index for index, policy in enumerate(dict.fromkeys(row.policy_id for row in rows))
        }
        return cls(
            pairs=len(pairs),
            policy_ids=tuple(policies),
            pair=np.array([pairs[row.pair_id] for row in rows], dtype=np.intp),
            policy=np.array([policies[row.policy_id] for row in rows], dtype=np.intp),
            gold=np.array([row.gold == "unsafe" for row in rows]),
            right=np.array([row.status == row.gold for row in rows]),
            readable=np.array([row.status in LABELS for row in rows]),
            p_unsafe=np.array([np.nan if row.p_unsafe is None else row.p_unsafe for row in rows]),
        )

    @property
    def probable(self) -> Flags:
        """The cases with a probability."""
        return ~np.isnan(self.p_unsafe)

    def table(self, values: Array, chosen: Flags | None = None) -> Array:
        """Sum values (chosen cases, k) into (pairs, policies, k)."""
        table = np.zeros((self.pairs, len(self.policy_ids), *values.shape[1:]))
        where = np.ones(len(self.pair), dtype=bool) if chosen is None else chosen
        np.add.at(table, (self.pair[where], self.policy[where]), values)
        return table


@dataclass(frozen=True, slots=True)
class Tables:
    """Counts (pairs, policies, ...) of a run, or their sums (replicates, policies, ...) in a bootstrap."""

    confusion: Array  # (..., 4) an unreadable answer is the wrong one
    lenient: Array  # (..., 4) an unreadable answer is the right one
    readable: Array  # (..., 2) readable, cases
    pair_flip: Array  # (..., 2) both sides right, pairs whose label flips
    calibration: Array  # (..., bins, 2)
    artefact: Array  # (..., 3) originals right, controls right, pairs with both
    policy_flip: Array  # (..., 1, 2) all policies right, images whose label depends on the policy

    @classmethod
    def of(cls, rows: Sequence[ResultRow], cases: Cases) -> Tables:
        counted = np.stack([cases.readable, np.ones(len(rows), dtype=bool)], axis=-1)
        return cls(
            confusion=cases.table(metrics.confusion(cases.gold, cases.right)),
            lenient=cases.table(metrics.confusion(cases.gold, cases.right | ~cases.readable)),
            readable=cases.table(counted.astype(np.float64)),
            pair_flip=_pair_flip(rows, cases),
            calibration=cases.table(
                metrics.calibration(cases.p_unsafe[cases.probable], cases.gold[cases.probable]),
                cases.probable,
            ),
            artefact=_artefact(rows, cases),
            policy_flip=_policy_flip(rows, cases),
        )

    def resample(self, bootstrap: Bootstrap) -> Tables:
        """The same tables summed over pairs in every replicate, all in one matrix product."""
        return Tables(*bootstrap.sums(*self._all()))

    def of_policy(self, policy: int) -> Tables:
        """One policy's slice, its axis kept with length 1. The policy flip has no such slice and stays."""
        cut = [table[:, [policy]] for table in self._all()[:-1]]
        return Tables(*[*cut, self.policy_flip])

    def _all(self) -> list[Array]:
        return [getattr(self, field.name) for field in fields(self)]


Cell = tuple[str, str]


def _by_role(rows: Sequence[ResultRow], role: Role) -> dict[Cell, int]:
    """The row of each (pair, policy) in a role; the first where a pair has several."""
    found: dict[Cell, int] = {}
    for index, row in enumerate(rows):
        if row.role == role:
            found.setdefault((row.pair_id, row.policy_id), index)
    return found


def _both(rows: Sequence[ResultRow], other: Role) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows of originals and, beside them, of the other role, over the (pair, policy) that have both."""
    originals, others = _by_role(rows, "original"), _by_role(rows, other)
    cells = [cell for cell in originals if cell in others]
    return (
        np.array([originals[cell] for cell in cells], dtype=np.intp),
        np.array([others[cell] for cell in cells], dtype=np.intp),
    )


def _pair_flip(rows: Sequence[ResultRow], cases: Cases) -> Array:
    original, edited = _both(rows, "edited")
    flips = cases.gold[original] != cases.gold[edited]
    original, edited = original[flips], edited[flips]
    return _spread(cases, original, [cases.right[original] & cases.right[edited]])


def _artefact(rows: Sequence[ResultRow], cases: Cases) -> Array:
    original, control = _both(rows, "control")
    return _spread(cases, original, [cases.right[original], cases.right[control]])


def _spread(cases: Cases, at: NDArray[np.intp], hits: list[Flags]) -> Array:
    """Sum hits and a one (len(at), k + 1) into the pair and policy of the cases `at`."""
    values = np.stack([*hits, np.ones(len(at), dtype=bool)], axis=-1).astype(np.float64)
    table = np.zeros((cases.pairs, len(cases.policy_ids), values.shape[1]))
    np.add.at(table, (cases.pair[at], cases.policy[at]), values)
    return table


def _policy_flip(rows: Sequence[ResultRow], cases: Cases) -> Array:
    images: dict[str, list[int]] = {}
    for index, row in enumerate(rows):
        images.setdefault(row.image_id, []).append(index)
    table = np.zeros((cases.pairs, 1, 2))
    for indices in images.values():
        if len(set(cases.gold[indices])) == 2:
            table[cases.pair[indices[0]], 0] += cases.right[indices].all(), 1
    return table
