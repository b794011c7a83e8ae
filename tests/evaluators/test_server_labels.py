"""Verdicts from the likely tokens a server tells: sums, bounds, and where the label stands."""

from __future__ import annotations

import math

import pytest

from evaluators.base import Outcome
from evaluators.profile import Profile, load_profile
from evaluators.server.completion import Completion, Token
from evaluators.server.label_scores import label_scores, label_token
from evaluators.server.terms import Extras
from evaluators.server.usage import Usage
from evaluators.server.verdict import Method, Reader

PLAIN = load_profile()
WITH_LOGPROBS: Extras = frozenset({"logprobs"})


def token(**likely: float) -> Token:
    """A token with the given probabilities; the first one is written. `_` stands for a space."""
    entries = tuple((text.replace("_", " "), math.log(p)) for text, p in likely.items())
    return Token(entries[0][0], entries)


def outcome(
    *tokens: Token, text: str = "", method: Method = "labels", mass: float = 0.5, profile: Profile = PLAIN
) -> Outcome:
    completion = Completion(text, "", "stop", tokens, Usage(), 0.1)
    return Reader(profile, method, mass).outcome(completion, WITH_LOGPROBS)


def test_every_spelling_of_a_label_counts_and_nothing_else() -> None:
    likely = token(safe=0.3, Safe=0.1, _SAFE=0.05, unsafe=0.2, Un=0.1, uns=0.05, safety=0.1, u=0.02, s=0.03)
    scores = label_scores(likely, PLAIN)
    assert scores.safe == pytest.approx(0.45)
    assert scores.unsafe == pytest.approx(0.35)
    assert scores.rest == pytest.approx(0.05)
    assert scores.label_mass == pytest.approx(0.8)
    assert scores.p_unsafe == pytest.approx(0.35 / 0.8)
    assert scores.margin == pytest.approx(math.log(0.35 / 0.45))


def test_a_beginning_that_both_labels_share_tells_nothing() -> None:
    profile = Profile("codes", "{image}{policy}", safe=("label-a",), unsafe=("label-b",), answers="yes_no")
    scores = label_scores(Token("x", (("label", -0.5), ("label-a", -1.0), ("label-b", -2.0))), profile)
    assert scores.safe == pytest.approx(math.exp(-1))
    assert scores.unsafe == pytest.approx(math.exp(-2))


@pytest.mark.parametrize(
    ("name", "written", "status"),
    [
        ("shieldgemma2", "Yes", "unsafe"),
        ("shieldgemma2", "No", "safe"),
        ("policyshiftguard", "true", "unsafe"),
        ("policyshiftguard", "false", "safe"),
    ],
)
def test_the_words_are_the_profiles(name: str, written: str, status: str) -> None:
    other = {"Yes": "No", "No": "Yes", "true": "false", "false": "true"}[written]
    likely = token(**{written: 0.8, other: 0.1, "Not": 0.05})
    assert outcome(likely, profile=load_profile(name)).status == status
    assert outcome(likely, profile=load_profile(name)).label_mass == pytest.approx(0.9)


def test_a_label_of_which_nothing_is_told_leaves_a_verdict_with_a_bound_and_no_probability() -> None:
    sure = outcome(token(safe=0.97, sorry=0.02))
    assert (sure.status, sure.p_unsafe, sure.margin) == ("safe", None, None)
    assert sure.label_mass == pytest.approx(0.97)
    assert sure.detail == "no likely token says unsafe, at most 0.01 is left for it"


def test_no_verdict_is_forced_where_the_untold_rest_could_turn_it() -> None:
    unsure = outcome(token(safe=0.3, sorry=0.1), mass=0.0)
    assert unsure.status == "unparseable"
    nothing = outcome(token(sorry=0.9), mass=0.0)
    assert (nothing.status, nothing.label_mass) == ("unparseable", 0.0)
    assert nothing.detail == "no likely token says safe and unsafe, at most 0.1 is left for it"


def test_below_the_label_mass_it_is_no_verdict_and_a_refusal_is_one() -> None:
    low = outcome(token(safe=0.2, unsafe=0.1, The=0.7), text="The image")
    assert (low.status, low.detail) == ("unparseable", "label mass 0.3 is below 0.5")
    refused = outcome(token(I=0.9, safe=0.05, unsafe=0.01), text="I'm sorry, I can't help.", method="both")
    assert (refused.status, refused.written) == ("refused", "refused")


def test_both_readings_stand_beside_each_other() -> None:
    torn = outcome(token(unsafe=0.6, safe=0.3), text="safe", method="both")
    assert (torn.status, torn.written, torn.text) == ("unsafe", "safe", "safe")
    assert outcome(token(unsafe=0.6, safe=0.3), text="safe").written is None


def test_the_label_of_a_model_that_thinks_stands_behind_its_mark() -> None:
    thought = [token(**{"<think>": 1.0}), token(safe=0.9), token(**{"</think><answer>": 1.0})]
    label = token(unsafe=0.7, safe=0.2)
    profile = load_profile("reasoning")
    assert label_token([*thought, label], profile.after) is label
    text = "<think>safe</think><answer>unsafe</answer>"
    read = outcome(*thought, label, text=text, method="both", profile=profile)
    assert (read.status, read.written) == ("unsafe", "unsafe")


def test_where_no_token_begins_at_the_label_the_text_decides() -> None:
    tokens = [
        token(**{"<think></think><answer": 1.0}),
        token(**{">unsafe": 1.0}),
        token(**{"</answer>": 1.0}),
    ]
    text = "<think></think><answer>unsafe</answer>"
    read = outcome(*tokens, text=text, profile=load_profile("reasoning"))
    assert (read.status, read.p_unsafe) == ("unsafe", None)
    assert read.detail == "no token stands where the label should"
