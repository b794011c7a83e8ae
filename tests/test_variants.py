"""Held-out policies: made from the grammar, deterministic, and as well written as the five."""

from __future__ import annotations

import re

import pytest

from bench.policy import Policy, Sighting, load_policies, truth_table
from bench.variants import (
    exception_edits,
    flipped_cells,
    held_out_policies,
    inverted_policy,
    random_policy,
    subset_policy,
)

FIVE = load_policies()
L1, L3 = FIVE[0], FIVE[2]


def test_an_inverted_policy_disagrees_in_every_cell() -> None:
    for policy in (*FIVE, random_policy(7)):
        inverted = inverted_policy(policy)
        assert len(flipped_cells(policy, inverted)) == len(truth_table(policy))
        assert inverted.kind == "generated"


def test_inverting_twice_gives_the_labels_back() -> None:
    assert flipped_cells(L3, inverted_policy(inverted_policy(L3))) == ()


def test_a_subset_keeps_some_rules_as_they_are() -> None:
    subset = subset_policy(L3, seed=3)
    assert 1 <= len(subset.rules) < len(L3.rules)
    assert set(subset.rules) < set(L3.rules)
    assert subset.purpose != L3.purpose


def test_a_subset_needs_rules() -> None:
    with pytest.raises(ValueError, match="L1 has 0 rules; a subset needs at least 2"):
        subset_policy(L1, seed=0)


def test_an_edit_changes_the_exceptions_of_one_rule_and_flips_only_its_things() -> None:
    edits = exception_edits(L3, seed=0, count=12)
    assert len(edits) == 12
    for edit in edits:
        old = {rule.id: rule for rule in L3.rules}
        changed = [rule for rule in edit.policy.rules if rule != old[rule.id]]
        assert [rule.id for rule in changed] == [edit.rule]
        assert edit.cells == flipped_cells(L3, edit.policy)
        assert {concept for concept, _ in edit.cells} <= set(old[edit.rule].concepts)
        assert len({context for _, context in edit.cells}) == 1
        assert edit.policy.purpose == L3.purpose


def test_a_policy_without_rules_has_no_edits() -> None:
    assert exception_edits(L1, seed=0, count=3) == ()


def test_everything_is_fixed_by_the_seed() -> None:
    assert random_policy(5) == random_policy(5)
    assert random_policy(5).rules != random_policy(6).rules
    assert subset_policy(L3, 1) == subset_policy(L3, 1)
    assert held_out_policies(FIVE, 2, 12) == held_out_policies(FIVE, 2, 12)
    assert held_out_policies(FIVE, 2, 12) != held_out_policies(FIVE, 3, 12)
    assert held_out_policies(FIVE, 2, 12)[:5] == held_out_policies(FIVE, 2, 5)


def test_held_out_policies_are_distinct_new_and_mixed() -> None:
    held_out = held_out_policies(FIVE, seed=0, count=24)
    assert len({policy.id for policy in held_out}) == 24
    assert len({policy.digest for policy in (*FIVE, *held_out)}) == 29
    for kind in ("random", "subset", "edit", "inverted"):
        assert sum(kind in policy.id for policy in held_out) == 6


def named_rules(policy: Policy, wording: int) -> set[str]:
    return set(re.findall(r"\bR\d+\b", policy.text(wording)))


def test_generated_texts_are_whole_in_every_wording() -> None:
    for policy in held_out_policies(FIVE, seed=4, count=40):
        for wording in range(3):
            text = policy.text(wording)
            assert 120 <= len(text.split()) <= 420
            assert not re.search(r"[{}]|  | \.|;\.", text)
            assert named_rules(policy, wording) == {rule.id for rule in policy.rules}


def test_a_random_policy_says_what_it_allows_and_allows_it() -> None:
    policy = random_policy(0)
    assert policy.permits
    for permit in policy.permits:
        assert all(policy.judge([Sighting(concept)]).label == "safe" for concept in permit.concepts)


def test_sources_need_rules() -> None:
    with pytest.raises(ValueError, match="no source policy has two or more rules"):
        held_out_policies([L1], seed=0, count=1)
