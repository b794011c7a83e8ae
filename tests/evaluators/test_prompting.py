"""Prompts as tokens: all policies of a picture as the model's own processor would make each."""

from __future__ import annotations

import pytest
import torch
from transformers import AutoProcessor

from bench.policy import load_policies
from evaluators import prompting
from evaluators.profile import Profile, load_profile
from tests import tiny
from tests.evaluators.by_hand import ByHand
from tests.evaluators.conftest import Checkpoint
from tests.evaluators.stand_in import picture

LAYOUTS = [
    load_profile(),
    Profile("text-first", "{policy}\n{image}Safe or unsafe?", system="You are a guard."),
]


@pytest.mark.parametrize("family", sorted(tiny.BUILDERS))
@pytest.mark.parametrize("profile", LAYOUTS, ids=lambda profile: profile.id)
def test_rows_are_what_the_processor_makes_of_each_prompt(
    family: str, profile: Profile, checkpoint: Checkpoint
) -> None:
    hand = ByHand.load(checkpoint(family))
    policies, image = load_policies(), picture(1, (90, 70))
    texts = [prompting.render(hand.processor, profile, policy.text()) for policy in policies]
    asked = prompting.ask(hand.processor, image, texts, hand.model.config.image_token_id)
    for row, policy in zip(asked.rows, policies, strict=True):
        expected = hand.inputs(image, policy.text(), profile)
        assert row.ids.equal(expected["input_ids"])
        for name, kind in row.kinds.items():
            assert kind.equal(expected[name])
        for name, tensor in asked.picture.items():
            assert tensor.equal(expected[name])
        assert {*row.kinds, *asked.picture} == set(expected) - {"input_ids", "attention_mask"}
    assert (asked.shared == 0) == (profile.id == "text-first")


@pytest.mark.parametrize(
    ("rows", "shared"),
    [
        ([[7, 9, 9, 1, 2], [7, 9, 9, 1, 3, 4]], 4),
        ([[7, 9, 9, 1], [7, 9, 9, 1, 3]], 3),  # every row keeps a token of its own
        ([[7, 9, 9, 1]], 3),
        ([[7, 9, 9, 1], [8, 9, 9, 1]], 0),
        ([[7, 1, 9, 9, 5], [7, 2, 9, 9, 5]], 0),  # 9 is the picture, and comes later
    ],
)
def test_the_shared_prefix_holds_the_whole_picture_or_is_none(rows: list[list[int]], shared: int) -> None:
    assert prompting.shared_prefix([torch.tensor(row) for row in rows], 9) == shared


def test_forced_text_and_raw_prompts(checkpoint: Checkpoint) -> None:
    processor = AutoProcessor.from_pretrained(checkpoint("llava"))
    json = Profile("json", "{image}{policy}", forced='{"rating": "', answers="json_rating")
    assert prompting.render(processor, json, "P").endswith('<|im_start|>assistant\n{"rating": "')
    raw = Profile("raw", "{image}\n{policy}\nAnswer:", chat=False, forced="\n")
    assert prompting.render(processor, raw, "P") == "<image>\nP\nAnswer:\n"


def test_a_prompt_with_a_second_picture_mark_is_refused(checkpoint: Checkpoint) -> None:
    processor = AutoProcessor.from_pretrained(checkpoint("llava"))
    texts = ["<image> one", "<image> two <image>"]
    with pytest.raises(ValueError, match="holds the picture's mark '<image>' 2 times"):
        prompting.ask(processor, picture(1), texts, processor.image_token_id)


def test_tokens_behind_a_row_are_text() -> None:
    row = prompting.Row(torch.tensor([[5, 9, 9]]), {"token_type_ids": torch.tensor([[0, 1, 1]])})
    longer = row.followed_by([3, 4])
    assert longer.ids.tolist() == [[5, 9, 9, 3, 4]]
    assert longer.kinds["token_type_ids"].tolist() == [[0, 1, 1, 0, 0]]
