"""The bootstrap draws pairs, and its intervals cover what they should."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm, t

from bench import metrics, stats
from bench.stats import UNDEFINED, Bootstrap, Figure, figure, interval, tail


def test_each_replicate_draws_as_many_pairs_as_there_are() -> None:
    weights = np.concatenate(list(Bootstrap(7, 100).weights()))
    assert weights.shape == (100, 7)
    assert (weights.sum(axis=1) == 7).all()


def test_the_cut_into_blocks_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = list(Bootstrap(50, 300).weights())
    monkeypatch.setattr(stats, "BLOCK_CELLS", 350)
    monkeypatch.setattr(stats, "DRAW_CELLS", 120)
    cut = list(Bootstrap(50, 300).weights())
    assert (len(whole), len(cut)) == (1, 43)
    assert np.array_equal(np.concatenate(cut), whole[0])


def test_sums_are_the_weighted_tables() -> None:
    counts, other = np.arange(24.0).reshape(4, 3, 2), np.arange(4.0)
    weights = np.concatenate(list(Bootstrap(4, 10).weights()))
    sums, others = Bootstrap(4, 10).sums([counts, other])
    assert np.allclose(sums, np.einsum("bc,cij->bij", weights, counts))
    assert np.allclose(others, weights @ other)


def test_the_mean_of_the_replicates_is_the_value() -> None:
    hits = np.stack([np.arange(40) % 4 != 0, np.ones(40)], axis=1).astype(float)
    (samples,) = Bootstrap(40).sums([hits])
    shares = metrics.share(samples)
    assert shares.mean() == pytest.approx(0.75, abs=0.003)
    assert shares.std() == pytest.approx(math.sqrt(0.75 * 0.25 / 40), rel=0.03)


def test_a_pair_counts_once_however_many_images_it_has() -> None:
    """Ten pairs of ten images each that agree within the pair: as uncertain as ten images."""
    single = np.stack([np.arange(10) % 2, np.ones(10)], axis=1)
    low, high = interval(metrics.share(Bootstrap(10).sums([single])[0]), 10)
    assert interval(metrics.share(Bootstrap(10).sums([single * 10])[0]), 10) == (low, high)


def test_intervals_cover_the_truth() -> None:
    """400 draws of 40 pairs with pair-wise correlated answers; nominal 95 %."""
    rng, covered = np.random.default_rng(3), 0
    for _ in range(400):
        skill = rng.beta(8, 4, 40)  # mean 2/3, shared by the ten cases of a pair
        hits = np.stack([rng.binomial(10, skill), np.full(40, 10)], axis=1).astype(float)
        (samples,) = Bootstrap(40, 500).sums([hits])
        low, high = interval(metrics.share(samples), 40)
        covered += low <= 2 / 3 <= high
    assert 0.91 <= covered / 400 <= 0.98


@pytest.mark.parametrize("clusters", [10, 20, 40, 5000])
def test_the_tails_are_those_of_student_for_few_pairs(clusters: int) -> None:
    expected = norm.cdf(t.ppf(0.025, clusters - 1) * math.sqrt(clusters / (clusters - 1)))
    assert tail(clusters) == pytest.approx(expected, rel=0.02)


def test_one_pair_has_no_tails() -> None:
    assert interval(np.array([0.2, 0.4, 0.9]), 1) == (0.2, 0.9)


def test_figure_reports_value_interval_and_n() -> None:
    counts = np.tile([[3.0, 4.0], [1.0, 4.0]], (1000, 1))  # so many that the tails are 2.5 %
    samples = np.array([[2.0, 8.0], [4.0, 8.0], [6.0, 8.0]])
    found = figure(metrics.share, counts, samples, 8000)
    assert (found.value, found.n) == (0.5, 8000)
    assert (found.low, found.high) == pytest.approx((0.2625, 0.7375), abs=1e-4)


def test_an_undefined_figure_has_no_interval() -> None:
    assert figure(metrics.share, np.zeros((3, 2)), np.zeros((9, 2)), 0) is UNDEFINED
    assert all(math.isnan(edge) for edge in interval(np.array([np.nan, np.nan]), 2))
    assert (UNDEFINED.percent(), UNDEFINED.interval()) == ("-", "")


def test_percent_has_one_decimal() -> None:
    shown = Figure(0.72249, 0.6, 0.8888, 10)
    assert (shown.percent(), shown.interval()) == ("72.2", "60.0 to 88.9")
