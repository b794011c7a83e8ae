from __future__ import annotations

import krippendorff
import numpy as np
import pytest

from annotation.agreement import (
    Codes,
    agreement_table,
    alpha_interval,
    krippendorff_alpha,
    raw_agreement,
    vote_codes,
)
from tests.annotation.samples import vote


def random_codes(seed: int, raters: int = 5, items: int = 200, missing: float = 0.4) -> Codes:
    draw = np.random.default_rng(seed)
    truth = draw.random(items) < 0.3
    codes = (truth ^ (draw.random((raters, items)) < 0.2)).astype(np.int64)
    codes[draw.random(codes.shape) < missing] = -1
    return codes


@pytest.mark.parametrize("seed", range(20))
def test_alpha_equals_the_krippendorff_package(seed: int) -> None:
    codes = random_codes(seed)
    data = np.where(codes < 0, np.nan, codes)
    expected = krippendorff.alpha(reliability_data=data, level_of_measurement="nominal")
    assert krippendorff_alpha(codes) == pytest.approx(expected, abs=1e-12)


def test_alpha_of_the_published_example() -> None:
    # Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), example A: two raters, ten items
    codes = np.array([[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]])
    assert krippendorff_alpha(codes) == pytest.approx(0.095, abs=5e-4)


def test_full_agreement_is_one_and_a_single_value_is_undefined() -> None:
    assert krippendorff_alpha(np.array([[0, 1], [0, 1]])) == 1.0
    assert krippendorff_alpha(np.array([[0, 0], [0, 0]])) is None
    assert krippendorff_alpha(np.array([[0, 1]])) is None
    assert krippendorff_alpha(np.zeros((0, 0), dtype=np.int64)) is None


def test_the_interval_holds_alpha_and_narrows_with_more_items() -> None:
    few, many = random_codes(0, items=50), random_codes(0, items=2000)
    low, high = alpha_interval(few) or (np.nan, np.nan)
    assert low < (krippendorff_alpha(few) or np.nan) < high
    narrow = alpha_interval(many) or (np.nan, np.nan)
    assert narrow[1] - narrow[0] < (high - low) / 3


def test_the_interval_equals_resampling_the_matrix() -> None:
    codes = random_codes(3, items=80)
    codes = codes[:, (codes >= 0).sum(axis=0) >= 2]
    draw = np.random.default_rng(1)
    picks = draw.integers(0, codes.shape[1], size=(4000, codes.shape[1]))
    expected = np.quantile([krippendorff_alpha(codes[:, pick]) for pick in picks], [0.025, 0.975])
    assert alpha_interval(codes, replicates=4000) == pytest.approx(tuple(expected), abs=0.02)


def test_raw_agreement_is_the_mean_share_of_equal_pairs() -> None:
    codes = np.array([[0, 0, 1], [0, 1, -1], [0, 1, -1]])  # 3 of 3 pairs, 1 of 3, too few
    assert raw_agreement(codes) == pytest.approx((1 + 1 / 3) / 2)
    assert raw_agreement(np.array([[0, 1]])) is None


def test_unsure_and_skipped_are_missing_votes() -> None:
    votes = [vote("i1", "r-a", "safe"), vote("i1", "r-b", "unsure"), vote("i2", "r-a", "skipped")]
    codes, raters, items = vote_codes([*votes, vote("i2", "r-b", "unsafe")])
    assert (raters, items) == (("r-a", "r-b"), ("i1", "i2"))
    assert codes.tolist() == [[0, -1], [-1, 1]]


def test_the_table_has_a_row_a_policy_and_counts_what_it_left_out() -> None:
    votes = [vote(f"i{i}", rater, "safe", policy_id="L1") for i in range(4) for rater in ("r-a", "r-b")]
    votes += [vote(f"i{i}", "r-a", "unsafe" if i else "safe") for i in range(4)]
    votes += [vote(f"i{i}", "r-sim001", "unsafe" if i else "safe", source="simulated") for i in range(4)]
    votes += [vote("i9", "r-a", "unsure"), vote("i9", "r-b", "skipped")]
    first, second = agreement_table(votes)
    assert (first.policy_id, first.alpha, first.low, first.raw, first.simulated) == (
        "L1",
        None,
        None,
        1.0,
        False,
    )
    assert (second.policy_id, second.alpha, second.items, second.votes) == ("L3", 1.0, 4, 8)
    assert (second.unsure, second.skipped, second.raters, second.simulated) == (1, 1, 3, True)


def test_no_votes_give_an_empty_table() -> None:
    assert agreement_table([]) == ()
