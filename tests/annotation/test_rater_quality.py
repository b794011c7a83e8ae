"""Raters against gold and attention checks: figures with intervals, and a verdict with its evidence."""

from __future__ import annotations

import pytest
from statsmodels.stats.proportion import proportion_confint

from annotation.attention import Attention, attention
from annotation.forms import Form
from annotation.gold import Gold
from annotation.rater_quality import RaterReport, accuracy_estimates, gold_scores, rater_reports
from bench.policy import load_policies
from bench.schema import Answer
from bench.stats import wilson
from tests.annotation.samples import vote
from tests.annotation.vote_samples import Rates, form, simulated_codes, votes_of

L2, L3 = load_policies()[1:3]
POLICIES = (L2, L3)
IMAGES = [f"i{number:02d}" for number in range(30)]
GOLD = [
    Gold(image, policy.id, "unsafe" if policy is L3 else "safe") for image in IMAGES for policy in POLICIES
]


def sheet(rater: str, wrong: int = 0, **options: object) -> list[Form]:
    """A form an image: right everywhere but for L3 of the first `wrong` images."""
    said: list[tuple[Answer, Answer]] = [
        ("safe", "safe" if n < wrong else "unsafe") for n in range(len(IMAGES))
    ]
    return [form(image, rater, pair, POLICIES, **options) for image, pair in zip(IMAGES, said, strict=True)]  # type: ignore[arg-type]


def report(forms: list[Form], rater: str = "r-a") -> RaterReport:
    return next(found for found in rater_reports(forms, POLICIES, gold=GOLD) if found.rater == rater)


@pytest.mark.parametrize(("right", "n"), [(0, 5), (5, 5), (8, 10), (123, 200)])
def test_the_interval_is_wilsons(right: int, n: int) -> None:
    assert wilson(right, n) == pytest.approx(proportion_confint(right, n, method="wilson"), abs=1e-12)


def test_gold_accuracy_is_counted_by_policy_and_pooled() -> None:
    scores = {score.policy_id: score for score in report(sheet("r-a", wrong=6)).gold_by_policy}
    assert (scores["L2"].answers, scores["L2"].accuracy) == (30, 1.0)
    assert (scores["L3"].accuracy, scores["L3"].misses, scores["L3"].false_alarms) == (0.8, 6, 0)
    pooled = report(sheet("r-a", wrong=6)).gold
    assert (pooled.answers, pooled.accuracy) == (60, 0.9)
    assert (pooled.low, pooled.high) == wilson(54, 60)


def test_unsure_skipped_and_other_texts_are_no_answers() -> None:
    votes = [
        vote("i00", "r-a", "unsure", digest=L3.digest),
        vote("i01", "r-a", "skipped", digest=L3.digest),
        vote("i02", "r-a", "unsafe", digest="old"),
        vote("i03", "r-a", "safe", digest=L3.digest),
    ]
    pooled = gold_scores(votes, POLICIES, GOLD)[0]
    assert (pooled.answers, pooled.accuracy, pooled.misses) == (1, 0.0, 1)


def test_a_good_rater_is_kept_and_a_new_one_waits() -> None:
    assert report(sheet("r-a", wrong=2)).standing == "keep"
    new = report(sheet("r-a")[:5])
    assert (new.standing, new.evidence) == (
        "wait",
        ("10 of 10 gold answers right (72 to 100 %): 0 missed, 0 false alarms",),
    )


def test_gold_below_par_is_looked_at_and_stopped_when_beyond_doubt() -> None:
    assert report(sheet("r-a", wrong=14)).standing == "look"  # 46 of 60, up to 86 %
    assert report(sheet("r-a", wrong=26)).standing == "stop"  # 34 of 60, up to 69 %


def test_without_gold_there_is_no_accuracy() -> None:
    found = rater_reports(sheet("r-a"), POLICIES)[0]
    assert (found.gold.accuracy, found.standing, found.evidence) == (
        None,
        "wait",
        ("no gold question answered",),
    )


def test_a_report_counts_the_load() -> None:
    forms = sheet("r-a", seconds=20)[:25]
    forms += [form("i28", "r-a", ("skipped", "skipped"), POLICIES, seconds=2, revealed=False)]
    forms += [form("i29", "r-a", ("unsure", "safe"), POLICIES, seconds=90)]
    found = report(forms)
    assert (found.forms, found.skipped, found.unsure, found.revealed, found.seconds) == (27, 1, 1, 26, 20)


def test_adjudicators_have_no_report() -> None:
    assert [found.rater for found in rater_reports([*sheet("r-a"), *sheet("a-b")], POLICIES)] == ["r-a"]


def checks(forms: list[Form], rater: str = "r-a") -> dict[str, Attention]:
    return {found.check: found for found in attention(forms) if found.rater == rater}


def test_fast_answers_without_a_look_are_hasty() -> None:
    slow, blind = sheet("r-a")[:15], sheet("r-a", seconds=8, revealed=False)[15:]
    found = checks([*slow, *blind])["hasty"]
    assert (found.failed, found.of, found.flagged) == (15, 30, True)
    assert found.text == "hasty: 15 of 30 forms in under 3 s, or 10 s without a look"
    assert report([*slow, *blind]).standing == "look"


def test_eight_seconds_with_a_look_and_a_slow_blind_answer_are_fine() -> None:
    assert checks(sheet("r-a", seconds=8))["hasty"].failed == 0
    assert checks(sheet("r-a", seconds=40, revealed=False))["hasty"].failed == 0
    assert checks(sheet("r-a", seconds=2))["hasty"].flagged


def test_skipping_fast_costs_nothing() -> None:
    skips = [
        form(image, "r-a", ("skipped", "skipped"), POLICIES, seconds=1, revealed=False) for image in IMAGES
    ]
    assert checks(skips)["hasty"] == Attention("r-a", "hasty", 0, 0, False)
    assert not any(check.flagged for check in checks(skips).values())


def test_one_answer_to_everything_is_flagged_when_others_saw_two_kinds() -> None:
    lazy = [form(image, "r-a", ("safe", "safe"), POLICIES) for image in IMAGES]
    others = [*sheet("r-b"), *sheet("r-c")]
    found = checks([*lazy, *others])["same answer"]
    assert (found.failed, found.of, found.flagged) == (60, 60, True)
    assert report([*lazy, *others]).standing == "stop"


def test_one_answer_to_everything_is_fine_when_others_gave_it_too() -> None:
    agreed = [form(image, name, ("safe", "safe"), POLICIES) for image in IMAGES for name in ("r-a", "r-b")]
    assert not checks(agreed)["same answer"].flagged


def test_two_answers_to_one_question_are_a_contradiction() -> None:
    again = [form(image, "r-a", ("safe", "safe"), POLICIES) for image in IMAGES[:5]]
    found = checks([*sheet("r-a"), *again])["contradiction"]
    assert (found.failed, found.of, found.flagged) == (5, 10, True)
    assert not checks([*sheet("r-a"), *sheet("r-a")])["contradiction"].flagged


def test_estimates_have_a_row_a_rater_and_policy_and_need_no_gold() -> None:
    rates = [Rates(0.02, 0.05), Rates(0.1, 0.2), Rates(0.2, 0.3)]
    codes, _ = simulated_codes(0, 300, 0.4, rates)
    rows = accuracy_estimates([*votes_of(codes, L2), *votes_of(codes, L3)], POLICIES)
    assert [(row.policy_id, row.rater, row.votes) for row in rows] == [
        (policy, f"r-{rater}", 300) for policy in ("L2", "L3") for rater in range(3)
    ]
    assert rows[0].accuracy > rows[1].accuracy > rows[2].accuracy
    assert all(row.low < row.accuracy < row.high for row in rows)
