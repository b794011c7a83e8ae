"""Tiny random models of three families: every reading must be exact, whatever the batch."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from PIL import Image

from bench.policy import Policy, load_policies
from evaluators import batching, checkpoint, labels
from evaluators.profile import load_profile
from evaluators.transformers_vlm import Decoding, TransformersVLM, with_picture
from tests import tiny
from tests.evaluators.stand_in import picture

POLICIES = load_policies()
FORCED = Decoding(min_label_mass=0.0, max_new_tokens=4)


@pytest.fixture(scope="module", params=sorted(tiny.BUILDERS))
def vlm(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> TransformersVLM:
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp(request.param)
    tiny.BUILDERS[request.param](folder)
    return TransformersVLM.load(str(folder), device="cpu", decoding=FORCED)


@pytest.fixture(scope="module")
def qwen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.qwen2_5_vl(tmp_path_factory.mktemp("qwen"))


def margins(vlm: TransformersVLM, image: Image.Image, policies: tuple[Policy, ...]) -> list[float]:
    ((*outcomes,),) = vlm.judge([image], policies)
    assert [o.detail for o in outcomes if o.status == "error"] == []
    return [outcome.margin for outcome in outcomes if outcome.margin is not None]


def test_a_batch_of_policies_answers_as_each_alone(vlm: TransformersVLM) -> None:
    together = margins(vlm, picture(3, (90, 70)), POLICIES)
    alone = [margins(vlm, picture(3, (90, 70)), (policy,))[0] for policy in POLICIES]
    assert together == pytest.approx(alone, abs=1e-5)
    assert len(set(together)) == 5


def test_margins_are_those_of_a_plain_forward_pass(vlm: TransformersVLM) -> None:
    """Against the model called by hand on one prompt: no cache, no padding, no shared features."""
    image, policy = picture(4), POLICIES[2]
    inputs = vlm.processor.apply_chat_template(
        with_picture(load_profile().messages(policy.text()), image),
        tokenize=True,
        return_dict=True,
        return_tensors="pt",
        add_generation_prompt=True,
    )
    with torch.no_grad():
        p = torch.softmax(vlm.model(**inputs).logits[0, -1].double(), dim=0)
    safe, unsafe = p[list(vlm.label_tokens.safe)].sum(), p[list(vlm.label_tokens.unsafe)].sum()
    ((outcome,),) = vlm.judge([image], [policy])
    assert outcome.margin == pytest.approx(float(torch.log(unsafe / safe)), abs=1e-5)
    assert outcome.p_unsafe == pytest.approx(float(unsafe / (safe + unsafe)), abs=1e-5)
    assert outcome.label_mass == pytest.approx(float(safe + unsafe), abs=1e-5)


def test_encoding_the_picture_once_changes_no_bit(
    vlm: TransformersVLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = vlm.judge([picture(5)], POLICIES)
    monkeypatch.setattr(batching, "ENCODED_ONCE", frozenset())
    each = vlm.judge([picture(5)], POLICIES)
    assert [(o.margin, o.label_mass, o.text) for o in once[0]] == [
        (o.margin, o.label_mass, o.text) for o in each[0]
    ]


def test_the_picture_is_encoded_once_for_all_policies(
    vlm: TransformersVLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, calls = vlm.model.base_model, []
    encode = base.get_image_features
    monkeypatch.setattr(base, "get_image_features", lambda **kw: (calls.append(1), encode(**kw))[1])
    vlm.judge([picture(6)], POLICIES)
    assert len(calls) == 1


def test_the_picture_and_the_policy_both_matter(vlm: TransformersVLM) -> None:
    one, other = margins(vlm, picture(7), POLICIES[:2]), margins(vlm, picture(8), POLICIES[:2])
    assert one[0] != other[0]
    assert one[0] != one[1]


def test_text_is_the_greedy_continuation(vlm: TransformersVLM) -> None:
    """The first written token is the likeliest one, found by hand."""
    inputs = vlm.inputs(picture(9), [load_profile().messages(POLICIES[0].text())])
    with torch.no_grad():
        first = int(vlm.model(**inputs).logits[0, -1].argmax())
    ((outcome,),) = vlm.judge([picture(9)], POLICIES[:1])
    assert outcome.text.startswith(vlm.processor.tokenizer.decode([first], skip_special_tokens=True))


def test_low_label_mass_is_not_forced_into_a_verdict(qwen: Path) -> None:
    vlm = TransformersVLM.load(str(qwen), device="cpu", decoding=Decoding(max_new_tokens=2))
    ((outcome,),) = vlm.judge([picture(1)], POLICIES[:1])
    assert outcome.status == "unparseable"
    assert outcome.label_mass is not None
    assert outcome.label_mass < 0.5
    assert outcome.detail.startswith("label mass 0.0")


def test_reading_text_gives_the_parsed_answer(qwen: Path) -> None:
    vlm = TransformersVLM.load(str(qwen), device="cpu", decoding=Decoding("text", max_new_tokens=2))
    ((outcome,),) = vlm.judge([picture(1)], POLICIES[:1])
    assert (outcome.status, outcome.p_unsafe) == ("unparseable", None)
    assert outcome.text


def test_a_failing_picture_is_an_error_and_not_a_verdict(qwen: Path) -> None:
    vlm = TransformersVLM.load(str(qwen), device="cpu", decoding=FORCED)
    good, thin = vlm.judge([picture(1), picture(1, (900, 2))], POLICIES)
    assert {outcome.status for outcome in thin} == {"error"}
    assert thin[0].detail.startswith("ValueError: absolute aspect ratio")
    assert "error" not in {outcome.status for outcome in good}


def test_where_memory_ends_the_batch_is_halved(qwen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vlm = TransformersVLM.load(str(qwen), device="cpu", decoding=FORCED)
    whole = margins(vlm, picture(2), POLICIES)
    generate, sizes = vlm.model.generate, []

    def small(**inputs: torch.Tensor) -> object:
        sizes.append(len(inputs["input_ids"]))
        if sizes[-1] > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return generate(**inputs)

    monkeypatch.setattr(vlm.model, "generate", small)
    assert margins(vlm, picture(2), POLICIES) == pytest.approx(whole, abs=1e-5)
    assert sizes == [5, 2, 3, 1, 2]
    monkeypatch.setattr(vlm.model, "generate", lambda **inputs: small(input_ids=torch.zeros(9, 1)))
    assert {o.detail for o in vlm.judge([picture(2)], POLICIES)[0]} == {
        "OutOfMemoryError: CUDA out of memory"
    }


def test_identity_follows_the_files_and_not_the_place(qwen: Path, tmp_path: Path) -> None:
    before = checkpoint.identity(qwen)
    (tmp_path / "copy").mkdir()
    for file in qwen.iterdir():
        (tmp_path / "copy" / file.name).write_bytes(file.read_bytes())
    assert checkpoint.identity(tmp_path / "copy") == before
    (tmp_path / "copy" / "chat_template.jinja").write_text("{{ messages }}")
    changed = checkpoint.identity(tmp_path / "copy")
    assert (changed["weights"], changed["files"] == before["files"]) == (before["weights"], False)
    tiny.qwen2_5_vl(tmp_path / "other", seed=1)
    assert checkpoint.identity(tmp_path / "other")["weights"] != before["weights"]


def test_identity_names_decoding_and_precision(qwen: Path) -> None:
    labels_run = TransformersVLM.load(str(qwen), device="cpu").identity
    text_run = TransformersVLM.load(
        str(qwen), device="cpu", dtype="bfloat16", decoding=Decoding("text")
    ).identity
    assert {name for name in labels_run if labels_run[name] != text_run[name]} == {"reading", "dtype"}


def test_labels_with_one_first_token_are_refused() -> None:
    class Spelling:
        def __call__(self, text: str, add_special_tokens: bool) -> dict[str, list[int]]:
            return {"input_ids": [0 if letter in "suSU " else ord(letter) for letter in text]}

    with pytest.raises(ValueError, match="reading='text'"):
        labels.LabelTokens.after("prompt\n", Spelling())  # type: ignore[arg-type]


def test_label_scores_by_hand() -> None:
    tokens = labels.LabelTokens(safe=(0, 1), unsafe=(2,))
    p_unsafe, margin, mass = tokens.read(torch.log(torch.tensor([0.1, 0.2, 0.3, 0.4])))
    assert (p_unsafe, mass) == (pytest.approx(0.5), pytest.approx(0.6))
    assert margin == pytest.approx(0.0, abs=1e-7)
    p_unsafe, margin, _ = tokens.read(torch.log(torch.tensor([0.1, 0.0, 0.9, 0.0])))
    assert (p_unsafe, margin) == (pytest.approx(0.9), pytest.approx(math.log(9)))


@pytest.mark.parametrize(
    ("scores", "text", "status"),
    [
        ((0.8, 1.4, 0.9), "unsafe", "unsafe"),
        ((0.3, -0.8, 0.9), "unsafe", "safe"),  # by labels; the text is kept beside
        ((0.8, 1.4, 0.2), "unsafe", "unparseable"),
        ((0.8, 1.4, 0.2), "I'm sorry, I can't", "refused"),
        ((math.nan, math.nan, math.nan), "", "error"),
    ],
)
def test_the_outcome_by_labels(scores: tuple[float, float, float], text: str, status: str) -> None:
    outcome = labels.outcome(scores, text, 0.5, 0.0)
    assert (outcome.status, outcome.text) == (status, text)
