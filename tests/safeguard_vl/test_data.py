"""Cases carry the policy's own verdict, and their marks the truth about its rules and words."""

from __future__ import annotations

import numpy as np
import pytest
from transformers import PreTrainedTokenizerFast

from bench.policy import Policy, Sighting, load_policies
from pipeline.safeguard_vl.compose import changed, fresh, training_policy
from pipeline.safeguard_vl.data import ask, encode_question, imagined, question_pool

BLADE = Sighting("blade", frozenset({"kitchen"}))
ALCOHOL = Sighting("alcohol")


@pytest.mark.parametrize("wording", [0, 1, 2])
@pytest.mark.parametrize("policy", load_policies(), ids=lambda policy: policy.id)
def test_answer_is_the_policys_verdict(
    tokenizer: PreTrainedTokenizerFast, policy: Policy, wording: int
) -> None:
    question = encode_question(tokenizer, policy, wording)
    generator = np.random.default_rng(5)
    for shown in [(), (BLADE,), (ALCOHOL,), *(imagined(generator) for _ in range(20))]:
        case = ask(tokenizer, question, shown)
        assert tokenizer.decode(case.ids[case.answer]) == policy.judge(shown).label


@pytest.mark.parametrize("wording", [0, 1, 2])
@pytest.mark.parametrize("policy", load_policies(), ids=lambda policy: policy.id)
def test_every_rule_has_one_mark_and_it_is_true(
    tokenizer: PreTrainedTokenizerFast, policy: Policy, wording: int
) -> None:
    question = encode_question(tokenizer, policy, wording)
    assert sorted(rule for _, rule in question.rules) == sorted(rule.id for rule in policy.rules)
    case = ask(tokenizer, question, (BLADE, ALCOHOL))
    violated = {rule for mark, (_, rule) in zip(case.marks, question.rules, strict=False) if mark.truth}
    assert violated == set(policy.judge((BLADE, ALCOHOL)).rules)
    assert all("\n" in tokenizer.decode(case.ids[place]) for place, _ in question.rules)


def test_names_are_marked_where_they_end(tokenizer: PreTrainedTokenizerFast) -> None:
    question = encode_question(tokenizer, load_policies()[4], 0)
    case = ask(tokenizer, question, (ALCOHOL,))
    marked = {tokenizer.decode(case.ids[: m.place + 1])[-16:] for m in case.marks if m.kind == 1 and m.truth}
    assert marked == {"alcoholic drinks"}


def test_made_up_policies_keep_numbered_rules_and_render_in_every_wording() -> None:
    generator = np.random.default_rng(0)
    for policy in (fresh(generator), changed(load_policies()[4], generator), training_policy(generator)):
        assert [rule.id for rule in policy.rules] == [f"R{n}" for n in range(1, len(policy.rules) + 1)]
        assert len({policy.text(wording) for wording in range(3)}) == 3


def test_pool_starts_with_the_five_and_is_the_same_for_the_same_seed(
    tokenizer: PreTrainedTokenizerFast,
) -> None:
    one, other = (question_pool(tokenizer, 4, 10) for _ in range(2))
    assert [q.policy.id for q in one[:15:3]] == ["L1", "L2", "L3", "L4", "L5"]
    assert [q.ids.tolist() for q in one] == [q.ids.tolist() for q in other]
