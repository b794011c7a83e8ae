"""How far raters agree: Krippendorff's alpha with an interval, and raw agreement, per policy.

Policies are never pooled: whether raters agree is a fact about one policy's text. `unsure` and
`skipped` are missing values here, not a third label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.schema import LABELS, VoteRow

Codes = NDArray[np.int64]  # raters x items: 0 safe, 1 unsafe, -1 no vote
Floats = NDArray[np.float64]
MISSING = -1


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement under one policy.

    `alpha` is None where it is not defined: fewer than two votes on every item, or all votes equal.
    `low` and `high` bound its 95 % bootstrap interval over items. `raw` is the chance that two raters
    of the same item said the same, averaged over items with at least two votes.
    """

    policy_id: str
    raters: int
    items: int  # with at least two votes
    votes: int
    unsure: int
    skipped: int
    alpha: float | None
    low: float | None
    high: float | None
    raw: float | None
    simulated: bool  # at least one vote is of a simulated rater


def agreement_table(
    votes: Sequence[VoteRow], *, replicates: int = 1000, seed: int = 0
) -> tuple[Agreement, ...]:
    """One row a policy, in order of policy id."""
    policies = sorted({vote.policy_id for vote in votes})
    by_policy = {policy: [vote for vote in votes if vote.policy_id == policy] for policy in policies}
    return tuple(_agreement(policy, given, replicates, seed) for policy, given in by_policy.items())


def vote_codes(votes: Sequence[VoteRow]) -> tuple[Codes, tuple[str, ...], tuple[str, ...]]:
    """Votes of one policy as a raters x items matrix, with the raters and the items (image ids), sorted."""
    raters = tuple(sorted({vote.rater for vote in votes}))
    items = tuple(sorted({vote.image_id for vote in votes}))
    row, column = {name: i for i, name in enumerate(raters)}, {name: i for i, name in enumerate(items)}
    codes: Codes = np.full((len(raters), len(items)), MISSING, dtype=np.int64)
    for vote in votes:
        if vote.answer in LABELS:
            codes[row[vote.rater], column[vote.image_id]] = LABELS.index(vote.answer)
    return codes, raters, items


def krippendorff_alpha(codes: Codes) -> float | None:
    """Nominal alpha of a raters x items matrix of codes >= 0, -1 missing; None where it is not defined.

    Krippendorff, Content Analysis (2004), ch. 11: alpha = 1 - observed / expected disagreement, with
    the value pairs of an item of m values weighted by 1 / (m - 1).
    """
    counts = _counts(codes)
    alpha = _alphas(counts, np.ones((1, len(counts))))[0]
    return None if np.isnan(alpha) else float(alpha)


def alpha_interval(
    codes: Codes, *, replicates: int = 1000, seed: int = 0, level: float = 0.95
) -> tuple[float, float] | None:
    """Percentile bootstrap over items; replicates in which all votes are equal are left out."""
    counts = _counts(codes)
    if len(counts) == 0:
        return None
    draw = np.random.default_rng(seed)
    weights = draw.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=replicates)
    alphas = _alphas(counts, weights.astype(np.float64))
    alphas = alphas[~np.isnan(alphas)]
    if len(alphas) == 0:
        return None
    low, high = np.quantile(alphas, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def raw_agreement(codes: Codes) -> float | None:
    """Mean over items with two votes or more of the share of equal pairs; None without such an item."""
    counts = _counts(codes)
    if len(counts) == 0:
        return None
    size = counts.sum(axis=1)
    equal = (counts * (counts - 1)).sum(axis=1) / (size * (size - 1))
    return float(equal.mean())


def _agreement(policy_id: str, votes: Sequence[VoteRow], replicates: int, seed: int) -> Agreement:
    codes, raters, _ = vote_codes(votes)
    interval = alpha_interval(codes, replicates=replicates, seed=seed)
    alpha = krippendorff_alpha(codes)
    return Agreement(
        policy_id=policy_id,
        raters=len(raters),
        items=len(_counts(codes)),
        votes=int((codes != MISSING).sum()),
        unsure=sum(vote.answer == "unsure" for vote in votes),
        skipped=sum(vote.answer == "skipped" for vote in votes),
        alpha=alpha,
        low=interval[0] if interval and alpha is not None else None,
        high=interval[1] if interval and alpha is not None else None,
        raw=raw_agreement(codes),
        simulated=any(vote.label_source == "simulated" for vote in votes),
    )


def _counts(codes: Codes) -> Floats:
    """Items x values: how often each value was given, for items with at least two votes."""
    values = range(int(codes.max(initial=0)) + 1)
    counts = np.stack([(codes == value).sum(axis=0) for value in values], axis=1).astype(np.float64)
    kept: Floats = counts[counts.sum(axis=1) >= 2]
    return kept


def _alphas(counts: Floats, weights: Floats) -> Floats:
    """Alpha of each replicate: items x values counts, replicates x items weights; NaN where undefined."""
    size = counts.sum(axis=1)
    apart = (size**2 - (counts**2).sum(axis=1)) / (size - 1)
    total = weights @ size
    expected = total**2 - ((weights @ counts) ** 2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        alphas: Floats = 1 - (total - 1) * (weights @ apart) / expected
    alphas[expected == 0] = np.nan
    return alphas
