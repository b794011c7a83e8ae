"""Forms in time: which one counts, what they expose raters to, and how agreement came about."""

from __future__ import annotations

import pytest

from annotation.errors import AnnotationError
from annotation.exposure import Budget, Exposure, exposure
from annotation.forms import Form, forms_of, latest
from annotation.timeline import agreement_over_time
from bench.policy import load_policies
from bench.schema import Answer
from tests.annotation.samples import vote
from tests.annotation.vote_samples import form

POLICIES = load_policies()[2:3]
MORNING, NOON, NEXT = "2026-03-01T08:00:00Z", "2026-03-01T12:00:00Z", "2026-03-02T08:00:00Z"


def one(image_id: str, rater: str, answer: Answer = "safe", **options: object) -> Form:
    return form(image_id, rater, (answer,), POLICIES, **options)  # type: ignore[arg-type]


def test_a_form_is_of_one_rater_and_image() -> None:
    with pytest.raises(AnnotationError, match="give one form a rater and image"):
        Form(NOON, (vote("i1", "r-a", "safe"), vote("i2", "r-a", "safe")))
    with pytest.raises(AnnotationError, match="is of nobody"):
        Form(NOON, ())


def test_a_day_is_told_in_utc() -> None:
    assert one("i1", "r-a", at="2026-03-02T01:30:00+03:00").day == "2026-03-01"
    assert one("i1", "r-a").day == ""


def test_the_last_form_counts() -> None:
    votes = latest([one("i1", "r-a", "unsafe", at=NOON), one("i1", "r-a", "safe", at=MORNING)])
    assert [row.answer for row in votes] == ["unsafe"]


def test_votes_without_forms_are_put_together_by_rater_and_image() -> None:
    votes = [vote("i1", "r-a", "safe", policy_id=policy) for policy in ("L2", "L3")] + [
        vote("i1", "r-b", "safe")
    ]
    assert [(f.rater, f.image_id, len(f.votes), f.day) for f in forms_of(votes)] == [
        ("r-a", "i1", 2, ""),
        ("r-b", "i1", 1, ""),
    ]


def test_exposure_counts_revealed_forms_by_rater_and_day() -> None:
    forms = [
        one("i1", "r-a", at=MORNING, seconds=60),
        one("i2", "r-a", at=NOON, seconds=30),
        one("i3", "r-a", "skipped", at=NOON, seconds=50, revealed=False),
        one("i1", "r-a", at=NEXT, seconds=6),
        one("i1", "r-b", at=NEXT, seconds=6, revealed=False),
    ]
    assert exposure(forms) == (
        Exposure("r-a", "2026-03-01", 3, 1, 2, 1.5, 0, False),
        Exposure("r-a", "2026-03-02", 1, 0, 1, 0.1, 0, False),
        Exposure("r-b", "2026-03-02", 1, 0, 0, 0.0, 0, False),
    )


def test_a_form_left_open_over_lunch_counts_five_minutes() -> None:
    (day,) = exposure([one("i1", "r-a", at=NOON, seconds=3600)])
    assert (day.minutes, day.cut) == (5.0, 1)


def test_a_day_is_over_budget_by_minutes_or_by_pictures() -> None:
    forms = [one(f"i{n}", "r-a", at=NOON, seconds=60) for n in range(10)]
    assert not exposure(forms, Budget(minutes=10, pictures=10))[0].over_budget
    assert exposure(forms, Budget(minutes=9, pictures=10))[0].over_budget
    assert exposure(forms, Budget(minutes=10, pictures=9))[0].over_budget


def test_an_unknown_day_is_never_over_budget() -> None:
    assert not exposure([one("i1", "r-a")], Budget(minutes=0, pictures=0))[0].over_budget


def test_agreement_is_told_day_by_day() -> None:
    first = [
        one(f"i{n}", rater, "unsafe" if n else "safe", at=NOON) for n in range(3) for rater in ("r-a", "r-b")
    ]
    then = [
        one(f"j{n}", rater, "safe" if rater == "r-a" else "unsafe", at=NEXT)
        for n in range(3)
        for rater in ("r-a", "r-b")
    ]
    early, late = agreement_over_time([*then, *first])
    assert (early.when, early.forms, dict(early.alphas)) == ("2026-03-01", 6, {"L3": 1.0})
    assert (late.when, late.forms) == ("2026-03-02", 12)
    assert dict(late.alphas)["L3"] < 0.2


def test_without_days_it_is_told_in_twelve_steps() -> None:
    forms = [
        one(f"i{n}", rater, "unsafe" if n % 2 else "safe") for n in range(30) for rater in ("r-a", "r-b")
    ]
    moments = agreement_over_time(forms)
    assert [moment.forms for moment in moments] == [5 * step for step in range(1, 13)]
    assert agreement_over_time(forms[:2])[-1].alphas == ()  # one image: not defined
    assert agreement_over_time([]) == ()


def test_of_many_days_thirty_at_most_are_told_and_the_last_always() -> None:
    months = [one(f"i{n}", "r-a", at=f"2026-{1 + n // 28:02d}-{1 + n % 28:02d}T08:00:00Z") for n in range(84)]
    moments = agreement_over_time(months)
    assert (len(moments), moments[-1].when, moments[-1].forms) == (28, "2026-03-28", 84)
