"""Agreement equals the `krippendorff` package, statsmodels and scikit-learn; what is undefined says why."""

from __future__ import annotations

import krippendorff
import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import fleiss_kappa

from annotation import coefficients
from annotation.agreement import Agreement, agreement_by_role, agreement_table, cohen_pairs
from annotation.ballot import Codes, Floats, ballot
from bench.schema import LABELS, VoteRow
from tests.annotation.samples import vote

CLOSE = 1e-12


def random_codes(seed: int, raters: int = 5, items: int = 200, missing: float = 0.4) -> Codes:
    draw = np.random.default_rng(seed)
    truth = draw.random(items) < 0.3
    codes = (truth ^ (draw.random((raters, items)) < 0.2)).astype(np.int64)
    codes[draw.random(codes.shape) < missing] = -1
    return codes


def votes_of(codes: Codes, policy_id: str = "L3") -> list[VoteRow]:
    """A matrix as votes of the raters r-0, r-1, .. on the images i000, i001, .."""
    return [
        vote(f"i{image:03d}", f"r-{rater}", LABELS[code], policy_id=policy_id)
        for rater, row in enumerate(codes.tolist())
        for image, code in enumerate(row)
        if code >= 0
    ]


def row_of(codes: Codes, replicates: int = 1000) -> Agreement:
    return agreement_table(votes_of(codes), replicates=replicates)[0]


@pytest.mark.parametrize("seed", range(20))
def test_alpha_equals_the_krippendorff_package(seed: int) -> None:
    codes = random_codes(seed)
    data = np.where(codes < 0, np.nan, codes)
    expected = krippendorff.alpha(reliability_data=data, level_of_measurement="nominal")
    assert row_of(codes, 1).alpha == pytest.approx(expected, abs=CLOSE)


def test_alpha_of_the_published_example() -> None:
    # Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), example A: two raters, ten items
    codes = np.array([[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]])
    assert row_of(codes, 1).alpha == pytest.approx(0.095, abs=5e-4)


@pytest.mark.parametrize("seed", range(20))
def test_fleiss_equals_statsmodels(seed: int) -> None:
    codes = random_codes(seed, missing=0.0)
    table = np.stack([(codes == value).sum(axis=0) for value in range(2)], axis=1)
    assert row_of(codes, 1).fleiss.value == pytest.approx(fleiss_kappa(table), abs=CLOSE)


def test_fleiss_takes_the_images_with_the_commonest_number_of_votes() -> None:
    codes = random_codes(0, items=300)
    votes = (codes >= 0).sum(axis=0)
    sizes = [int((votes == size).sum()) for size in range(6)]
    commonest = max(range(2, 6), key=lambda size: (sizes[size], size))
    kept = codes[:, votes == commonest]
    table = np.stack([(kept == value).sum(axis=0) for value in range(2)], axis=1)
    assert row_of(codes, 1).fleiss.value == pytest.approx(fleiss_kappa(table), abs=CLOSE)


@pytest.mark.parametrize("seed", range(20))
def test_cohen_equals_scikit_learn_over_the_images_both_voted_on(seed: int) -> None:
    codes = random_codes(seed, raters=4)
    expected = {}
    for a in range(4):
        for b in range(a + 1, 4):
            both = (codes[a] >= 0) & (codes[b] >= 0)
            expected[f"r-{a}", f"r-{b}"] = (
                int(both.sum()),
                cohen_kappa_score(codes[a, both], codes[b, both], labels=[0, 1]),
            )
    rows = cohen_pairs(votes_of(codes), replicates=1)
    assert [(row.first, row.second) for row in rows] == list(expected)
    for row in rows:
        images, kappa = expected[row.first, row.second]
        assert (row.images, row.kappa.value) == (images, pytest.approx(kappa, abs=CLOSE))
    mean = np.mean([kappa for _, kappa in expected.values()])
    assert row_of(codes, 1).cohen.value == pytest.approx(mean, abs=CLOSE)


def test_raw_agreement_is_the_mean_share_of_equal_pairs() -> None:
    codes = np.array([[0, 0, 1], [0, 1, -1], [0, 1, -1]])  # 3 of 3 pairs, 1 of 3, too few
    assert row_of(codes, 1).raw == pytest.approx((1 + 1 / 3) / 2)


def resampled(codes: Codes, statistic: str, replicates: int = 2000) -> Floats:
    """The interval by redrawing the columns of the matrix one replicate at a time."""
    draw = np.random.default_rng(1)
    found = []
    for _ in range(replicates):
        again = codes[:, draw.integers(0, codes.shape[1], codes.shape[1])]
        if statistic == "krippendorff":
            table = coefficients.alpha(coefficients.alpha_table(again).sum(axis=0))
        elif statistic == "fleiss":
            table = coefficients.fleiss(coefficients.fleiss_table(again).sum(axis=0))
        elif statistic == "cohen":
            pairs = [(a, b) for a in range(len(codes)) for b in range(a + 1, len(codes))]
            table = coefficients.cohen(coefficients.cohen_table(again, pairs).sum(axis=0)).mean()
        else:
            table = coefficients.raw(coefficients.raw_table(again).sum(axis=0))
        found.append(float(table))
    return np.quantile(found, [0.025, 0.975])


@pytest.mark.parametrize("statistic", ["krippendorff", "fleiss", "cohen", "raw_agreement"])
def test_intervals_equal_resampling_the_matrix(statistic: str) -> None:
    codes = random_codes(3, raters=3, items=80, missing=0.0)
    measure = getattr(row_of(codes, 4000), statistic)
    assert (measure.low, measure.high) == pytest.approx(tuple(resampled(codes, statistic)), abs=0.02)


def test_intervals_hold_the_value_and_narrow_with_more_images() -> None:
    few, many = row_of(random_codes(0, items=50)), row_of(random_codes(0, items=2000))
    for name in ("krippendorff", "fleiss", "cohen", "raw_agreement"):
        wide, narrow = getattr(few, name), getattr(many, name)
        assert wide.low < wide.value < wide.high
        assert narrow.high - narrow.low < (wide.high - wide.low) / 2


def test_full_agreement_is_one_everywhere() -> None:
    row = row_of(np.array([[0, 1, 1], [0, 1, 1]]))
    assert [m.value for m in (row.krippendorff, row.fleiss, row.cohen, row.raw_agreement)] == [1.0] * 4


def test_one_label_only_leaves_alpha_and_kappas_undefined_and_says_so() -> None:
    row = row_of(np.array([[0, 0], [0, 0]]))
    assert (row.krippendorff.value, row.krippendorff.undefined) == (None, "every vote is the same")
    assert (row.fleiss.value, row.fleiss.undefined) == (None, "every vote is the same")
    assert (row.cohen.value, row.cohen.undefined) == (None, "no pair of raters has a kappa")
    assert (row.raw, row.raw_agreement.undefined) == (1.0, "")


def test_one_vote_an_image_leaves_everything_undefined() -> None:
    row = row_of(np.array([[0, 1]]))
    measures = (row.krippendorff, row.fleiss, row.raw_agreement)
    assert {(m.value, m.low, m.high, m.undefined) for m in measures} == {
        (None, None, None, "no image has two votes")
    }
    assert row.cohen.undefined == "fewer than two raters"


def test_raters_without_a_common_image_have_no_kappa() -> None:
    codes = np.array([[0, 1, -1, -1], [-1, -1, 0, 1], [0, 1, 0, -1]])
    found = {(row.first, row.second): row.kappa for row in cohen_pairs(votes_of(codes))}
    assert found["r-0", "r-1"].undefined == "no image in common"
    assert found["r-0", "r-2"].value == 1.0
    assert found["r-1", "r-2"].undefined == "both always gave one label"


def test_unsure_and_skipped_are_missing_votes() -> None:
    votes = [vote("i1", "r-a", "safe"), vote("i1", "r-b", "unsure"), vote("i2", "r-a", "skipped")]
    given = ballot("L3", [*votes, vote("i2", "r-b", "unsafe")])
    assert (given.raters, given.images) == (("r-a", "r-b"), ("i1", "i2"))
    assert given.codes.tolist() == [[0, -1], [-1, 1]]


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


def test_roles_are_told_apart() -> None:
    same = votes_of(np.array([[0, 1, 0, 1], [0, 1, 0, 1]]))
    apart = [
        vote(f"e{i}", rater, "safe" if rater == "r-0" else "unsafe")
        for i in range(4)
        for rater in ("r-0", "r-1")
    ]
    roles = {f"i{i:03d}": "original" for i in range(4)} | {f"e{i}": "edited" for i in range(4)}
    rows = agreement_by_role([*same, *apart], roles)  # type: ignore[arg-type]
    assert [(row.policy_id, row.role, row.items, row.raw) for row in rows] == [
        ("L3", "original", 4, 1.0),
        ("L3", "edited", 4, 0.0),
    ]


def test_adjudicators_are_no_raters() -> None:
    votes = votes_of(np.array([[0, 1, 0], [0, 1, 1]]))
    ruled = [vote("i000", "a-1", "unsafe"), vote("i001", "a-1", "safe")]
    assert agreement_table([*votes, *ruled]) == agreement_table(votes)
    assert cohen_pairs([*votes, *ruled]) == cohen_pairs(votes)


def test_no_votes_give_empty_tables() -> None:
    assert agreement_table([]) == agreement_by_role([], {}) == cohen_pairs([]) == ()
