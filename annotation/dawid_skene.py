"""Dawid-Skene with gold correction: every rater has a confusion matrix, every image a hidden label.

Dawid and Skene, Applied Statistics 28 (1979): EM finds both. It runs per policy, since a rater who reads
one policy well may misread another. Images whose label is known (gold, or ruled on by an adjudicator)
keep that label in every round, so they teach the confusion matrices and are not overruled. Small counts
are steadied by a weak prior that raters are better than chance (`PRIOR`), which also keeps the two
labels from changing places.

Images with the same votes have the same posterior, so EM runs over the distinct columns of the matrix,
weighted by how often they occur. A bootstrap over images is then EM with other weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from annotation.ballot import MISSING, Ballot, Floats
from bench.stats import interval

# Pseudo-counts, true label x answer: four answers of a rater who is right nine times in ten.
PRIOR: Floats = np.array([[3.6, 0.4], [0.4, 3.6]])
LABEL_PRIOR = 1.0
MAX_ROUNDS = 2000
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class RaterEstimate:
    """How one rater answers under one policy, as EM sees it.

    `accuracy` is the expected share of right answers with its 95 % interval, `false_alarm` P(says unsafe
    | safe), `miss` P(says safe | unsafe), all in [0, 1].
    """

    policy_id: str
    rater: str
    votes: int
    accuracy: float
    low: float
    high: float
    false_alarm: float
    miss: float


@dataclass(frozen=True, slots=True)
class _Patterns:
    """The distinct columns of a ballot. `said` is (2 x raters, patterns): 1 where that answer was given,
    all raters' `safe` first; `of_image` is each image's pattern."""

    said: Floats
    known: Floats
    counts: Floats
    of_image: np.ndarray[tuple[int], np.dtype[np.intp]]

    @property
    def votes(self) -> Floats:
        """Raters x patterns: 1 where the rater voted."""
        safe, unsafe = np.split(self.said, 2)
        votes: Floats = safe + unsafe
        return votes


@dataclass(frozen=True, slots=True)
class _Fit:
    posterior: Floats  # P(unsafe) of each pattern
    confusion: Floats  # label x answer x rater


def dawid_skene(given: Ballot, *, prior: Floats = PRIOR, label_prior: float = LABEL_PRIOR) -> Floats:
    """P(unsafe) of each image, known labels kept; stops when none moves by 1e-9.

    `prior` (true label x answer) and `label_prior` are positive pseudo-counts; close to zero they give the
    maximum likelihood, which invents violations under a policy that has none.
    """
    patterns = _patterns(given)
    fit = _em(patterns, patterns.counts, _shares(patterns), prior, label_prior)
    unsafe: Floats = fit.posterior[patterns.of_image]
    return unsafe


def rater_estimates(given: Ballot, *, replicates: int = 200, seed: int = 0) -> tuple[RaterEstimate, ...]:
    """One row a rater with a vote; intervals from a bootstrap over images, EM run anew on each draw."""
    if not given.images:
        return ()
    patterns = _patterns(given)
    fit = _em(patterns, patterns.counts, _shares(patterns), PRIOR, LABEL_PRIOR)
    accuracy = _accuracy(patterns, patterns.counts, fit.posterior)
    draws = np.random.default_rng(seed).multinomial(
        len(given.images), patterns.counts / patterns.counts.sum(), size=replicates
    )
    redrawn = np.stack([_redrawn(patterns, weights.astype(np.float64), fit.posterior) for weights in draws])
    totals = (patterns.votes @ patterns.counts).astype(int)
    return tuple(
        RaterEstimate(
            policy_id=given.policy_id,
            rater=rater,
            votes=int(totals[number]),
            accuracy=float(accuracy[number]),
            low=low,
            high=high,
            false_alarm=float(fit.confusion[0, 1, number]),
            miss=float(fit.confusion[1, 0, number]),
        )
        for number, rater in enumerate(given.raters)
        if totals[number]
        for low, high in [interval(redrawn[:, number], len(given.images))]
    )


def _redrawn(patterns: _Patterns, weights: Floats, start: Floats) -> Floats:
    fit = _em(patterns, weights, start, PRIOR, LABEL_PRIOR, tolerance=1e-6)
    return _accuracy(patterns, weights, fit.posterior)


def _patterns(given: Ballot) -> _Patterns:
    columns = np.concatenate([given.codes.astype(np.float64), np.nan_to_num(given.known, nan=MISSING)[None]])
    distinct, of_image, counts = np.unique(columns, axis=1, return_inverse=True, return_counts=True)
    codes, known = distinct[:-1], distinct[-1]
    return _Patterns(
        said=np.concatenate([codes == 0, codes == 1]).astype(np.float64),
        known=np.where(known == MISSING, np.nan, known),
        counts=counts.astype(np.float64),
        of_image=of_image.ravel(),
    )


def _shares(patterns: _Patterns) -> Floats:
    """Where EM starts: the share of `unsafe` among the votes of each pattern, a half without a vote."""
    unsafe = np.split(patterns.said, 2)[1].sum(axis=0)
    votes = patterns.said.sum(axis=0)
    shares: Floats = np.where(votes > 0, unsafe / np.maximum(votes, 1), 0.5)
    return shares


def _em(
    patterns: _Patterns,
    weights: Floats,
    start: Floats,
    prior: Floats,
    label_prior: float,
    tolerance: float = TOLERANCE,
) -> _Fit:
    raters = len(patterns.said) // 2
    known = ~np.isnan(patterns.known)
    current = np.where(known, patterns.known, start)
    confusion: Floats = np.zeros((2, 2, raters))
    for _ in range(MAX_ROUNDS):
        truth = np.stack([1 - current, current]) * weights  # label x pattern
        counted = (truth @ patterns.said.T).reshape(2, 2, raters) + prior[..., None]
        confusion = counted / counted.sum(axis=1, keepdims=True)
        share = truth.sum(axis=1) + label_prior
        logits = np.log(share / share.sum())[:, None] + np.log(confusion).reshape(2, -1) @ patterns.said
        previous = current
        current = np.where(known, patterns.known, np.exp(-np.logaddexp(0, logits[0] - logits[1])))
        if np.abs(current - previous).max(initial=0) < tolerance:
            break
    return _Fit(current, confusion)


def _accuracy(patterns: _Patterns, weights: Floats, unsafe: Floats) -> Floats:
    """The expected share of right answers of each rater; nan for one without a vote."""
    truth = np.stack([1 - unsafe, unsafe]) * weights
    said = patterns.said.reshape(2, -1, len(weights))
    right, votes = np.einsum("lp,lrp->r", truth, said), patterns.votes @ weights
    accuracy: Floats = np.full(len(votes), np.nan)
    np.divide(right, votes, out=accuracy, where=votes > 0)
    return accuracy
