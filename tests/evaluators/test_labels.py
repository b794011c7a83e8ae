"""Verdicts from probabilities: which tokens tell a label, and what is made of their logits."""

from __future__ import annotations

import math

import pytest
import torch

from evaluators import labels
from evaluators.labels import LabelTokens, Scores
from tests.tiny.parts import tokenizer


class Letters:
    """A tokenizer whose tokens are the letters of a text."""

    def __call__(self, texts: list[str], add_special_tokens: bool) -> dict[str, list[list[int]]]:
        return {"input_ids": [[ord(letter) for letter in text] for text in texts]}


class Melting(Letters):
    """One whose last token is always the whole text: whatever follows melts into it."""

    def __call__(self, texts: list[str], add_special_tokens: bool) -> dict[str, list[list[int]]]:
        return {"input_ids": [[hash(text)] for text in texts]}


def after(safe: tuple[str, ...], unsafe: tuple[str, ...]) -> LabelTokens:
    return LabelTokens.after("prompt\n", safe, unsafe, Letters())  # type: ignore[arg-type]


def spelled(ways: tuple[tuple[int, ...], ...]) -> list[str]:
    return ["".join(map(chr, way)) for way in ways]


def test_the_first_token_is_enough_where_it_tells_the_labels_apart() -> None:
    tokens = after(("safe",), ("unsafe",))
    assert (spelled(tokens.safe), spelled(tokens.unsafe)) == (["S", "s"], ["U", "u"])
    assert tokens.stems == ((),)  # the space, which opens both, is left out


def test_labels_that_begin_alike_are_read_as_far_as_they_differ() -> None:
    tokens = after(("complies",), ("compromises",))
    assert spelled(tokens.safe) == [" COMPL", " Compl", " compl", "COMPL", "Compl", "compl"]
    assert spelled(tokens.unsafe) == [" COMPR", " Compr", " compr", "COMPR", "Compr", "compr"]
    assert "comp" in spelled(tokens.stems)


def test_a_label_that_goes_on_from_the_other_is_told_by_what_follows() -> None:
    tokens = after(("safe",), ("safety",))
    assert "safe" in spelled(tokens.safe)
    assert "safet" in spelled(tokens.unsafe)
    assert "safe" in spelled(tokens.stems)


def test_words_without_a_spelling_of_their_own_are_refused() -> None:
    with pytest.raises(
        ValueError, match=r"spells none of \['safe'\] apart from \['unsafe'\] .* reading='text'"
    ):
        LabelTokens.after("prompt\n", ("safe",), ("unsafe",), Melting())  # type: ignore[arg-type]


def test_the_labels_are_told_after_the_real_prompt() -> None:
    """Behind the quote of an open JSON string a tokenizer has the words without a space."""
    bpe = tokenizer([])
    tokens = LabelTokens.after('{"rating": "', ("Safe",), ("Unsafe",), bpe)
    assert bpe.convert_tokens_to_ids("Safe") in {way[0] for way in tokens.safe}
    assert bpe.convert_tokens_to_ids("Unsafe") in {way[0] for way in tokens.unsafe}
    assert tokens.stems == ((),)


def test_scores_by_hand() -> None:
    tokens = LabelTokens(safe=((0,), (1,)), unsafe=((2,),))
    even = tokens.read({(): torch.log(torch.tensor([0.1, 0.2, 0.3, 0.4]))})
    assert (even.p_unsafe, even.label_mass) == (pytest.approx(0.5), pytest.approx(0.6))
    assert even.margin == pytest.approx(0.0, abs=1e-7)
    sure = tokens.read({(): torch.log(torch.tensor([0.1, 0.0, 0.9, 0.0]))})
    assert (sure.p_unsafe, sure.margin) == (pytest.approx(0.9), pytest.approx(math.log(9)))


def test_scores_of_longer_labels_are_products_along_their_tokens() -> None:
    """p(0 1) = 0.5 * 0.2 and p(0 2) = 0.5 * 0.6; p(3) = 0.1 alone."""
    tokens = LabelTokens(safe=((0, 1),), unsafe=((0, 2), (3,)))
    logits = {
        (): torch.log(torch.tensor([0.5, 0.2, 0.2, 0.1])),
        (0,): torch.log(torch.tensor([0.1, 0.2, 0.6, 0.1])),
    }
    scores = tokens.read(logits)
    assert tokens.stems == ((), (0,))
    assert scores.label_mass == pytest.approx(0.1 + 0.3 + 0.1)
    assert scores.p_unsafe == pytest.approx(0.4 / 0.5)


def test_a_label_does_not_get_the_probability_of_the_longer_one() -> None:
    """0 says safe unless 1 follows, which makes it unsafe: 0.8 * (1 - 0.75) against 0.8 * 0.75."""
    tokens = LabelTokens(safe=((0,),), unsafe=((0, 1),))
    logits = {(): torch.log(torch.tensor([0.8, 0.2])), (0,): torch.log(torch.tensor([0.25, 0.75]))}
    scores = tokens.read(logits)
    assert (scores.p_unsafe, scores.label_mass) == (pytest.approx(0.75), pytest.approx(0.8))


@pytest.mark.parametrize(
    ("scores", "text", "status", "written"),
    [
        (Scores(0.8, 1.4, 0.9), "unsafe", "unsafe", "unsafe"),
        (Scores(0.3, -0.8, 0.9), "unsafe", "safe", "unsafe"),  # by labels; what the text says is kept beside
        (Scores(0.8, 1.4, 0.9), "", "unsafe", None),
        (Scores(0.8, 1.4, 0.2), "unsafe", "unparseable", "unsafe"),
        (Scores(0.8, 1.4, 0.2), "", "unparseable", None),
        (Scores(0.8, 1.4, 0.2), "I'm sorry, I can't", "refused", "refused"),
        (Scores(math.nan, math.nan, math.nan), "", "error", None),
    ],
)
def test_the_outcome_by_labels(scores: Scores, text: str, status: str, written: str | None) -> None:
    outcome = labels.outcome(scores, text, 0.5)
    assert (outcome.status, outcome.text, outcome.written) == (status, text, written)
