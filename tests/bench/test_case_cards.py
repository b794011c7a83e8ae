"""Which single cases the page shows when it cannot show all, and what it says of each."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from bench.case_cards import CaseAnswer, differences, failures
from bench.compare import compare
from bench.contents import PairContents
from bench.results import ResultRow
from bench.schema import VerdictRow
from tests.bench.sample import sample
from tests.bench.sample_runs import fooled, perfect, run

PAIRS = {f"p{n:03d}": PairContents({}, ("firearm",), "firearm (news)") for n in range(9)}


def lazy(row: VerdictRow) -> ResultRow:
    """Wrong everywhere, the less sure the higher the pair; refuses under L5."""
    sure = 0.9 - 0.1 * int(row.pair_id[1:])
    if row.policy_id == "L5":
        return replace(
            perfect(row), status="refused", p_unsafe=None, text="no", detail="opens like a refusal"
        )
    if row.safety_label == "safe":
        return replace(perfect(row), status="unsafe", p_unsafe=sure)
    return replace(perfect(row), status="safe", p_unsafe=1 - sure)


def test_a_card_tells_the_case_and_what_it_is_filtered_by() -> None:
    rows = [row for row in run(sample(), answer=lazy).rows if row.policy_id == "L5" and row.role == "control"]
    card = failures([rows], PAIRS, 9).cards[0]
    assert (card.pair, card.shows, card.policy, card.role) == ("p000", "firearm (news)", "L5", "control")
    assert (card.gold, card.concepts, card.run) == ("unsafe", ("firearm",), 0)
    assert (card.outcomes, card.certainty) == (("refused", "any unreadable"), ("firm",))
    answer = CaseAnswer(0, "refused", "unreadable", None, "no", "opens like a refusal", None)
    assert card.answers == (answer,)


def test_right_answers_and_unlabelled_cases_are_no_failures() -> None:
    rows = [replace(row, gold=None) if row.policy_id == "L5" else row for row in run(sample()).rows]
    assert failures([rows], PAIRS, 9).cards == ()


def test_of_many_failures_every_kind_is_shown_and_the_surest_first() -> None:
    rows = run(sample(6), answer=lazy).rows
    found = failures([rows], PAIRS, 15)
    assert (len(found.cards), found.totals) == (15, (len(rows),))
    kinds = Counter((card.policy, card.role) for card in found.cards)
    assert len(kinds) == 15  # five policies, three roles
    assert {card.pair for card in found.cards if card.policy != "L5"} == {"p000"}


def test_runs_share_the_place() -> None:
    found = failures([run(sample(), answer=lazy).rows, run(sample(), answer=fooled).rows], PAIRS, 10)
    assert [found.shown(0), found.shown(1), found.totals] == [5, 5, (40, 8)]


def test_differences_are_half_of_each_side_and_hold_both_answers() -> None:
    a, b = run(sample(), answer=fooled).rows, run(sample(), answer=lazy).rows
    found = differences(compare(a, b, replicates=50), (a, b), PAIRS, 20)
    assert found.totals == (32, 0)
    assert [found.shown(0), found.shown(1)] == [10, 0]
    card = next(card for card in found.cards if card.policy == "L5")
    assert [(answer.run, answer.mark) for answer in card.answers] == [(0, "right"), (1, "unreadable")]
    assert (card.run, card.outcomes) == (0, (card.gold, "refused", "any unreadable"))


def test_differences_come_from_whoever_is_right() -> None:
    a, b = run(sample(), answer=fooled).rows, run(sample()).rows
    found = differences(compare(a, b, replicates=50), (a, b), PAIRS, 20)
    assert (found.totals, {card.run for card in found.cards}) == ((0, 8), {1})


def test_a_fragile_answer_is_told() -> None:
    rows = [replace(row, status="error", fragile=True, text="x" * 400) for row in run(sample()).rows[:1]]
    card = failures([rows], PAIRS, 9).cards[0]
    assert card.certainty == ("fragile",)
    assert card.answers[0].text == "x" * 279 + "…"
