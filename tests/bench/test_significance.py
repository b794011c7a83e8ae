"""The tests against scipy, and against simulation where no closed form exists."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest, false_discovery_control, permutation_test

from bench.significance import detectable, holm, mcnemar, sign_flips, two_sided


@pytest.mark.parametrize(("only_a", "only_b"), [(0, 0), (1, 0), (3, 3), (4, 11), (120, 80), (2100, 1900)])
def test_mcnemar_is_a_fair_coin_over_the_discordant_cases(only_a: int, only_b: int) -> None:
    n = only_a + only_b
    expected = binomtest(only_a, n).pvalue if n else 1.0
    assert mcnemar(only_a, only_b) == pytest.approx(expected, rel=1e-9)
    assert mcnemar(only_b, only_a) == mcnemar(only_a, only_b)


def test_mcnemar_of_a_hopeless_case_is_zero_and_no_error() -> None:
    assert mcnemar(20_000, 0) == 0.0


def test_sign_flips_agree_with_every_flip_of_ten_pairs() -> None:
    differences = np.array([3.0, 1, -1, 2, 2, -1, 1, 3, 0, 1, 2])
    exact = permutation_test(
        (differences,), np.sum, permutation_type="samples", n_resamples=math.inf, alternative="two-sided"
    ).pvalue
    assert sign_flips(differences, flips=50_000) == pytest.approx(exact, rel=0.1)


def test_sign_flips_of_single_cases_agree_with_mcnemar() -> None:
    differences = np.repeat([1.0, -1.0, 0.0], [30, 14, 500])
    assert sign_flips(differences) == pytest.approx(mcnemar(30, 14), rel=0.1)


def test_runs_that_never_differ_have_p_one() -> None:
    assert sign_flips(np.zeros(5)) == 1.0


def test_sign_flips_are_never_zero_and_the_same_twice() -> None:
    differences = np.ones(40)
    assert sign_flips(differences) == sign_flips(differences) == 1 / 10_001


def test_pairs_of_alike_answers_fool_mcnemar_and_not_the_sign_flips() -> None:
    """Equal runs whose ten cases a pair are right together: 5 % of tests may find a difference."""
    rng = np.random.default_rng(0)
    signs = rng.choice([-1.0, 0.0, 1.0], (400, 60))  # 60 pairs, of each ten cases are discordant at once
    by_case = [mcnemar(10 * int((run > 0).sum()), 10 * int((run < 0).sum())) < 0.05 for run in signs]
    by_pair = [sign_flips(10 * run, flips=500) < 0.05 for run in signs]
    assert np.mean(by_case) > 0.4
    assert 0.02 <= np.mean(by_pair) <= 0.08


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([0.9, 0.8]) == (1.0, 1.0)
    assert holm([]) == ()


def test_holm_lies_between_no_adjustment_and_bonferroni() -> None:
    p = np.random.default_rng(1).random(7) / 5
    found = np.array(holm(p.tolist()))
    assert (found >= false_discovery_control(p) - 1e-12).all()  # stricter than Benjamini-Hochberg
    assert (found <= np.minimum(1, 7 * p) + 1e-12).all()


def test_four_in_five_comparisons_find_the_detectable_difference() -> None:
    """600 pairs of one case, a fifth discordant: simulate the difference that is said to be detectable."""
    rng, n, discordant = np.random.default_rng(2), 600, 0.2
    apart = detectable(np.repeat([1.0, -1.0, 0.0], [60, 60, 480]), n)
    assert apart == pytest.approx(2.802 * math.sqrt(discordant / n), rel=1e-3)
    only_a = rng.binomial(rng.binomial(n, discordant, 2000), 0.5 + apart / discordant / 2)
    total = np.random.default_rng(2).binomial(n, discordant, 2000)
    found = [mcnemar(int(a), int(t - a)) < 0.05 for a, t in zip(only_a, total, strict=True)]
    assert 0.74 <= np.mean(found) <= 0.84


def test_nothing_is_detectable_that_never_differs() -> None:
    assert detectable(np.zeros(4), 8) == 0.0


def test_two_sided_p_goes_with_the_interval() -> None:
    assert two_sided(np.array([0.1] * 99)) == pytest.approx(2 / 100)
    assert two_sided(np.array([-0.1] * 10 + [0.1] * 89)) == pytest.approx(2 * 11 / 100)
    assert two_sided(np.zeros(50)) == 1.0
    assert math.isnan(two_sided(np.array([np.nan])))
