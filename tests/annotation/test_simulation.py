"""Raters with known confusion matrices: consensus against the truth, calibrated, and raters found out.

`python -m tests.bench_annotation` prints the same over more draws.
"""

from __future__ import annotations

import numpy as np
import pytest

from annotation.ballot import Ballot, Floats
from annotation.consensus import majority
from annotation.dawid_skene import dawid_skene, rater_estimates
from bench.metrics import calibration, ece
from tests.annotation.vote_samples import Rates, simulated_codes

IMAGES, SHARE, GOLD = 1000, 0.35, 80
RATES = [Rates(0.03, 0.05), Rates(0.15, 0.25), Rates(0.25, 0.40)]  # one careful, two hasty


def drawn(seed: int, gold: int = 0) -> tuple[Ballot, Floats]:
    codes, truth = simulated_codes(seed, IMAGES, SHARE, RATES)
    known = np.where(np.arange(IMAGES) < gold, truth, np.nan)
    return Ballot("L3", ("r-0", "r-1", "r-2"), tuple(map(str, range(IMAGES))), codes, known), truth.astype(
        float
    )


def accuracy(p_unsafe: Floats, truth: Floats) -> float:
    return float(((p_unsafe > 0.5) == (truth == 1)).mean())


@pytest.mark.parametrize("gold", [0, GOLD])
def test_dawid_skene_beats_majority_on_images_that_are_not_gold(gold: int) -> None:
    gains = []
    for seed in range(10):
        given, truth = drawn(seed, gold)
        by_majority, by_em = (accuracy(by(given)[gold:], truth[gold:]) for by in (majority, dawid_skene))
        gains.append(by_em - by_majority)
    assert min(gains) >= 0
    assert np.mean(gains) > 0.025


def test_posteriors_are_calibrated() -> None:
    errors = []
    for seed in range(10):
        given, truth = drawn(seed, GOLD)
        by_both = [by(given)[GOLD:] for by in (majority, dawid_skene)]
        errors.append([float(ece(calibration(p, truth[GOLD:] == 1).sum(axis=0))) for p in by_both])
    by_majority, by_em = np.array(errors).T
    assert by_em.max() < 0.05
    assert by_em.mean() < by_majority.mean() / 3


def test_true_accuracies_lie_in_their_intervals() -> None:
    inside = [
        estimate.low <= rates.accuracy(SHARE) <= estimate.high
        for seed in range(8)
        for estimate, rates in zip(rater_estimates(drawn(seed, GOLD)[0]), RATES, strict=True)
    ]
    assert sum(inside) >= 20  # of 24; 95 % intervals do worse once in 170 times
