"""The probabilities of the two labels from the likely tokens that a server tells.

A server tells the 20 likeliest tokens as texts. A token counts for a label if it is the label's word (any
case, with or without space before it) or at least two letters of its beginning that the other label does
not begin with. What is not told cannot be summed: `rest` is the probability of all that, and a label of
which nothing is told has at most that much.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from evaluators.profile import Profile
from evaluators.server.completion import Token


@dataclass(frozen=True, slots=True)
class LabelScores:
    """Probabilities in [0, 1] of the told tokens of each label, and of all that is not told."""

    safe: float
    unsafe: float
    rest: float

    @property
    def label_mass(self) -> float:
        return min(1.0, self.safe + self.unsafe)

    @property
    def margin(self) -> float | None:
        """log p(unsafe) - log p(safe); None where only a bound is known."""
        return math.log(self.unsafe / self.safe) if self.safe and self.unsafe else None

    @property
    def p_unsafe(self) -> float | None:
        return self.unsafe / (self.safe + self.unsafe) if self.safe and self.unsafe else None

    @property
    def decided(self) -> bool:
        """Whether what is not told cannot turn the verdict to a label of which nothing is told."""
        return (self.safe > 0 and self.unsafe > 0) or max(self.safe, self.unsafe) > self.rest

    @property
    def bound(self) -> str:
        """What is known of a label of which no token was told; empty where both were."""
        untold = [label for label, told in (("safe", self.safe), ("unsafe", self.unsafe)) if not told]
        subject = " and ".join(untold)
        return f"no likely token says {subject}, at most {self.rest:.3g} is left for it" if untold else ""


def label_scores(token: Token, profile: Profile) -> LabelScores:
    safe = unsafe = told = 0.0
    for text, logprob in token.likely:
        probability = math.exp(logprob)
        told += probability
        says_safe, says_unsafe = (_opens(text, words) for words in (profile.safe, profile.unsafe))
        if says_safe != says_unsafe:
            safe += probability * says_safe
            unsafe += probability * says_unsafe
    return LabelScores(safe, unsafe, max(0.0, 1.0 - told))


def _opens(token: str, words: Sequence[str]) -> bool:
    """Whether an answer that begins with this token can be one of the words."""
    text = token.strip().lower()
    return any(_is_word(text, word.lower()) or _begins(text, word.lower()) for word in words)


def _is_word(text: str, word: str) -> bool:
    """The word, whatever else than letters and digits follows it, such as "safe." or "safe<"."""
    return text.startswith(word) and not text[len(word) : len(word) + 1].isalnum()


def _begins(text: str, word: str) -> bool:
    return len(text) >= 2 and word.startswith(text)


def label_token(tokens: Sequence[Token], after: str) -> Token | None:
    """The token at which the label stands: the first one, or the one right behind `after`.

    None where `after` was not written, or ends inside a token.
    """
    written = ""
    for token in tokens:
        if written.endswith(after):
            return token
        written += token.text
    return None
