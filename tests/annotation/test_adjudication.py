"""What goes to an adjudicator, in what order, and what an adjudicator's vote looks like afterwards."""

from __future__ import annotations

from annotation.adjudication import QueuedImage, adjudication_queue, queued_images
from annotation.adjudicators import as_adjudicator, is_adjudicator
from annotation.gold import Gold
from tests.annotation.samples import vote
from tests.annotation.vote_samples import cell

CLEAR = cell("clear", safe=5, p_unsafe=0.01)
LOW = cell("low", safe=3, unsafe=2, p_unsafe=0.35)
LOWER = cell("lower", safe=3, unsafe=2, p_unsafe=0.45)
TIE = cell("tie", safe=2, unsafe=2, unsure=1, p_unsafe=0.8)
SILENT = cell("silent", unsure=5)
WRONG_GOLD = cell("gold", safe=1, unsafe=4, p_unsafe=0.0, settled_by="gold")
GOLD = [Gold("gold", "L3", "safe")]


def test_the_most_pressing_come_first_and_clear_cells_never() -> None:
    queue = adjudication_queue([CLEAR, LOW, LOWER, SILENT, TIE, WRONG_GOLD], gold=GOLD)
    assert [(item.cell.image_id, item.why) for item in queue] == [
        ("gold", "gold conflict"),
        ("tie", "tie"),
        ("silent", "no votes"),
        ("lower", "low posterior"),
        ("low", "low posterior"),
    ]


def test_reasons_say_what_was_voted() -> None:
    queue = adjudication_queue([WRONG_GOLD, LOW, SILENT], gold=GOLD)
    assert [item.reason for item in queue] == [
        "gold says safe: 1 safe, 4 unsafe, 0 unsure, 0 skipped",
        "no votes: 0 safe, 0 unsafe, 5 unsure, 0 skipped",
        "low posterior (safe 0.65): 3 safe, 2 unsafe, 0 unsure, 0 skipped",
    ]


def test_a_cell_waits_until_its_raters_have_answered() -> None:
    early = cell("early", safe=2, unsafe=1, p_unsafe=0.4)
    assert adjudication_queue([early]) == ()
    assert len(adjudication_queue([early], after=3)) == 1


def test_gold_that_most_raters_confirm_is_not_in_dispute() -> None:
    assert (
        adjudication_queue([cell("gold", safe=3, unsafe=2, settled_by="gold", p_unsafe=0.0)], gold=GOLD) == ()
    )


def test_a_ruling_takes_a_cell_off_the_queue_unless_adjudicators_split() -> None:
    ruled = cell("x", safe=3, unsafe=2, settled_by="adjudicator", rulings=1, p_unsafe=1.0)
    split = cell("y", safe=3, unsafe=2, settled_by="adjudicator", rulings=2, p_unsafe=0.5)
    queue = adjudication_queue([ruled, split])
    assert [(item.cell.image_id, item.why) for item in queue] == [("y", "tie")]
    assert queue[0].reason == "2 adjudicators split evenly; raters: 3 safe, 2 unsafe, 0 unsure, 0 skipped"


def test_an_image_is_queued_once_with_all_its_policies() -> None:
    cells = [LOW, TIE, cell("low", "L5", safe=2, unsafe=2, unsure=1)]
    assert queued_images(adjudication_queue(cells)) == (
        QueuedImage("low", ("L5", "L3")),
        QueuedImage("tie", ("L3",)),
    )


def test_an_adjudicators_votes_are_told_by_their_name() -> None:
    votes = as_adjudicator([vote("i1", "r-3f2a91", "safe"), vote("i1", "r-sim001", "safe")])
    assert [row.rater for row in votes] == ["a-3f2a91", "a-sim001"]
    assert as_adjudicator(votes) == tuple(votes)
    assert [is_adjudicator(name) for name in ("a-3f2a91", "r-3f2a91", "r-gone")] == [True, False, False]
