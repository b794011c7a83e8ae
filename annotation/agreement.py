"""How far raters agree: Krippendorff's alpha, Fleiss' and Cohen's kappa and raw agreement, each with an
interval, by policy and by policy and role.

Policies are never pooled: whether raters agree is a fact about one policy's text. `unsure` and `skipped`
are missing values here, not a third label, and adjudicators are no raters. Intervals are 95 % percentile
intervals of a bootstrap over images.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from annotation import coefficients
from annotation.adjudicators import is_adjudicator
from annotation.ballot import MISSING, Ballot, Floats, ballot, by_policy, label_counts
from bench.schema import ROLES, Role, VoteRow
from bench.stats import Bootstrap, counted, interval

REPLICATES = 1000
PAIRS_AT_ONCE = 64  # of raters; a table of 10,000 images then takes 20 MB


@dataclass(frozen=True, slots=True)
class Measure:
    """A coefficient with its interval; all None where it is not defined, and then `undefined` says why."""

    value: float | None
    low: float | None
    high: float | None
    undefined: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement under one policy, over all images (`role` None) or those of one role.

    `fleiss` is taken over the images with the commonest number of votes, `cohen` is the mean over the
    pairs of raters that have one (Light, 1971), `raw_agreement` the chance that two raters of an image
    said the same.
    """

    policy_id: str
    role: Role | None
    raters: int
    items: int  # images with at least two votes
    votes: int
    unsure: int
    skipped: int
    krippendorff: Measure
    fleiss: Measure
    cohen: Measure
    raw_agreement: Measure
    simulated: bool  # at least one vote is of a simulated rater

    @property
    def alpha(self) -> float | None:
        return self.krippendorff.value

    @property
    def low(self) -> float | None:
        """The lower end of alpha's interval."""
        return self.krippendorff.low

    @property
    def high(self) -> float | None:
        """The upper end of alpha's interval."""
        return self.krippendorff.high

    @property
    def raw(self) -> float | None:
        return self.raw_agreement.value


@dataclass(frozen=True, slots=True)
class PairKappa:
    """Cohen's kappa of two raters under one policy, over the images both voted on."""

    policy_id: str
    first: str
    second: str
    images: int
    kappa: Measure


def agreement_table(
    votes: Sequence[VoteRow], *, replicates: int = REPLICATES, seed: int = 0
) -> tuple[Agreement, ...]:
    """One row a policy, in order of policy id."""
    groups = by_policy(_of_raters(votes))
    return tuple(_agreement(policy, None, given, replicates, seed) for policy, given in groups.items())


def agreement_by_role(
    votes: Sequence[VoteRow], roles: Mapping[str, Role], *, replicates: int = REPLICATES, seed: int = 0
) -> tuple[Agreement, ...]:
    """One row a policy and role that has votes; `roles` by image id, votes on other images do not count."""
    return tuple(
        _agreement(policy, role, of_role, replicates, seed)
        for policy, given in by_policy(_of_raters(votes)).items()
        for role in ROLES
        if (of_role := [vote for vote in given if roles.get(vote.image_id) == role])
    )


def cohen_pairs(
    votes: Sequence[VoteRow], *, replicates: int = REPLICATES, seed: int = 0
) -> tuple[PairKappa, ...]:
    """One row a policy and pair of raters, in order of policy and pseudonyms."""
    groups = by_policy(_of_raters(votes))
    return tuple(
        row for policy, given in groups.items() for row in _pair_rows(ballot(policy, given), replicates, seed)
    )


def _of_raters(votes: Sequence[VoteRow]) -> list[VoteRow]:
    return [vote for vote in votes if not is_adjudicator(vote.rater)]


def _agreement(
    policy_id: str, role: Role | None, votes: Sequence[VoteRow], replicates: int, seed: int
) -> Agreement:
    given = ballot(policy_id, votes)
    draw = _Draw(given, replicates, seed)
    return Agreement(
        policy_id=policy_id,
        role=role,
        raters=len(given.raters),
        items=len(label_counts(given.codes, at_least=2)),
        votes=int((given.codes != MISSING).sum()),
        unsure=sum(vote.answer == "unsure" for vote in votes),
        skipped=sum(vote.answer == "skipped" for vote in votes),
        krippendorff=draw.measure(coefficients.alpha_table(given.codes), coefficients.alpha),
        fleiss=draw.measure(coefficients.fleiss_table(given.codes), coefficients.fleiss),
        cohen=draw.mean_cohen(),
        raw_agreement=draw.measure(coefficients.raw_table(given.codes), coefficients.raw),
        simulated=any(vote.label_source == "simulated" for vote in votes),
    )


def _pair_rows(given: Ballot, replicates: int, seed: int) -> list[PairKappa]:
    voted = (given.codes != MISSING).astype(np.int64)
    together = voted @ voted.T
    pairs, kappas, samples = _Draw(given, replicates, seed).kappas()
    return [
        PairKappa(
            policy_id=given.policy_id,
            first=given.raters[a],
            second=given.raters[b],
            images=int(together[a, b]),
            kappa=_measured(
                kappas[column],
                samples[:, column],
                int(together[a, b]),
                "both always gave one label" if together[a, b] else "no image in common",
            ),
        )
        for column, (a, b) in enumerate(pairs)
    ]


class _Draw:
    """The bootstrap of one ballot: whole images are drawn, the same ones for every pair of raters."""

    def __init__(self, given: Ballot, replicates: int, seed: int) -> None:
        self._given, self._replicates, self._seed = given, replicates, seed

    def measure(self, table: Floats, formula: Callable[[Floats], Floats]) -> Measure:
        """A coefficient from its table over images."""
        if len(table) == 0:
            return Measure(None, None, None, "no image has two votes")
        samples = formula(self._sums(table))
        value = float(formula(table.sum(axis=0)))
        return _measured(value, samples, counted(table), "every vote is the same")

    def mean_cohen(self) -> Measure:
        pairs, kappas, samples = self.kappas()
        why = "no pair of raters has a kappa" if pairs else "fewer than two raters"
        images = int((self._given.codes != MISSING).any(axis=0).sum())
        return _measured(float(_mean(kappas)), _mean(samples), images, why)

    def kappas(self) -> tuple[list[tuple[int, int]], Floats, Floats]:
        """The pairs of raters, their kappas (pairs,), and the bootstrap's (replicates x pairs)."""
        pairs = list(combinations(range(len(self._given.raters)), 2))
        values: list[Floats] = [np.zeros(0)]
        samples: list[Floats] = [np.zeros((self._replicates, 0))]
        for start in range(0, len(pairs), PAIRS_AT_ONCE):
            table = coefficients.cohen_table(self._given.codes, pairs[start : start + PAIRS_AT_ONCE])
            values.append(coefficients.cohen(table.sum(axis=0)))
            samples.append(coefficients.cohen(self._sums(table)))
        return pairs, np.concatenate(values), np.concatenate(samples, axis=1)

    def _sums(self, table: Floats) -> Floats:
        return Bootstrap(len(table), self._replicates, self._seed).sums([table])[0]


def _mean(kappas: Floats) -> Floats:
    """The mean over the last axis, nan left out; nan where nothing is left."""
    known = ~np.isnan(kappas)
    total, number = np.where(known, kappas, 0.0).sum(axis=-1), known.sum(axis=-1)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def _measured(value: float, samples: Floats, images: int, undefined: str) -> Measure:
    """`samples` are of `images` drawn anew; those in which the coefficient is not defined are left out."""
    if np.isnan(value):
        return Measure(None, None, None, undefined)
    low, high = interval(samples, images)
    return Measure(float(value), low, high)
