"""What the card says of the edits, and of who checked them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from statsmodels.stats.proportion import proportion_confint

from bench.schema import EditRow
from data_cards.card import render_data_card
from data_cards.edit_quality import edit_quality
from tests.bench.sample import sample
from tests.data_cards.sample_card import facts_of

ROW = replace(
    sample(2).edits[0], checker="owlv2", residual=False, seen_before=True, naturalness=0.8, natural_by="grain"
)
VISIBLE = "violation still visible (gone 0.25, needed 0.5)"


def attempt(pair: str, number: int, *, chosen: bool = False, reason: str = "", **fields: object) -> EditRow:
    return replace(ROW, pair_id=pair, attempt=number, chosen=chosen, reason=reason, **fields)


FOUR = (
    attempt("a", 0, reason=VISIBLE, residual=True),
    attempt("a", 1, chosen=True),
    attempt("b", 0, chosen=True, residual=True, seen_before=False),
    attempt("b", 1),
    attempt("c", 0, reason="violation still visible (gone 0.10, needed 0.5)", residual=True),
    attempt("c", 1, reason="the edit brought in a new blade"),
)


def card(edits: tuple[EditRow, ...]) -> str:
    rows = sample(2)
    return render_data_card(facts_of(replace(rows, edits=edits)))


def test_what_is_left_is_counted_of_the_kept_and_of_all_attempts() -> None:
    found = edit_quality(FOUR)
    assert (found.left_kept.value, found.left_kept.n) == (0.5, 2)
    assert (found.left_all.value, found.left_all.n) == (0.5, 6)
    assert found.blind == 1


def test_intervals_take_attempts_at_one_picture_as_one() -> None:
    found = edit_quality(FOUR)
    assert (found.left_all.low, found.left_all.high) == pytest.approx(
        proportion_confint(1.5, 3, method="wilson")
    )
    assert found.left_kept.low == pytest.approx(proportion_confint(1, 2, method="wilson")[0])


def test_attempts_needed_and_reasons_are_counted() -> None:
    found = edit_quality(FOUR)
    assert found.needed == (("1", 1), ("2", 1))
    assert found.never == 1
    assert found.rejected == (("violation still visible", 2), ("the edit brought in a new blade", 1))


def test_controls_are_not_asked_what_is_left() -> None:
    control = attempt("a", 0, chosen=True, role="control", residual=None, gone=None)
    assert edit_quality((*FOUR, control)).left_all == edit_quality(FOUR).left_all


def test_the_card_names_who_checked() -> None:
    text = card(FOUR)
    assert "Whether the violation is gone was asked of **owlv2**, which had no part in finding" in text
    assert "| in the edits that were kept | 2 | 50.0 % |" in text
    assert "| violation still visible | 2 |" in text
    assert "scored by grain" in text
    assert "In 1 of 2 pairs the check had not found the violation in the original either" in text


def test_without_a_model_or_a_check_the_card_says_so_plainly() -> None:
    edges = tuple(replace(row, checker="edges") for row in FOUR)
    assert "**No model checked the edits.** `gone` asks whether the violation's own edges are left" in card(
        edges
    )
    nobody = tuple(replace(row, checker="none", residual=None, seen_before=None) for row in FOUR)
    text = card(nobody)
    assert "**No independent check ran.**" in text
    assert "violation still found by the check" not in text


def test_a_check_with_the_localizers_name_is_called_possibly_circular() -> None:
    same = tuple(replace(row, localizer="owlv2") for row in FOUR)
    text = card(same)
    assert "**Possibly circular.** owlv2 bears the name of the localizer" in text
    assert "which had no part in finding" not in text
    assert "Possibly circular" not in card(FOUR)
