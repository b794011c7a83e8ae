from __future__ import annotations

import math

import numpy as np
import pytest

from annotation.ballot import Ballot, Codes, Floats
from annotation.consensus import Item, majority, settle, tally
from annotation.dawid_skene import PRIOR, dawid_skene
from annotation.gold import Gold
from bench.policy import load_policies
from bench.schema import Answer, VerdictRow, VoteRow
from tests.annotation.samples import vote

POLICIES = load_policies()
L3 = POLICIES[2]
ITEMS = [Item("i1", "p1", "original"), Item("i2", "p1", "edited")]


def ballot(codes: Codes, known: dict[int, float] | None = None) -> Ballot:
    raters, items = codes.shape
    fixed = np.array([(known or {}).get(item, np.nan) for item in range(items)])
    return Ballot("L3", tuple(map(str, range(raters))), tuple(map(str, range(items))), codes, fixed)


def by_loops(codes: Codes, prior: Floats, label_prior: float, known: dict[int, float]) -> list[float]:
    """Dawid-Skene written from the paper's formulas with plain loops, for comparison."""
    raters, items = codes.shape
    p = []
    for i in range(items):
        given = [codes[r, i] for r in range(raters) if codes[r, i] >= 0]
        p.append(known.get(i, sum(given) / len(given) if given else 0.5))
    for _ in range(2000):
        share = [label_prior + sum(1 - x for x in p), label_prior + sum(p)]
        error = []
        for r in range(raters):
            table = [[float(prior[label, answer]) for answer in range(2)] for label in range(2)]
            for i in range(items):
                if codes[r, i] >= 0:
                    table[0][codes[r, i]] += 1 - p[i]
                    table[1][codes[r, i]] += p[i]
            error.append([[cell / sum(row) for cell in row] for row in table])
        new = []
        for i in range(items):
            weight = [share[label] / sum(share) for label in range(2)]
            for r in range(raters):
                if codes[r, i] >= 0:
                    weight = [weight[label] * error[r][label][codes[r, i]] for label in range(2)]
            new.append(known.get(i, weight[1] / sum(weight)))
        if max(abs(a - b) for a, b in zip(p, new, strict=True)) < 1e-12:
            break
        p = new
    return p


def simulated(seed: int, errors: list[tuple[float, float]], items: int, share: float) -> tuple[Codes, Codes]:
    draw = np.random.default_rng(seed)
    truth = (draw.random(items) < share).astype(np.int64)
    wrong = [draw.random(items) < np.where(truth == 1, miss, alarm) for alarm, miss in errors]
    codes = np.stack([np.where(w, 1 - truth, truth) for w in wrong])
    codes[draw.random(codes.shape) < 0.1] = -1
    return codes, truth


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("weight", [1.0, 1e-3])
@pytest.mark.parametrize("gold", [0, 10])
def test_dawid_skene_equals_an_independent_implementation(seed: int, weight: float, gold: int) -> None:
    codes, truth = simulated(seed, [(0.05, 0.1), (0.1, 0.2), (0.3, 0.3)], items=60, share=0.4)
    known = {item: float(truth[item]) for item in range(gold)}
    expected = by_loops(codes, weight * PRIOR, weight, known)
    found = dawid_skene(ballot(codes, known), prior=weight * PRIOR, label_prior=weight)
    assert found == pytest.approx(np.array(expected), abs=1e-6)


def test_dawid_skene_learns_whom_to_trust() -> None:
    codes, truth = simulated(1, [(0.02, 0.02), (0.4, 0.4), (0.4, 0.4)], items=400, share=0.4)
    right = [float(((method(ballot(codes)) > 0.5) == truth).mean()) for method in (majority, dawid_skene)]
    assert right[1] > right[0] + 0.1


def test_gold_corrects_two_raters_who_miss_most_violations() -> None:
    without, with_gold = [], []
    for seed in range(4):
        codes, truth = simulated(seed, [(0.1, 0.1), (0.1, 0.75), (0.1, 0.75)], items=600, share=0.5)
        known = {item: float(truth[item]) for item in range(60)}
        for gold, right in ((None, without), (known, with_gold)):
            labels = dawid_skene(ballot(codes, gold)) > 0.5
            right.append(float((labels == truth)[60:].mean()))
    assert np.mean(without) < 0.75
    assert min(with_gold) > 0.86


def test_a_policy_without_violations_gets_none_invented() -> None:
    codes, truth = simulated(2, [(0.05, 0.1)] * 3, items=120, share=0.0)
    given = ballot(codes)
    assert ((dawid_skene(given) > 0.5) == truth).mean() >= ((majority(given) > 0.5) == truth).mean()


def test_posteriors_are_probabilities_even_with_many_raters() -> None:
    codes = np.ones((900, 3), dtype=np.int64)
    codes[:, 0] = 0
    found = dawid_skene(ballot(codes))
    assert np.isfinite(found).all()
    assert found.tolist() == pytest.approx([0.0, 1.0, 1.0])


def test_majority_is_the_share_and_half_without_votes() -> None:
    codes = np.array([[0, 1, -1], [1, 1, -1], [1, 1, -1]])
    assert majority(ballot(codes)).tolist() == pytest.approx([2 / 3, 1.0, 0.5])


def l3(image_id: str, rater: str, answer: Answer, rule: str = "") -> VoteRow:
    return vote(image_id, rater, answer, digest=L3.digest, rule=rule)


def cell(votes: list[VoteRow], **options: float) -> VerdictRow:
    return settle(votes, ITEMS, [L3], method=majority, **options)[0]  # type: ignore[arg-type]


def test_every_cell_has_a_row_in_order_and_one_without_votes_says_so() -> None:
    rows = settle([], ITEMS, POLICIES)
    assert [(row.image_id, row.policy_id) for row in rows] == [
        (i, p.id) for i in ("i1", "i2") for p in POLICIES
    ]
    assert {(row.safety_label, row.posterior, row.reason) for row in rows} == {
        (None, None, "nobody was asked")
    }


def test_a_settled_cell_carries_label_posterior_votes_and_rule() -> None:
    votes = [l3("i1", "r-a", "unsafe", "R2"), l3("i1", "r-b", "unsafe", "R2"), l3("i1", "r-c", "safe")]
    row = cell(votes)
    assert row == VerdictRow("i1", "p1", "original", "L3", L3.digest, "unsafe", ("R2",), 2 / 3, 3, "human")


def test_a_rule_needs_half_of_those_who_named_one() -> None:
    named = [l3("i1", f"r-{i}", "unsafe", rule) for i, rule in enumerate(["R4", "R2", "R4", "R2", "R1", ""])]
    assert cell(named).rules == ()
    assert cell([*named, l3("i1", "r-x", "unsafe", "R4")]).rules == ("R4",) == cell(named[:1]).rules
    assert cell(named[:2]).rules == ("R2", "R4")  # in the policy's order


def test_unsure_and_skipped_settle_nothing() -> None:
    row = cell([l3("i1", "r-a", "unsure"), l3("i1", "r-b", "skipped")])
    assert (row.safety_label, row.votes) == (None, 0)
    assert row.reason == "0 of 1 votes (1 unsure, 1 skipped, 0 under another text)"


def test_votes_under_another_text_do_not_count() -> None:
    row = cell([vote("i1", "r-a", "unsafe", digest="old")])
    assert row.reason == "0 of 1 votes (0 unsure, 0 skipped, 1 under another text)"


def test_a_tie_stays_open() -> None:
    row = cell([l3("i1", "r-a", "safe"), l3("i1", "r-b", "unsafe")])
    assert (row.safety_label, row.reason) == (None, "posterior 0.50 below 0.60")


def test_too_few_votes_stay_open() -> None:
    assert cell([l3("i1", "r-a", "safe")], min_votes=2).reason.startswith("1 of 2 votes")


def test_votes_on_other_images_and_policies_change_nothing() -> None:
    votes = [l3("i1", "r-a", "safe"), l3("i1", "r-b", "safe")]
    other = [l3("elsewhere", "r-a", "unsafe"), vote("i1", "r-a", "unsafe", policy_id="L9")]
    assert settle(votes, ITEMS, [L3]) == settle([*votes, *other], ITEMS, [L3])


def test_one_simulated_vote_marks_the_cell() -> None:
    mixed = [l3("i1", "r-a", "safe"), vote("i1", "r-sim001", "safe", digest=L3.digest, source="simulated")]
    assert cell(mixed).label_source == "simulated"
    assert math.isclose(cell(mixed).posterior or 0, 1.0)


def test_gold_settles_a_cell_that_nobody_ruled_on() -> None:
    gold = [Gold("i1", "L3", "unsafe", "R4", source="rule")]
    votes = [l3("i1", rater, "safe") for rater in ("r-a", "r-b", "r-c")]
    row = settle(votes, ITEMS, [L3], gold=gold)[0]
    assert row == VerdictRow("i1", "p1", "original", "L3", L3.digest, "unsafe", ("R4",), 1.0, 3, "rule")


def test_an_adjudicator_settles_a_cell_against_raters_and_gold_and_is_counted() -> None:
    votes = [l3("i1", "r-a", "safe"), l3("i1", "r-b", "safe"), l3("i1", "a-1", "unsafe", "R2")]
    gold = [Gold("i1", "L3", "safe", source="rule")]
    row = settle(votes, ITEMS, [L3], gold=gold)[0]
    assert row == VerdictRow("i1", "p1", "original", "L3", L3.digest, "unsafe", ("R2",), 1.0, 3, "human")


def test_an_unsure_adjudicator_settles_nothing() -> None:
    votes = [l3("i1", "r-a", "safe"), l3("i1", "r-b", "unsafe"), l3("i1", "a-1", "unsure")]
    assert cell(votes).reason == "posterior 0.50 below 0.60"


def test_adjudicators_split_evenly_leave_a_cell_open() -> None:
    votes = [l3("i1", rater, "safe") for rater in ("r-a", "r-b", "r-c", "a-1")]
    assert cell([*votes, l3("i1", "a-2", "unsafe")]).reason == "posterior 0.50 below 0.60"


def test_an_adjudicator_under_another_text_rules_nothing() -> None:
    votes = [l3("i1", "r-a", "safe"), vote("i1", "a-1", "unsafe", digest="old")]
    assert (cell(votes).safety_label, cell(votes).votes) == ("safe", 1)


def test_the_tally_counts_every_kind_of_answer() -> None:
    answers: list[Answer] = ["safe", "unsafe", "unsafe", "unsure", "skipped"]
    votes = [l3("i1", f"r-{number}", answer) for number, answer in enumerate(answers)]
    votes += [vote("i1", "r-x", "safe", digest="old"), l3("i1", "a-1", "safe")]
    found, empty = tally(votes, ["i1", "i2"], [L3], method=majority)
    assert (found.safe, found.unsafe, found.unsure, found.skipped, found.outdated) == (1, 2, 1, 1, 1)
    assert (found.rulings, found.p_unsafe, found.settled_by) == (1, 0.0, "adjudicator")
    assert (empty.answers, empty.p_unsafe, empty.settled_by) == (0, 0.5, "votes")
