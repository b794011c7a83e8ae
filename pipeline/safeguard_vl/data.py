"""Policy-conditioned cases: a policy's words, what a picture shows, and the verdict the policy gives."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bench.concepts import CONTEXTS, vocabulary
from bench.policy import Policy, Sighting
from evaluators.profile import IMAGE, POLICY, load_profile
from pipeline.safeguard_vl.compose import load_policies_once, pick, training_policy
from pipeline.safeguard_vl.model import END_OF_TURN, token_id
from pipeline.safeguard_vl.packing import Ask, Mark

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

WORDINGS = 3
OPENING, _, CLOSING = load_profile("plain").user.replace(IMAGE, "").partition(POLICY)
TURN = "<|im_end|>\n<|im_start|>assistant\n"
RULE_LINE = re.compile(r"^(?:(R\d+)[.,] |[^.\n]*\((R\d+)\)\. )[^\n]*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Question:
    """A policy in one wording as token ids, up to where the answer begins.

    `rules` are (place of the line end after the rule, rule id), `names` are (place of the last token of a
    thing or setting named, its id).
    """

    policy: Policy
    ids: NDArray[np.int64]
    rules: tuple[tuple[int, str], ...]
    names: tuple[tuple[int, str], ...]


def meanings() -> dict[str, str]:
    """Every wording of every concept and context -> its id."""
    concepts = {phrase: c.id for c in vocabulary().concepts.values() for phrase in c.phrases}
    contexts = {phrase: name for name, three in vocabulary().contexts.items() for phrase in three}
    return concepts | contexts


def tokenizer_texts(seed: int, count: int) -> Iterator[str]:
    """What the tokenizer is trained on: the five, `count` training policies, the question and the answers."""
    generator = np.random.default_rng(seed)
    for _ in range(count):
        yield from ("safe", "unsafe", "user\n", "assistant\n")
        policies = (training_policy(generator), pick(load_policies_once(), generator))
        yield from (
            OPENING + policy.text(wording) + CLOSING for policy in policies for wording in range(WORDINGS)
        )
    for phrase in meanings():
        yield from [phrase, f" {phrase}"] * count


def encode_question(tokenizer: PreTrainedTokenizerFast, policy: Policy, wording: int) -> Question:
    """Tokenize the question and find where its rules end and its things and settings are named."""
    text = OPENING + policy.text(wording)
    encoded = tokenizer(text + CLOSING + TURN, add_special_tokens=False, return_offsets_mapping=True)
    ends = np.array([end for _, end in encoded["offset_mapping"]])

    def place(character: int) -> int:
        return int(np.searchsorted(ends, character))

    meaning = meanings()
    named = re.compile("|".join(re.escape(phrase) for phrase in sorted(meaning, key=len, reverse=True)))
    return Question(
        policy,
        np.array(encoded["input_ids"]),
        tuple((place(m.end()) + 1, next(filter(None, m.groups()))) for m in RULE_LINE.finditer(text)),
        tuple((place(m.end()), meaning[m.group()]) for m in named.finditer(text)),
    )


def ask(tokenizer: PreTrainedTokenizerFast, question: Question, shown: Sequence[Sighting]) -> Ask:
    """The question with the true answer for a picture that shows `shown`, and what is true at its marks."""
    ruling = question.policy.judge(shown)
    there = {sighting.concept for sighting in shown}.union(*(sighting.contexts for sighting in shown))
    rules = (Mark(place, 0, int(rule in ruling.rules)) for place, rule in question.rules)
    names = (Mark(place, 1, int(name in there)) for place, name in question.names)
    end = tokenizer.encode(END_OF_TURN + "\n", add_special_tokens=False)  # as the chat template ends a turn
    answer = [token_id(tokenizer, ruling.label), *end]
    return Ask(np.concatenate([question.ids, answer]), len(question.ids), (*rules, *names))


def question_pool(tokenizer: PreTrainedTokenizerFast, seed: int, count: int) -> list[Question]:
    """`count` training questions, and before them the five policies in all their wordings.

    Made-up policies longer than the longest of the five are left out: one of them would pad a whole batch.
    """
    generator = np.random.default_rng(seed)
    five = [encode_question(tokenizer, p, w) for p in load_policies_once() for w in range(WORDINGS)]
    made = (training_policy(generator, as_is=0.0) for _ in range(count))
    longest = max(len(question.ids) for question in five)
    encoded = (encode_question(tokenizer, p, int(generator.integers(WORDINGS))) for p in made)
    return [*five, *(question for question in encoded if len(question.ids) <= longest)]


def imagined(generator: np.random.Generator, most: int = 4) -> tuple[Sighting, ...]:
    """What a picture might show: up to `most` things, mostly drawable, each in no, one or two contexts."""
    known = vocabulary().concepts
    drawable = [name for name, concept in known.items() if concept.drawable]
    count = int(generator.choice(most + 1, p=[0.1, *[0.9 / most] * most]))
    found = []
    for _ in range(count):
        pool = drawable if generator.random() < 0.85 else list(known)
        contexts = generator.permutation(CONTEXTS)[: int(generator.choice([0, 1, 2], p=[0.45, 0.45, 0.1]))]
        found.append(Sighting(pick(pool, generator), frozenset(map(str, contexts))))
    return tuple(found)
