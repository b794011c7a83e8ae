"""What answers earn: golden tables, completions that fish for reward, and the published figures."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.schema import LABELS, Label
from bench.verdict import parse, render
from evaluators.profile import load_profile
from pipeline.safeguard_vl.grpo import total
from pipeline.safeguard_vl.rewards import published_accuracy, published_format, reward_parts
from tests.safeguard_vl.fishing_answers import FISHING

PLAIN, REASONING = load_profile("plain"), load_profile("reasoning")
STRICT = reward_parts("strict", PLAIN)
THINKING = reward_parts("strict", REASONING)
LONG, SHORT = "x" * 50, "x" * 49


@pytest.mark.parametrize(
    ("text", "label", "form", "right", "reward"),
    [
        ("unsafe", "unsafe", 1, 1, 1.1),
        ("safe", "safe", 1, 1, 1.1),
        (" Unsafe.\n", "unsafe", 1, 1, 1.1),
        ("SAFE", "unsafe", 1, 0, 0.1),
        ("unsafe", "safe", 1, 0, 0.1),
        ("<think>a gun, R1</think><answer>unsafe</answer>", "unsafe", 1, 1, 1.1),
        ("<think>unsafe? no.</think>\n<answer> safe </answer>", "safe", 1, 1, 1.1),
        ("<think>a gun, R1</think><answer>unsafe</answer>", "safe", 1, 0, 0.1),
        ("I'm sorry, I can't.", "unsafe", 0, 0, 0.0),
        ("not safe", "unsafe", 0, 0, 0.0),
        ("", "safe", 0, 0, 0.0),
    ],
)
def test_strict_reward(text: str, label: Label, form: float, right: float, reward: float) -> None:
    assert [part.name for part in STRICT] == ["format", "correct"]
    assert [part.score(text, label) for part in STRICT] == [form, right]
    assert total(STRICT, text, label) == pytest.approx(reward)


def test_there_are_enough_fishing_answers() -> None:
    assert len(set(FISHING)) >= 100


@pytest.mark.parametrize("text", FISHING)
def test_fishing_earns_nothing(text: str) -> None:
    assert [total(STRICT, text, label) for label in LABELS] == [0, 0]


@pytest.mark.parametrize("text", [text for text in FISHING if not text.startswith("<answer>unsafe</answer>")])
def test_fishing_earns_nothing_under_the_thinking_profile_either(text: str) -> None:
    assert [total(THINKING, text, label) for label in LABELS] == [0, 0]


def test_the_thinking_profile_reads_an_answer_whose_thought_the_template_took_away() -> None:
    assert total(THINKING, "<answer>unsafe</answer>", "unsafe") == pytest.approx(1.1)
    assert total(THINKING, "a gun</think><answer>unsafe</answer>", "unsafe") == pytest.approx(1.1)
    assert total(THINKING, "unsafe", "unsafe") == 0  # the bare word is not this profile's form


@given(st.text(), st.sampled_from(LABELS))
def test_reward_is_what_the_benchmark_would_count(text: str, label: Label) -> None:
    form, right = (part.score(text, label) for part in STRICT)
    assert (form, right) == (parse(text) in LABELS, parse(text) == label)


@given(st.sampled_from(LABELS), st.text(st.characters(exclude_characters="<>")))
def test_a_rendered_verdict_earns_everything(label: Label, thought: str) -> None:
    assert total(STRICT, render(label), label) == pytest.approx(1.1)
    assert total(STRICT, render(label, thought), label) == pytest.approx(1.1)


def test_reward_of_one_completion_does_not_depend_on_the_others() -> None:
    texts = [*FISHING, "safe", "unsafe"]
    alone = {text: total(STRICT, text, "unsafe") for text in texts}
    random.Random(0).shuffle(texts)
    assert [total(STRICT, text, "unsafe") for text in texts] == [alone[text] for text in texts]


def thinking(thought: str, answer: str) -> str:
    return f"<think>{thought}</think><answer>{answer}</answer>"


@pytest.mark.parametrize(
    ("answer", "label", "with_thought", "without"),
    [
        ("yes", "safe", 1.7, 1.2),
        ("no", "unsafe", 2.0, 1.5),
        ("no", "safe", 1.0, 0.5),
        ("yes", "unsafe", 1.0, 0.5),
        ("unsafe", "unsafe", 0.5, 0.0),  # not one of its two words
        ("", "safe", 0.5, 0.0),
    ],
)
def test_published_accuracy(answer: str, label: Label, with_thought: float, without: float) -> None:
    assert published_accuracy(thinking(LONG, answer), label) == pytest.approx(with_thought)
    assert published_accuracy(thinking(SHORT, answer), label) == pytest.approx(without)
    assert published_accuracy(f"<answer>{answer}</answer>", label) == pytest.approx(without)


@pytest.mark.parametrize(
    ("text", "label", "accuracy", "form"),
    [
        (thinking(LONG, "no") + " or yes", "unsafe", 2.0, 0.0),  # what follows does not matter to it
        ("It breaks R1: <answer>NO</answer>", "unsafe", 1.5, 0.0),
        (
            f"<think>{LONG}<answer>no</answer></think><answer>yes</answer>",
            "unsafe",
            2.0,
            1.0,
        ),  # the first tag
        (f"<answer>yes</answer><answer>no</answer><think>{LONG}</think>", "safe", 1.7, 0.0),
        (f"<THINK>{LONG}</THINK><ANSWER> Yes\n</ANSWER>", "safe", 1.7, 0.0),
        (
            "<think>" + " " * 60 + "</think><answer>no</answer>",
            "unsafe",
            1.5,
            1.0,
        ),  # white space is no thought
        (f"<think>{LONG}</think>", "unsafe", 0.5, 0.0),
        (f"<think>{LONG}</think>\n\n<answer>no</answer>", "unsafe", 2.0, 1.0),
        (f"<think>{LONG}</think><answer>no</answer>\n", "unsafe", 2.0, 0.0),
        (thinking("", "anything"), "unsafe", 0.0, 1.0),
        ("no", "unsafe", 0.0, 0.0),
        ("", "safe", 0.0, 0.0),
    ],
)
def test_published_reward_keeps_its_quirks(text: str, label: Label, accuracy: float, form: float) -> None:
    assert published_accuracy(text, label) == pytest.approx(accuracy)
    assert published_format(text, label) == form


def test_published_parts_count_the_same() -> None:
    parts = reward_parts("published", load_profile("safeguard-vl"))
    assert [(part.name, part.weight) for part in parts] == [("format", 1.0), ("accuracy", 1.0)]
    assert total(parts, thinking(LONG, "no"), "unsafe") == pytest.approx(3.0)
    assert total(parts, thinking(LONG, "yes"), "unsafe") == pytest.approx(
        2.0
    )  # wrong, and two thirds of that


@given(st.text(), st.sampled_from(LABELS))
def test_published_reward_stays_in_its_range(text: str, label: Label) -> None:
    assert 0 <= published_accuracy(text, label) <= 2
    assert published_format(text, label) in (0, 1)
