"""The rows of a run as columns of numbers, so that nothing after this loops over rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bench.results import ResultRow
from bench.schema import LABELS, ROLES, Label, Role

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Cases:
    """Labelled rows as arrays of one length (cases,). `image`, `pair` and `policy` are indices from 0."""

    images: int
    pairs: int
    policy_ids: tuple[str, ...]
    image: Indices
    pair: Indices
    role: Indices  # into ROLES
    policy: Indices
    gold: Flags  # unsafe
    right: Flags
    readable: Flags
    fragile: Flags
    written: Flags  # the text was read beside the probabilities
    agreed: Flags  # and says the same
    p_unsafe: Array  # nan where the model gave none

    @classmethod
    def of(cls, rows: Sequence[ResultRow]) -> Cases:
        """Images, pairs and policies are numbered in the order in which the rows name them."""
        images, image = numbered([row.image_id for row in rows])
        pairs, pair = numbered([row.pair_id for row in rows])
        policies, policy = numbered([row.policy_id for row in rows])
        return cls(
            images=len(images),
            pairs=len(pairs),
            policy_ids=policies,
            image=image,
            pair=pair,
            role=np.array([ROLES.index(row.role) for row in rows], dtype=np.intp),
            policy=policy,
            gold=np.array([row.gold == "unsafe" for row in rows]),
            right=np.array([row.status == row.gold for row in rows]),
            readable=np.array([row.status in LABELS for row in rows]),
            fragile=np.array([row.fragile and row.status in LABELS for row in rows]),
            written=np.array([row.written is not None for row in rows]),
            agreed=np.array([row.written == row.status for row in rows]),
            p_unsafe=np.array([np.nan if row.p_unsafe is None else row.p_unsafe for row in rows]),
        )

    def answered(self, label: Label) -> Cases:
        """The same cases, all answered `label` and nothing else told."""
        no = np.zeros(len(self.gold), dtype=bool)
        return replace(
            self,
            right=self.gold == (label == "unsafe"),
            readable=~no,
            fragile=no,
            written=no,
            agreed=no,
            p_unsafe=np.full(len(self.gold), np.nan),
        )

    @property
    def probable(self) -> Flags:
        """The cases with a probability."""
        return ~np.isnan(self.p_unsafe)

    @property
    def cell(self) -> Indices:
        """The (pair, policy) of each case as one number."""
        return self.pair * len(self.policy_ids) + self.policy

    def beside(self, role: Role) -> tuple[Indices, Indices]:
        """Cases of originals and, beside them, of the `role`, over the (pair, policy) that have both.

        The first of each where a pair has several.
        """
        originals, others = self._first_of("original"), self._first_of(role)
        both = (originals >= 0) & (others >= 0)
        return originals[both], others[both]

    def _first_of(self, role: Role) -> Indices:
        """The first case of the role in each (pair, policy); -1 where there is none."""
        first = np.full(self.pairs * len(self.policy_ids), -1, dtype=np.intp)
        cases = np.flatnonzero(self.role == ROLES.index(role))[::-1]
        first[self.cell[cases]] = cases  # of several, the last written stays: the first case
        return first

    def twice(self) -> int | None:
        """A case that repeats another's image and policy; None where there is none."""
        _, first = np.unique(self.image * len(self.policy_ids) + self.policy, return_index=True)
        repeated = np.setdiff1d(np.arange(len(self.image)), first)
        return int(repeated[0]) if repeated.size else None


def numbered(names: Sequence[str]) -> tuple[tuple[str, ...], Indices]:
    """The distinct names in order of appearance, and each name's place among them."""
    places: dict[str, int] = {}
    found = [places.setdefault(name, len(places)) for name in names]
    return tuple(places), np.array(found, dtype=np.intp)
