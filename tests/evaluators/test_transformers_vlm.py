"""A local checkpoint as a guardrail: what it answers, how it fails, and what names its answers."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from bench.policy import load_policies
from evaluators import checkpoint as checkpoints
from evaluators.answering import Method
from evaluators.base import Outcome
from evaluators.labels import LabelTokens
from evaluators.profile import Profile, load_profile
from evaluators.sharing import Sharing
from evaluators.transformers_vlm import Decoding, TransformersVLM
from tests import tiny
from tests.evaluators.by_hand import ByHand
from tests.evaluators.conftest import Checkpoint
from tests.evaluators.stand_in import picture

POLICIES = load_policies()
SHARINGS: tuple[Sharing, ...] = ("exact", "fast", "none")
USER = load_profile().user


@pytest.fixture(scope="module")
def qwen(checkpoint: Checkpoint) -> Path:
    return checkpoint("qwen2_5_vl")


@pytest.fixture(scope="module")
def hand(qwen: Path) -> ByHand:
    return ByHand.load(qwen)


def load(
    folder: Path,
    reading: Method = "labels",
    sharing: Sharing = "exact",
    profile: Profile | None = None,
    new_tokens: int = 4,
) -> TransformersVLM:
    decoding = Decoding(reading, new_tokens, min_label_mass=0.0, sharing=sharing)
    return TransformersVLM.load(str(folder), device="cpu", decoding=decoding, profile=profile)


def bits(rows: list[list[Outcome]]) -> list[list[tuple[object, ...]]]:
    return [[(o.status, o.margin, o.label_mass, o.text, o.detail) for o in row] for row in rows]


def test_by_labels_nothing_is_written(qwen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vlm = load(qwen)
    monkeypatch.setattr(vlm.model, "generate", lambda **_: pytest.fail("generated"))
    (row,) = vlm.judge([picture(1)], POLICIES)
    assert {(o.text, o.written, o.tokens_out) for o in row} == {("", None, 0)}
    assert all(o.p_unsafe == pytest.approx(1 / (1 + math.exp(-(o.margin or 0)))) for o in row)
    assert vlm.notes["written_tokens"] == 0


def test_both_keeps_what_the_text_says_beside(qwen: Path, hand: ByHand) -> None:
    (labelled,), (both,) = (load(qwen, r).judge([picture(1)], POLICIES) for r in ("labels", "both"))
    assert [(o.status, o.margin) for o in both] == [(o.status, o.margin) for o in labelled]
    written = hand.written(hand.inputs(picture(1), POLICIES[0].text()), 4)
    assert both[0].text == hand.processor.decode(written, skip_special_tokens=True)
    assert (both[0].written, both[0].tokens_out) == ("unparseable", 4)


def test_reading_text_gives_the_parsed_answer(qwen: Path) -> None:
    ((outcome,),) = load(qwen, "text").judge([picture(1)], POLICIES[:1])
    assert (outcome.status, outcome.p_unsafe, outcome.written) == ("unparseable", None, None)
    assert outcome.text


def test_writing_ends_at_the_stop_token(qwen: Path, hand: ByHand) -> None:
    """The third token of the greedy text is made the stop token of the checkpoint."""
    written = hand.written(hand.inputs(picture(1), POLICIES[0].text()), 3)
    for sharing in SHARINGS:
        vlm = load(qwen, "text", sharing)
        vlm.model.generation_config.eos_token_id = written[2]
        row = vlm.judge([picture(1)], POLICIES)[0]
        assert (row[0].tokens_out, row[0].text) == (3, hand.processor.decode(written))


@pytest.mark.parametrize("sharing", SHARINGS)
def test_forced_text_stands_before_the_label(qwen: Path, hand: ByHand, sharing: Sharing) -> None:
    forced = '{"rating": "'
    profile = Profile("json", USER, forced=forced, safe=("Safe",), unsafe=("Unsafe",), answers="json_rating")
    ((outcome, _),) = load(qwen, "labels", sharing, profile).judge([picture(1)], POLICIES[:2])
    tokens = LabelTokens.after(forced, profile.safe, profile.unsafe, hand.processor.tokenizer)
    inputs = hand.inputs(picture(1), POLICIES[0].text(), profile)
    scores = tokens.read({(): hand.logits(inputs, hand.tokens(forced))})
    assert outcome.margin == pytest.approx(scores.margin, abs=1e-5)
    assert outcome.label_mass == pytest.approx(scores.label_mass, abs=1e-5)


@pytest.mark.parametrize("sharing", SHARINGS)
def test_labels_of_several_tokens_that_begin_alike(qwen: Path, hand: ByHand, sharing: Sharing) -> None:
    """Each way's probability is the product along its tokens, found with one plain pass a token."""
    words = {"safe": ("image allowed",), "unsafe": ("image shown",)}
    profile = Profile("long", USER, answers="yes_no", **words)
    ((outcome, _),) = load(qwen, "labels", sharing, profile).judge([picture(1)], POLICIES[:2])
    inputs = hand.inputs(picture(1), POLICIES[0].text())
    tokens = LabelTokens.after("assistant\n", words["safe"], words["unsafe"], hand.processor.tokenizer)
    assert len(tokens.stems) > 1
    probability = {
        way: math.prod(
            float(torch.softmax(hand.logits(inputs, way[:n]).double(), 0)[way[n]]) for n in range(len(way))
        )
        for way in tokens.safe + tokens.unsafe
    }
    safe, unsafe = (sum(probability[way] for way in label) for label in (tokens.safe, tokens.unsafe))
    assert outcome.margin == pytest.approx(math.log(unsafe / safe), abs=1e-5)
    assert outcome.label_mass == pytest.approx(safe + unsafe, abs=1e-5)


def thinking(after: str) -> Profile:
    return Profile("thinking", USER, after=after, answers="think_answer")


@pytest.mark.parametrize("sharing", SHARINGS)
def test_after_a_thought_the_label_is_read_behind_the_mark(
    qwen: Path, hand: ByHand, sharing: Sharing
) -> None:
    """The mark is something that the model is known to write: its second and third token."""
    inputs = hand.inputs(picture(1), POLICIES[0].text())
    written = hand.written(inputs, 6)
    mark = hand.processor.decode(written[1:3])
    ((outcome, _),) = load(qwen, "labels", sharing, thinking(mark), 6).judge([picture(1)], POLICIES[:2])
    thought = hand.processor.decode(written[:3])
    tokens = LabelTokens.after(thought, ("safe",), ("unsafe",), hand.processor.tokenizer)
    scores = tokens.read({(): hand.logits(inputs, written[:3])})
    assert outcome.margin == pytest.approx(scores.margin, abs=1e-5)
    assert (outcome.text, outcome.tokens_out) == (hand.processor.decode(written), 6)
    assert outcome.written == "unparseable"


def test_a_mark_that_ends_inside_a_token_is_spelled_anew(qwen: Path, hand: ByHand) -> None:
    inputs = hand.inputs(picture(1), POLICIES[0].text())
    written = hand.written(inputs, 3)
    thought = hand.processor.decode(written[:2])[:-1]
    ((outcome, _),) = load(qwen, "labels", "exact", thinking(thought), 3).judge([picture(1)], POLICIES[:2])
    tokens = LabelTokens.after(thought, ("safe",), ("unsafe",), hand.processor.tokenizer)
    scores = tokens.read({(): hand.logits(inputs, hand.tokens(thought))})
    assert outcome.margin == pytest.approx(scores.margin, abs=1e-5)


def test_without_the_mark_there_is_no_verdict(qwen: Path) -> None:
    (row,) = load(qwen, "labels", "exact", thinking("<answer>")).judge([picture(1)], POLICIES)
    assert {(o.status, o.margin) for o in row} == {("unparseable", None)}
    assert {o.detail for o in row} == {"'<answer>' was not written in 4 tokens"}
    assert all(o.text for o in row)


def test_a_label_is_never_read_inside_an_open_thought(qwen: Path, tmp_path: Path) -> None:
    for file in qwen.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    template = tmp_path / "chat_template.jinja"
    template.write_text(template.read_text().replace("assistant\n", "assistant\n<think>\n"))
    with pytest.raises(ValueError, match=r"opens a thought.*forced='</think>'"):
        load(tmp_path)
    assert load(tmp_path, "text").judge([picture(1)], POLICIES[:1])[0][0].text


def test_low_label_mass_is_not_forced_into_a_verdict(qwen: Path) -> None:
    vlm = TransformersVLM.load(str(qwen), device="cpu")
    ((outcome,),) = vlm.judge([picture(1)], POLICIES[:1])
    assert outcome.status == "unparseable"
    assert outcome.label_mass is not None
    assert outcome.label_mass < 0.5
    assert outcome.detail.startswith("label mass 0.0")


@pytest.mark.parametrize("sharing", SHARINGS)
def test_a_picture_that_cannot_be_taken_fails_alone(qwen: Path, sharing: Sharing) -> None:
    thin = picture(1, (900, 2))
    good, failed, last = load(qwen, sharing=sharing).judge([picture(1), thin, picture(2)], POLICIES)
    assert {outcome.status for outcome in failed} == {"error"}
    assert failed[0].detail.startswith("ValueError: absolute aspect ratio")
    assert "error" not in {outcome.status for outcome in (*good, *last)}


class Small:
    """A machine that cannot run more than `rows` prompts at once, nor its pass number `fails_at`."""

    def __init__(self, vlm: TransformersVLM, rows: int = 99, fails_at: int = -1) -> None:
        self.forward, self.rows, self.fails_at = vlm.model.forward, rows, fails_at
        self.sizes: list[int] = []

    def __call__(self, **inputs: torch.Tensor) -> object:
        self.sizes.append(len(inputs["input_ids"]))
        if self.sizes[-1] > self.rows or len(self.sizes) == self.fails_at:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return self.forward(**inputs)


@pytest.mark.parametrize("fails_at", [1, 2, 4, 6])
def test_where_memory_ends_the_halves_have_the_same_bits(
    qwen: Path, fails_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    vlm = load(qwen)
    images = [picture(1), picture(2)]
    whole = bits(vlm.judge(images, POLICIES))
    monkeypatch.setattr(vlm.model, "forward", Small(vlm, fails_at=fails_at))
    assert bits(vlm.judge(images, POLICIES)) == whole


@pytest.mark.parametrize("fails_at", [1, 7])
def test_memory_that_ends_in_the_first_check_changes_no_bit(
    qwen: Path, fails_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = bits(load(qwen).judge([picture(1)], POLICIES))
    vlm = load(qwen)
    monkeypatch.setattr(vlm.model, "forward", Small(vlm, fails_at=fails_at))
    assert bits(vlm.judge([picture(1)], POLICIES)) == whole
    assert vlm.notes["sharing"] == "exact"


def test_where_memory_ends_pictures_are_split_before_policies(
    qwen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vlm = load(qwen, sharing="fast")
    images = [picture(i) for i in range(2)]
    whole = [o.margin for row in vlm.judge(images, POLICIES) for o in row]
    small = Small(vlm, rows=3)
    monkeypatch.setattr(vlm.model, "forward", small)
    split = [o.margin for row in vlm.judge(images, POLICIES) for o in row]
    assert split == pytest.approx(whole, abs=1e-5)
    # a prefix for both, ten prompts: too many; then for each picture a prefix and five, a prefix and two, and
    # a prefix and three
    assert small.sizes == [2, 10, *[1, 5, 1, 2, 1, 3] * 2]


def test_where_nothing_can_be_run_the_case_is_an_error(qwen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vlm = load(qwen)
    monkeypatch.setattr(vlm.model, "forward", Small(vlm, rows=0))
    (row,) = vlm.judge([picture(1)], POLICIES)
    assert {(o.status, o.detail) for o in row} == {
        ("error", "OutOfMemoryError: memory ends at a single prompt")
    }


@pytest.mark.parametrize("reading", ["labels", "text"])
def test_a_case_alone_is_the_audit_of_a_case_among_others(qwen: Path, reading: Method) -> None:
    vlm = load(qwen, reading)
    (row,) = vlm.judge([picture(3)], POLICIES)
    assert vlm.audit is not None
    assert vlm.audit.tolerance == 1e-3
    alone = [vlm.audit.alone(picture(3), policy) for policy in POLICIES]
    assert [o.text for o in alone] == [o.text for o in row]
    assert [o.margin for o in alone] == pytest.approx([o.margin for o in row], abs=1e-5)
    assert vlm.notes["images"] == 1  # an audit is not counted as work
    assert load(qwen, sharing="none").audit is None


def test_identity_follows_the_files_and_not_the_place(qwen: Path, tmp_path: Path) -> None:
    before = checkpoints.identity(qwen)
    (tmp_path / "copy").mkdir()
    for file in qwen.iterdir():
        (tmp_path / "copy" / file.name).write_bytes(file.read_bytes())
    assert checkpoints.identity(tmp_path / "copy") == before
    (tmp_path / "copy" / "chat_template.jinja").write_text("{{ messages }}")
    changed = checkpoints.identity(tmp_path / "copy")
    assert (changed["weights"], changed["files"] == before["files"]) == (before["weights"], False)
    tiny.qwen2_5_vl(tmp_path / "other", seed=1)
    assert checkpoints.identity(tmp_path / "other")["weights"] != before["weights"]


def test_identity_names_decoding_and_precision(qwen: Path) -> None:
    one = TransformersVLM.load(str(qwen), device="cpu").identity
    decoding = Decoding("text", sharing="fast")
    other = TransformersVLM.load(str(qwen), device="cpu", dtype="bfloat16", decoding=decoding).identity
    assert {name for name in one if one[name] != other[name]} == {"reading", "sharing", "dtype"}
