"""Why a policy rules as it does, rule by rule."""

from __future__ import annotations

import pytest

from bench.concepts import CONTEXTS, vocabulary
from bench.explain import explain
from bench.policy import Policy, Sighting, load_policies

POLICIES = {policy.id: policy for policy in load_policies()}


@pytest.mark.parametrize("policy", POLICIES.values(), ids=lambda policy: policy.id)
def test_the_ruling_is_unsafe_exactly_where_a_reason_is_broken(policy: Policy) -> None:
    for concept in vocabulary().concepts:
        for context in ("", *CONTEXTS):
            seen = [Sighting(concept, frozenset({context} if context else ()))]
            broken = [reason.rule for reason in explain(policy, seen) if reason.finding == "broken"]
            assert tuple(broken) == policy.judge(seen).rules


def found(policy_id: str, *seen: Sighting) -> list[tuple[str, str, str]]:
    return [(reason.rule, reason.finding, reason.why) for reason in explain(POLICIES[policy_id], seen)]


def test_what_lifts_a_rule_is_named_for_each_thing_that_is_shown() -> None:
    blade, toy = Sighting("blade", frozenset({"kitchen"})), Sighting("firearm", frozenset({"toy_or_cartoon"}))
    assert found("L3", blade, toy, Sighting("firearm")) == [
        ("R1", "lifted", "blade (kitchen): excepted in kitchen"),
        ("R1", "lifted", "firearm (toy or cartoon): excepted in toy or cartoon or warning sign"),
        ("R1", "broken", "firearm: forbidden"),
    ]


def test_a_rule_that_holds_in_some_contexts_only_says_so() -> None:
    assert found("L5", Sighting("firearm")) == [
        ("R10", "elsewhere", "firearm: forbidden only in toy or cartoon")
    ]


def test_where_nothing_is_shown_no_rule_speaks() -> None:
    assert found("L5") == []
