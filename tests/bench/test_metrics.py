"""The formulas against hand-made numbers and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from bench import metrics

RNG = np.random.default_rng(7)
L1_BY_ACCURACY = np.array([False, True])


def counts_of(gold: list[int], said: list[int]) -> np.ndarray:
    truth, right = np.array(gold, dtype=bool), np.array(gold) == np.array(said)
    return metrics.confusion(truth, right).sum(axis=0)


def test_confusion_orders_tp_fp_fn_tn() -> None:
    assert counts_of([1, 1, 1, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0, 0]).tolist() == [2, 1, 1, 3]


def test_by_hand() -> None:
    counts = np.array([2.0, 1.0, 1.0, 3.0])
    assert metrics.accuracy(counts) == pytest.approx(5 / 7)
    assert metrics.f1(counts) == pytest.approx(4 / 6)
    assert metrics.macro_f1(counts) == pytest.approx((4 / 6 + 6 / 8) / 2)
    assert metrics.balanced_accuracy(counts) == pytest.approx((2 / 3 + 3 / 4) / 2)
    assert metrics.share(np.array([3.0, 4.0])) == 0.75


@pytest.mark.parametrize("seed", range(20))
def test_against_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    gold, said = rng.integers(0, 2, 40), rng.integers(0, 2, 40)
    counts = counts_of(gold.tolist(), said.tolist())
    assert metrics.accuracy(counts) == pytest.approx(sk.accuracy_score(gold, said))
    assert metrics.f1(counts) == pytest.approx(sk.f1_score(gold, said))
    assert metrics.macro_f1(counts) == pytest.approx(sk.f1_score(gold, said, average="macro"))
    assert metrics.balanced_accuracy(counts) == pytest.approx(sk.balanced_accuracy_score(gold, said))


def test_a_policy_without_unsafe_cases_is_scored_by_accuracy() -> None:
    counts = np.array([0.0, 1.0, 0.0, 3.0])
    assert metrics.f1_or_accuracy(counts[None], np.array([False])) == [0.75]
    assert metrics.f1(counts) == 0.0
    assert np.isnan(metrics.f1(np.array([0.0, 0.0, 0.0, 4.0])))
    assert metrics.macro_f1(counts) == pytest.approx(6 / 7)  # of `safe` alone
    assert metrics.balanced_accuracy(counts) == 0.75


def test_headline_is_the_mean_over_policies() -> None:
    counts = np.array([[0.0, 1.0, 0.0, 3.0], [2.0, 1.0, 1.0, 3.0]])
    assert metrics.headline(counts, L1_BY_ACCURACY) == pytest.approx((0.75 + 4 / 6) / 2)


def test_a_replicate_without_unsafe_cases_has_no_f1() -> None:
    """Neither a full score for saying nothing, nor a zero for having nothing to find."""
    counts = np.array([[0.0, 0.0, 0.0, 4.0], [0.0, 0.0, 0.0, 4.0]])
    assert np.isnan(metrics.headline(counts, L1_BY_ACCURACY))


def test_leading_axes_are_kept() -> None:
    counts, by_f1 = RNG.integers(1, 9, (6, 5, 4)).astype(float), np.arange(5) > 0
    assert metrics.headline(counts, by_f1).shape == (6,)
    assert metrics.headline(counts, by_f1)[3] == pytest.approx(metrics.headline(counts[3], by_f1))


def test_undefined_is_nan() -> None:
    assert np.isnan(metrics.accuracy(np.zeros(4)))
    assert np.isnan(metrics.balanced_accuracy(np.zeros(4)))


def auroc(p: np.ndarray, gold: np.ndarray) -> float:
    whole = metrics.wins(p, gold).sum(axis=0)
    return float(metrics.auroc(whole, whole))


def test_wins_of_cases_by_hand() -> None:
    """Doubled, a tie counting once: the unsafe .6 wins once and ties once, the safe .6 ties and loses."""
    p, gold = np.array([0.6, 0.9, 0.6, 0.1]), np.array([True, True, False, False])
    assert metrics.wins(p, gold).tolist() == [[3, 0, 1, 0], [4, 0, 1, 0], [0, 3, 0, 1], [0, 4, 0, 1]]
    assert auroc(p, gold) == 7 / 8


@pytest.mark.parametrize("seed", range(10))
def test_auroc_against_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    p, gold = rng.integers(0, 6, 50) / 5, rng.integers(0, 2, 50).astype(bool)  # many ties
    assert auroc(p, gold) == pytest.approx(sk.roc_auc_score(gold, p))


def test_auroc_of_resamples_is_near_that_of_scikit_learn() -> None:
    """The linear part leaves out a term that falls with the number of cases: a tenth of the spread here."""
    rng = np.random.default_rng(5)
    gold = np.arange(400) % 2 == 0
    p = 1 / (1 + np.exp(-rng.normal(gold * 1.5)))
    weights = rng.multinomial(400, np.full(400, 1 / 400), 200)
    wins = metrics.wins(p, gold)
    found = metrics.auroc(weights @ wins, wins.sum(axis=0))
    expected = [sk.roc_auc_score(gold, p, sample_weight=row) for row in weights]
    assert np.abs(found - expected).mean() < 0.1 * np.std(expected)
    assert found.std() == pytest.approx(np.std(expected), rel=0.03)
    assert np.quantile(found, [0.025, 0.975]) == pytest.approx(
        np.quantile(expected, [0.025, 0.975]), abs=0.003
    )


def test_auroc_of_one_class_is_undefined() -> None:
    assert np.isnan(auroc(np.array([0.1, 0.9]), np.array([True, True])))
    assert np.isnan(auroc(np.zeros(0), np.zeros(0, dtype=bool)))


def test_ece_by_hand() -> None:
    p, gold = np.array([0.95, 0.95, 0.15, 1.0]), np.array([True, False, False, True])
    # bin 9 holds .95 .95 1.0: mean 2.9/3, share unsafe 2/3; bin 1 holds .15: share 0
    assert metrics.ece(metrics.calibration(p, gold).sum(axis=0)) == pytest.approx(
        (3 * abs(2.9 / 3 - 2 / 3) + 0.15) / 4
    )


def test_ece_against_a_plain_loop() -> None:
    p, gold = RNG.random(300), RNG.random(300) < 0.4
    expected = 0.0
    for edge in range(10):
        inside = (p >= edge / 10) & (p < (edge + 1) / 10)
        expected += inside.mean() * abs(p[inside].mean() - gold[inside].mean())
    assert metrics.ece(metrics.calibration(p, gold).sum(axis=0)) == pytest.approx(expected)
