"""Three votes a cell, five where the posterior stays low, and never without end."""

from __future__ import annotations

import pytest

from annotation.overlap import ImageNeed, more_votes
from tests.annotation.vote_samples import cell


def test_a_new_image_wants_three_raters_and_five_at_most() -> None:
    assert more_votes([cell()]).images == (ImageNeed("i1", 3, 5, ("L3",)),)


def test_three_clear_votes_are_enough() -> None:
    assert more_votes([cell(safe=3, p_unsafe=0.02)]).images == ()


def test_a_low_posterior_wants_one_more_at_a_time_up_to_five() -> None:
    assert [more_votes([cell(safe=s, unsafe=1, p_unsafe=0.3)]).forms for s in (1, 2, 3, 4)] == [1, 1, 1, 0]


def test_an_image_needs_what_its_neediest_cell_needs() -> None:
    cells = [
        cell(policy_id="L1", safe=3, p_unsafe=0.0),
        cell(policy_id="L2", safe=1, unsure=2, p_unsafe=0.1),
        cell(policy_id="L3", safe=2, unsafe=1, p_unsafe=0.3),
    ]
    assert more_votes(cells).images == (ImageNeed("i1", 2, 2, ("L2", "L3")),)


def test_answers_without_a_vote_end_at_five_too() -> None:
    assert more_votes([cell(unsure=4)]).forms == 1
    assert more_votes([cell(unsure=5)]).forms == 0


def test_a_cell_that_was_ruled_on_wants_nothing_and_gold_wants_its_votes() -> None:
    assert more_votes([cell(safe=1, settled_by="adjudicator", rulings=1, p_unsafe=1.0)]).forms == 0
    assert more_votes([cell(safe=1, settled_by="gold", p_unsafe=1.0)]).forms == 2


def test_the_budget_is_the_sum_and_the_neediest_come_first() -> None:
    cells = [cell("a", safe=2, unsafe=1, p_unsafe=0.4), cell("b"), cell("c", safe=3, p_unsafe=0.0)]
    plan = more_votes(cells)
    assert [need.image_id for need in plan.images] == ["b", "a"]
    assert (plan.forms, plan.at_most) == (4, 7)


def test_limits_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="base 5 and most 3"):
        more_votes([], base=5, most=3)
