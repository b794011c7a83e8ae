"""Questions that are no policy have the answers that the picture gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from PIL import Image
from transformers import PreTrainedTokenizerFast

from bench.evaluation_set import AskedPolicy
from bench.policy import Sighting
from evaluators.base import Outcome
from pipeline.safeguard_vl.ability import general_ability
from pipeline.safeguard_vl.cache import SLOTS, SceneCache, concept_names
from pipeline.safeguard_vl.general import KINDS, general_ask, general_question, place_of

DICE, BLADE = (concept_names().index(name) + 1 for name in ("dice", "blade"))
CELLS = np.zeros(36, dtype=np.uint8)
CELLS[[0, 6]] = DICE  # the left column of six
CELLS[[23, 29]] = BLADE  # the right one
SHOWN = (Sighting("dice"), Sighting("blade"))


def test_naming_takes_anything_that_is_shown() -> None:
    general = general_question("naming", CELLS, SHOWN, np.random.default_rng(0))
    assert general.answers == ("dice", "blades")
    assert general_question("naming", CELLS * 0, (), np.random.default_rng(0)).answers == ("nothing",)


def test_counting_counts_things() -> None:
    generator = np.random.default_rng(0)
    assert general_question("counting", CELLS, SHOWN, generator).answers == ("two",)
    assert general_question("counting", CELLS, (), generator).answers == ("none",)


def test_a_thing_is_left_middle_or_right_by_its_cells() -> None:
    assert place_of("dice", CELLS) == "left"
    assert place_of("blade", CELLS) == "right"
    assert place_of("blade", np.roll(CELLS, -2)) == "middle"


def test_what_is_not_shown_is_nowhere_and_the_form_asked_for_is_the_answers() -> None:
    generator = np.random.default_rng(1)
    answers = {general_question("locating", CELLS, SHOWN, generator).answers for _ in range(40)}
    assert answers == {("left",), ("right",), ("nowhere",)}
    for _ in range(40):
        general = general_question("format", CELLS, SHOWN, generator)
        there = "dice" in general.question or "blades" in general.question
        yes, no = general.question.removesuffix(".").rsplit("Answer ", 1)[1].split(" or ")
        assert general.answers == ((yes if there else no),)


def test_the_taught_answer_ends_the_turn_as_the_template_does(tokenizer: PreTrainedTokenizerFast) -> None:
    general = general_question("counting", CELLS, SHOWN, np.random.default_rng(0))
    asked = general_ask(tokenizer, general)
    assert tokenizer.decode(asked.ids[asked.answer :]) == "two<|im_end|>\n"
    assert tokenizer.decode(asked.ids[: asked.answer]).startswith("How many such things")


class Parrot:
    """Answers everything the same."""

    name, device, images_at_once, audit = "parrot", "cpu", 1, None
    identity: Mapping[str, str] = {}
    notes: Mapping[str, str | float] = {}

    def __init__(self, word: str) -> None:
        self._word = word

    def judge(self, images: Sequence[Image.Image], policies: Sequence[AskedPolicy]) -> list[list[Outcome]]:
        return [[Outcome("unparseable", text=self._word) for _ in policies] for _ in images]


@pytest.mark.parametrize(("word", "right"), [("one", "counting"), ("One", ""), ("left", "locating")])
def test_an_answer_is_right_word_for_word(word: str, right: str) -> None:
    sightings = np.full((1, SLOTS, 2), 255, dtype=np.uint8)
    sightings[0, 0] = DICE - 1, 0
    pixels = np.zeros((1, 96, 96, 3), dtype=np.uint8)
    cells = np.where(CELLS == DICE, DICE, 0).astype(np.uint8)[None]
    scenes = SceneCache(pixels, pixels, cells, cells * 0, sightings)
    found = {
        kind for seed in range(8) for kind, yes in general_ability(Parrot(word), scenes, seed).items() if yes
    }
    assert found == ({right} if right else set())
    assert set(general_ability(Parrot(word), scenes)) == set(KINDS)
