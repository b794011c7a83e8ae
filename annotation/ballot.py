"""The votes of one policy as a matrix, the form every statistic of this package starts from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.schema import LABELS, VoteRow

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
MISSING = -1


@dataclass(frozen=True, slots=True)
class Ballot:
    """Who said what of which image under one policy.

    `codes` is raters x images: 0 safe, 1 unsafe, -1 no vote (`unsure` and `skipped` are none). `known`
    has an entry an image: P(unsafe) in [0, 1] where gold or an adjudicator settled it, else nan.
    """

    policy_id: str
    raters: tuple[str, ...]
    images: tuple[str, ...]
    codes: Codes
    known: Floats


def ballot(policy_id: str, votes: Sequence[VoteRow], known: Mapping[str, float] | None = None) -> Ballot:
    """The ballot of `votes`, all of one policy, raters and images sorted; of two votes the later counts.

    `known` is P(unsafe) by image id; entries of images without a vote are passed over.
    """
    raters = tuple(sorted({vote.rater for vote in votes}))
    images = tuple(sorted({vote.image_id for vote in votes}))
    row, column = {name: i for i, name in enumerate(raters)}, {name: i for i, name in enumerate(images)}
    codes: Codes = np.full((len(raters), len(images)), MISSING, dtype=np.int64)
    for vote in votes:
        if vote.answer in LABELS:
            codes[row[vote.rater], column[vote.image_id]] = LABELS.index(vote.answer)
    settled = np.array([(known or {}).get(image, np.nan) for image in images], dtype=np.float64)
    return Ballot(policy_id, raters, images, codes, settled)


def label_counts(codes: Codes, at_least: int = 0) -> Floats:
    """Images x (safe, unsafe): how often each label was given, for images with `at_least` votes."""
    counts = np.stack([(codes == value).sum(axis=0) for value in range(len(LABELS))], axis=1)
    kept: Floats = counts[counts.sum(axis=1) >= at_least].astype(np.float64)
    return kept


def by_policy(votes: Sequence[VoteRow]) -> dict[str, list[VoteRow]]:
    """The votes of each policy, in order of policy id."""
    groups: dict[str, list[VoteRow]] = {vote.policy_id: [] for vote in votes}
    for vote in votes:
        groups[vote.policy_id].append(vote)
    return dict(sorted(groups.items()))
