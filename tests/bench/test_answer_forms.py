"""Each guardrail's own form of an answer: what is a verdict, and that nothing else is."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bench.answer_forms import FORMS, AnswerForm, Words, example, read
from bench.schema import LABELS, Label
from bench.verdict import Reading, parse
from tests.bench.nasty_answers import CASES, NOTHING, REFUSALS, WORDS

ALL: tuple[AnswerForm, ...] = get_args(AnswerForm)
any_form = st.sampled_from(ALL)
any_label = st.sampled_from(LABELS)


def word(form: AnswerForm, label: Label) -> str:
    return (WORDS[form].safe if label == "safe" else WORDS[form].unsafe)[0]


def test_every_form_has_its_function() -> None:
    assert set(FORMS) == set(ALL)


@pytest.mark.parametrize(("form", "answer", "reading"), CASES)
def test_reading(form: AnswerForm, answer: str, reading: Reading) -> None:
    assert read(form, answer, WORDS[form]) == reading


@pytest.mark.parametrize("form", ALL)
def test_nothing_is_no_verdict(form: AnswerForm) -> None:
    assert {read(form, answer, WORDS[form]) for answer in NOTHING} == {"unparseable"}


@pytest.mark.parametrize("form", ALL)
def test_a_refusal_is_no_verdict(form: AnswerForm) -> None:
    assert {read(form, answer, WORDS[form]) for answer in REFUSALS} == {"refused"}


def test_the_table_is_long_enough() -> None:
    assert len(CASES) >= 150


@given(form=any_form, label=any_label)
def test_the_example_of_a_form_is_read_back(form: AnswerForm, label: Label) -> None:
    assert read(form, example(form, word(form, label)), WORDS[form]) == label


@given(form=any_form, label=any_label, thought=st.text(max_size=60))
def test_a_thought_never_speaks(form: AnswerForm, label: Label, thought: str) -> None:
    assume("think>" not in thought and "answer>" not in thought)
    answer = f"<think>{thought}</think><answer>{word(form, label)}</answer>"
    expected = label if form in ("strict", "think_answer") else "unparseable"
    assert read(form, answer, WORDS[form]) == expected


@given(form=any_form, text=st.text() | st.text("safeunyo{}<>|:\"'\n .,tr01ig") | st.binary().map(repr))
def test_any_text_has_a_reading(form: AnswerForm, text: str) -> None:
    assert read(form, text, WORDS[form]) in get_args(Reading)


@given(form=any_form, text=st.text(), before=st.text("\t\n\r \u00a0\u3000"), after=st.text("\t\n\r "))
def test_white_space_around_an_answer_says_nothing(
    form: AnswerForm, text: str, before: str, after: str
) -> None:
    assert read(form, before + text + after, WORDS[form]) == read(form, text, WORDS[form])


@given(form=any_form.filter(lambda form: form != "official"), label=any_label)
def test_the_case_of_a_word_says_nothing(form: AnswerForm, label: Label) -> None:
    for said in (str.lower, str.upper, str.title):
        assert read(form, example(form, said(word(form, label))), WORDS[form]) == label


@given(
    form=any_form,
    order=st.permutations(LABELS),
    between=st.sampled_from([" or ", " and ", ", not ", "/", " ", "\n", " but ", ". ", "; "]),
    prose=st.sampled_from(["", "It is ", "The image is ", "Perhaps ", "I say: "]),
)
def test_prose_with_both_words_is_no_verdict(
    form: AnswerForm, order: list[Label], between: str, prose: str
) -> None:
    said = prose + between.join(word(form, label) for label in order)
    assert read(form, said, WORDS[form]) == "unparseable"
    assert read(form, example(form, said), WORDS[form]) == "unparseable"


@given(text=st.text() | st.sampled_from([*LABELS, "Safe.", "<think>x</think><answer>unsafe</answer>"]))
def test_the_strict_form_is_the_parser_that_training_uses(text: str) -> None:
    assert read("strict", text, Words()) == parse(text)


LONG = 1_000_000
HUGE = [
    "a" * LONG,
    "<" * LONG,
    "<think>" + "x" * LONG,
    "<think>" * (LONG // 7),
    "<think></think>" + " " * LONG + "x",
    "[" * LONG,
    '{"rating": ' * (LONG // 11),
    '{"rating": "Safe", "rationale": "' + "\\" * LONG,
    '{"rating": ' + "9" * LONG + "}",
    "unsafe\nS1" + " " * LONG + ",",
    "true | 01" + " " * LONG + "|x|",
    "|" * LONG,
    "safe" * (LONG // 4),
    "I am" + " " * LONG,
]


@pytest.mark.parametrize("form", ALL)
def test_a_huge_answer_is_read_and_is_no_verdict(form: AnswerForm) -> None:
    assert {read(form, answer, WORDS[form]) for answer in HUGE} == {"unparseable"}
