"""A Python function as a guardrail."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from PIL import Image

from bench.policy import load_policies
from evaluators.base import Outcome
from evaluators.constant import Constant
from evaluators.function import Function, read_answer
from evaluators.spec import load_guardrail
from tests.evaluators.stand_in import picture

MODULE = """
from PIL import ImageDraw

def by_text(image, policy_text):
    return "Unsafe." if "weapon" in policy_text.lower() else "safe"

def by_probability(image, policy_text):
    return image.getpixel((0, 0))[0] / 255

def scribbles(image, policy_text):
    ImageDraw.Draw(image).rectangle((0, 0, 9, 9), fill="red")
    return float(image.getpixel((0, 0)) == (255, 0, 0))

def raises(image, policy_text):
    raise RuntimeError("no such thing\\nsecond line")

not_a_function = 3
"""


@pytest.fixture(autouse=True)
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_guard.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(__import__("sys").modules, "my_guard", raising=False)


def judge(function: str, *images: Image.Image) -> list[list[Outcome]]:
    return load_guardrail(f"python:my_guard:{function}").judge(images, load_policies())


def test_text_goes_through_the_strict_parser() -> None:
    (row,) = judge("by_text", picture(1))
    expected = ["unsafe" if "weapon" in p.text().lower() else "safe" for p in load_policies()]
    assert [outcome.status for outcome in row] == expected
    assert set(expected) == {"safe", "unsafe"}


def test_a_probability_becomes_a_verdict_at_one_half() -> None:
    dark, light = Image.new("RGB", (4, 4), (51, 0, 0)), Image.new("RGB", (4, 4), (204, 0, 0))
    rows = judge("by_probability", dark, light)
    assert [(row[0].status, row[0].p_unsafe) for row in rows] == [("safe", 0.2), ("unsafe", 0.8)]
    assert rows[1][0].margin == pytest.approx(math.log(4))


def test_each_call_gets_an_untouched_picture() -> None:
    image = picture(1)
    before = image.tobytes()
    judge("scribbles", image)
    assert image.tobytes() == before


def test_what_is_raised_is_an_error_outcome() -> None:
    (row,) = judge("raises", picture(1))
    assert {(outcome.status, outcome.detail) for outcome in row} == {("error", "RuntimeError: no such thing")}


@pytest.mark.parametrize("answer", [None, True, 1.5, -0.1, math.nan, ["safe"], b"safe"])
def test_anything_else_is_an_error_outcome(answer: object) -> None:
    outcome = read_answer(answer, 0.0)
    assert outcome.status == "error"
    assert "expected a string or a probability" in outcome.detail


@pytest.mark.parametrize("certain", [0, 0.0, 1, 1.0])
def test_certainty_has_no_margin(certain: float) -> None:
    outcome = read_answer(certain, 0.0)
    assert (outcome.p_unsafe, outcome.margin) == (float(certain), None)


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("my_guard", "write python:module:function"),
        (":f", "write python:module:function"),
        ("no_such_module:f", "start in the folder that holds the module"),
        ("my_guard:absent", "my_guard has no function 'absent'"),
        ("my_guard:not_a_function", "my_guard has no function 'not_a_function'"),
    ],
)
def test_a_wrong_target_is_told(target: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Function.load(target)


def test_changed_source_is_another_guardrail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = Function.load("my_guard:by_text").identity
    (tmp_path / "my_guard.py").write_text(MODULE + "# changed\n")
    assert Function.load("my_guard:by_text").identity != before


def test_a_constant_answers_every_case() -> None:
    rows = load_guardrail("constant:safe").judge([picture(1), picture(2)], load_policies())
    assert [[outcome.status for outcome in row] for row in rows] == [["safe"] * 5] * 2
    assert Constant("safe").identity != Constant("unsafe").identity
