"""Six families: what is shared between the policies of a picture changes nothing, and is really shared."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from PIL import Image

from bench.policy import load_policies
from evaluators import shared_prefix
from evaluators.base import Outcome
from evaluators.labels import LabelTokens
from evaluators.profile import Profile
from evaluators.sharing import Sharing
from evaluators.transformers_vlm import Decoding, TransformersVLM
from tests import tiny
from tests.evaluators.by_hand import ByHand
from tests.evaluators.conftest import Checkpoint
from tests.evaluators.stand_in import picture
from tests.tiny.others import paligemma

POLICIES = load_policies()
PICTURES = [picture(i, size) for i, size in enumerate([(64, 64), (90, 70), (64, 64), (70, 90), (64, 64)])]


def load(
    folder: Path, sharing: Sharing, reading: str = "both", profile: Profile | None = None
) -> TransformersVLM:
    decoding = Decoding(reading, max_new_tokens=4, min_label_mass=0.0, sharing=sharing)  # type: ignore[arg-type]
    return TransformersVLM.load(str(folder), device="cpu", decoding=decoding, profile=profile)


@dataclass(frozen=True)
class Family:
    """A family's checkpoint, and for two pictures and all policies what it answers by hand."""

    folder: Path
    expected: list[list[tuple[torch.Tensor, str]]]


@pytest.fixture(scope="module", params=sorted(tiny.BUILDERS))
def family(request: pytest.FixtureRequest, checkpoint: Checkpoint) -> Family:
    hand = ByHand.load(checkpoint(request.param))
    expected = []
    for image in PICTURES[:2]:
        inputs = [hand.inputs(image, policy.text()) for policy in POLICIES]
        texts = [hand.processor.decode(hand.written(i, 4), skip_special_tokens=True) for i in inputs]
        expected.append(list(zip([hand.logits(i) for i in inputs], texts, strict=True)))
    return Family(checkpoint(request.param), expected)


def answers(vlm: TransformersVLM, images: list[Image.Image]) -> list[list[Outcome]]:
    outcomes = vlm.judge(images, POLICIES)
    assert [o.detail for row in outcomes for o in row if o.status == "error"] == []
    return outcomes


@pytest.mark.parametrize("sharing", ["exact", "fast"])
def test_answers_are_those_of_each_prompt_by_hand(family: Family, sharing: Sharing) -> None:
    vlm = load(family.folder, sharing)
    for row, expected in zip(answers(vlm, PICTURES[:2]), family.expected, strict=True):
        for outcome, (logits, text), policy in zip(row, expected, POLICIES, strict=True):
            told = vlm._question(policy.text()).labels.read({(): logits})
            assert outcome.margin == pytest.approx(told.margin, abs=1e-5)
            assert outcome.label_mass == pytest.approx(told.label_mass, abs=1e-5)
            assert outcome.status == ("unsafe" if told.margin > 0 else "safe")
            assert outcome.text == text
        assert len({outcome.margin for outcome in row}) == 5  # the policy matters
    assert vlm.notes["sharing"] == sharing


@pytest.mark.parametrize("sharing", ["exact", "fast"])
def test_a_picture_is_processed_and_encoded_once(
    family: Family, sharing: Sharing, monkeypatch: pytest.MonkeyPatch
) -> None:
    vlm = load(family.folder, sharing, "labels")
    vlm.judge(PICTURES[:1], POLICIES)  # the check at first use asks more
    base, made, encoded = vlm.model.base_model, [], []
    encode, process = base.get_image_features, type(vlm.processor.image_processor).__call__
    monkeypatch.setattr(base, "get_image_features", lambda *a, **kw: (encoded.append(1), encode(*a, **kw))[1])
    monkeypatch.setattr(
        type(vlm.processor.image_processor),
        "__call__",
        lambda *a, **kw: (made.append(1), process(*a, **kw))[1],
    )
    answers(vlm, PICTURES[1:2])
    answers(vlm, PICTURES[2:3])
    assert (len(made), len(encoded), vlm.notes["vision_encodes"]) == (2, 2, 3)


def bits(rows: list[list[Outcome]]) -> list[list[tuple[object, ...]]]:
    return [[(o.status, o.margin, o.p_unsafe, o.label_mass, o.text) for o in row] for row in rows]


def test_exact_gives_the_same_bits_in_any_batch_and_order(family: Family) -> None:
    vlm = load(family.folder, "exact", "labels")
    one = bits([answers(vlm, [image])[0] for image in PICTURES])
    three = bits([*answers(vlm, PICTURES[:3]), *answers(vlm, PICTURES[3:])])
    eight = bits(answers(load(family.folder, "exact", "labels"), PICTURES))
    assert one == three == eight
    assert bits(answers(vlm, PICTURES[::-1]))[::-1] == one


def test_fast_runs_pictures_of_one_size_as_one_batch(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    vlm = load(family.folder, "fast", "labels")
    single = [answers(vlm, [image])[0] for image in PICTURES]
    opened, start = [], shared_prefix.SharedPrefix.open
    monkeypatch.setattr(
        shared_prefix.SharedPrefix,
        "open",
        lambda model, group, *a, **kw: (opened.append(len(group)), start(model, group, *a, **kw))[1],
    )
    together = answers(vlm, PICTURES)
    assert max(opened) >= 3
    assert sum(opened) == 5
    for row, other in zip(together, single, strict=True):
        assert [o.margin for o in row] == pytest.approx([o.margin for o in other], abs=1e-5)


def test_what_was_computed_is_told(checkpoint: Checkpoint) -> None:
    vlm = load(checkpoint("llava"), "exact", "labels")
    assert vlm.notes == {}
    (row,) = answers(vlm, PICTURES[:1])
    notes = vlm.notes
    prefix, lengths = row[1].tokens_cached, [outcome.tokens_in for outcome in row]
    assert [outcome.tokens_cached for outcome in row] == [0, prefix, prefix, prefix, prefix]
    assert (notes["images"], notes["vision_encodes"], notes["prefix_tokens"]) == (1, 1, prefix)
    assert notes["suffix_tokens"] == sum(lengths) - 5 * prefix
    assert notes["naive_tokens"] == sum(lengths)
    assert notes["reuse_ratio"] == pytest.approx(4 * prefix / sum(lengths), abs=1e-4)
    assert str(notes["self_check"]).startswith("logits within ")


def test_a_lying_cache_is_found_out(checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the model's positions in time, height and width were forgotten."""
    honest = bits(answers(load(checkpoint("qwen3_vl"), "none"), PICTURES[:1]))
    monkeypatch.setattr(
        shared_prefix, "positions", lambda model, asked: torch.arange(asked.rows[0].length).expand(3, 1, -1)
    )
    vlm = load(checkpoint("qwen3_vl"), "exact")
    assert bits(answers(vlm, PICTURES[:1])) == honest
    assert str(vlm.notes["sharing"]).startswith("features only (not exact: logits within ")
    assert vlm.notes["vision_encodes"] == 1


def test_a_model_that_takes_neither_cache_nor_features_is_asked_plainly(
    checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    vlm = load(checkpoint("llava"), "fast", "labels")
    forward = type(vlm.model).forward

    def stubborn(*args: object, **inputs: object) -> object:
        if inputs.get("past_key_values") is not None or "mm_encoder_outputs" in inputs:
            raise TypeError("takes pixels only")
        return forward(*args, **inputs)

    monkeypatch.setattr(type(vlm.model), "forward", stubborn)
    answers(vlm, PICTURES[:1])
    reason = "takes pixels only"
    assert vlm.notes["sharing"] == (f"none (not fast: {reason}; exact: {reason}; features only: {reason})")
    assert vlm.notes["vision_encodes"] == 5


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # in its processor
def test_tokens_that_all_see_each_other_share_no_prefix(tmp_path: Path) -> None:
    """PaliGemma, whose processor also puts more into a prompt than the picture; asked without chat turns."""
    profile = Profile("raw", "{image}{policy}\nAnswer:", chat=False)
    vlm = load(paligemma(tmp_path), "exact", "labels", profile)
    (row,) = answers(vlm, PICTURES[:1])
    hand = ByHand.load(tmp_path)
    for outcome, policy in zip(row, POLICIES, strict=True):
        text = f"<image>{policy.text()}\nAnswer:"
        inputs = dict(hand.processor(images=PICTURES[0], text=text, return_tensors="pt"))
        inputs.pop("labels")
        told = LabelTokens.after(text, ("safe",), ("unsafe",), hand.processor.tokenizer)
        assert outcome.margin == pytest.approx(told.read({(): hand.logits(inputs)}).margin, abs=1e-5)
    assert str(vlm.notes["sharing"]).startswith("features only (not exact: logits within ")


@pytest.mark.parametrize("name", sorted(tiny.BUILDERS))
def test_a_picture_after_the_policy_shares_its_features(name: str, checkpoint: Checkpoint) -> None:
    profile = Profile("text-first", "Policy:\n{policy}\n{image}Safe or unsafe?")
    vlm = load(checkpoint(name), "exact", "labels", profile)
    (row,) = answers(vlm, PICTURES[1:2])
    assert vlm.notes["sharing"] == "features only (not exact: the prompts part before the picture ends)"
    assert vlm.notes["vision_encodes"] == 1
    hand = ByHand.load(checkpoint(name))
    for outcome, policy in zip(row, POLICIES, strict=True):
        logits = hand.logits(hand.inputs(PICTURES[1], policy.text(), profile))
        told = vlm._question(policy.text()).labels.read({(): logits})
        assert outcome.margin == pytest.approx(told.margin, abs=1e-6)


def test_prompts_with_and_without_a_shared_prefix_are_told_apart(checkpoint: Checkpoint) -> None:
    """One policy alone has nothing to part from, so its picture may stand behind it."""
    vlm = load(
        checkpoint("llava"), "exact", "labels", Profile("text-first", "{policy}\n{image}Safe or unsafe?")
    )
    ((one,),) = vlm.judge(PICTURES[:1], POLICIES[:1])
    ((five, *_),) = vlm.judge(PICTURES[:1], POLICIES)
    assert one.margin == pytest.approx(five.margin, abs=1e-5)
    assert (
        vlm.notes["sharing"] == "exact; features only (not exact: the prompts part before the picture ends)"
    )


def test_half_precision_is_held_to_its_own_rounding(checkpoint: Checkpoint) -> None:
    vlm = TransformersVLM.load(
        str(checkpoint("qwen3_vl")), device="cpu", dtype="bfloat16", decoding=Decoding(min_label_mass=0.0)
    )
    (row,) = answers(vlm, PICTURES[:1])
    assert vlm.notes["sharing"] == "exact"
    alone = [vlm.audit.alone(PICTURES[0], policy).margin for policy in POLICIES]
    assert [o.margin for o in row] == pytest.approx(alone, abs=vlm.audit.tolerance)
