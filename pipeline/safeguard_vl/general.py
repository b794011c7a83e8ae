"""Questions that are no policy: name, count, find, and answer in a given form.

A guardrail is still a model of pictures. These are taught beside the verdicts, and asked before and after
tuning: what tuning costs of them is what it has cost in general ability.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from bench.concepts import vocabulary
from bench.policy import Sighting
from pipeline.safeguard_vl.cache import concept_names
from pipeline.safeguard_vl.compose import pick
from pipeline.safeguard_vl.data import TURN
from pipeline.safeguard_vl.model import END_OF_TURN
from pipeline.safeguard_vl.packing import Ask

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

Kind = Literal["naming", "counting", "locating", "format"]
KINDS: tuple[Kind, ...] = get_args(Kind)

NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight")
PLACES = ("left", "middle", "right")
FORMS = (("yes", "no"), ("true", "false"), ("Y", "N"), ("1", "0"))  # for shown and for not shown
ABSENT_SHARE = 0.4  # of the questions about one thing: it is not there


@dataclass(frozen=True, slots=True)
class General:
    """A question and all answers that are right, word for word; the first is the one that is taught."""

    kind: Kind
    question: str
    answers: tuple[str, ...]


def general_question(
    kind: Kind, cells: NDArray[np.uint8], shown: Sequence[Sighting], generator: np.random.Generator
) -> General:
    """One question of a kind on a picture that shows `shown`; `cells` (T,) as in SceneCache."""
    if kind == "naming":
        names = tuple(called(sighting.concept) for sighting in shown)
        return General(kind, "Name a thing in the picture that a policy may speak of.", names or ("nothing",))
    if kind == "counting":
        return General(kind, "How many such things does the picture show?", (NUMBERS[len(shown)],))
    concept = _asked_about(shown, generator)
    there = any(sighting.concept == concept for sighting in shown)
    if kind == "locating":
        where = place_of(concept, cells) if there else "nowhere"
        question = f"Where are {called(concept)}: left, middle, right or nowhere?"
        return General(kind, question, (where,))
    yes, no = pick(FORMS, generator)
    question = f"Are there {called(concept)}? Answer {yes} or {no}."
    return General(kind, question, (yes if there else no,))


def called(concept: str) -> str:
    """A thing as the first wording of a policy calls it."""
    return vocabulary().concepts[concept].phrases[0]


def place_of(concept: str, cells: NDArray[np.uint8]) -> str:
    """The third of the picture's width in which the middle of a thing's cells lies."""
    side = int(len(cells) ** 0.5)
    columns = np.flatnonzero(cells == 1 + concept_names().index(concept)) % side
    if not len(columns):  # hidden by what stands before it
        return "nowhere"
    return PLACES[int((columns.mean() + 0.5) / side * len(PLACES))]


def _asked_about(shown: Sequence[Sighting], generator: np.random.Generator) -> str:
    if shown and generator.random() > ABSENT_SHARE:
        return pick(shown, generator).concept
    there = {sighting.concept for sighting in shown}
    known = vocabulary().concepts.values()
    return pick([c.id for c in known if c.drawable and c.id not in there], generator)


def general_ask(tokenizer: PreTrainedTokenizerFast, general: General) -> Ask:
    """The question and the answer that is taught as token ids, after the picture in the user's turn."""
    asked = tokenizer.encode(general.question + TURN, add_special_tokens=False)
    answer = tokenizer.encode(general.answers[0] + END_OF_TURN + "\n", add_special_tokens=False)
    return Ask(np.array([*asked, *answer]), len(asked))
