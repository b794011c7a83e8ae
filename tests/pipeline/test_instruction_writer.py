"""A model behind a server may say what fits; what it says is used only where it is of use."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.images import Mask, Pixels
from pipeline.instruction_writer import InstructionWriter, usable
from pipeline.instructions import instruct
from pipeline.weights import ModelError
from tests.evaluators.fault_server import Reply, completion, sent_picture, sent_text, serving

SEEN = [("blade", ("kitchen",))]


@pytest.fixture
def original() -> Pixels:
    return np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8)


@pytest.fixture
def mask() -> Mask:
    mask = np.zeros((200, 300), bool)
    mask[80:100, 150:180] = True
    return mask


def test_the_models_phrase_takes_the_lists_place(original: Pixels, mask: Mask) -> None:
    with serving(lambda *_: completion("A rolling pin.")) as (url, served):
        told = InstructionWriter(f"{url}#qwen").write(instruct(SEEN), SEEN, original, mask)
    assert told.kind == "written"
    assert told.description == "a rolling pin"
    assert told.order == "Replace a blade with a rolling pin. Keep everything else as it is."
    assert told.avoid == instruct(SEEN).avoid
    (body,) = served.bodies
    assert (body["model"], body["temperature"]) == ("qwen", 0)
    assert (np.asarray(sent_picture(body)) == original[32:148, 102:228]).all()  # 48 pixels around
    assert "there is a blade, which" in sent_text(body)


@pytest.mark.parametrize("answer", ["", "Two\nlines", "a kitchen knife", "I think " + "that " * 12, "Swords"])
def test_an_answer_of_no_use_leaves_the_list(answer: str, original: Pixels, mask: Mask) -> None:
    with serving(lambda *_: completion(answer)) as (url, _):
        told = InstructionWriter(f"{url}#qwen").write(instruct(SEEN), SEEN, original, mask)
    assert told == instruct(SEEN)


def test_a_server_that_refuses_ends_the_run_with_the_remedy(original: Pixels, mask: Mask) -> None:
    with serving(lambda *_: Reply("{}", status=404)) as (url, _):
        writer = InstructionWriter(f"{url}#qwen")
        with pytest.raises(ModelError, match=r"edit.writer: .*404.*; start the server, or leave"):
            writer.write(instruct(SEEN), SEEN, original, mask)


def test_an_address_without_a_model_is_refused() -> None:
    with pytest.raises(ModelError, match=r"edit.writer 'http://.*/v1' is not URL#model, such as"):
        InstructionWriter("http://127.0.0.1/v1")


def test_dressing_is_taken_off() -> None:
    assert usable(' "A Folded Napkin." ', SEEN) == "a Folded Napkin"
