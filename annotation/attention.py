"""Attention checks: signs in the forms themselves that a rater did not look.

Skipping is free and never counts against anyone. Answering without revealing is allowed; doing so within
a few seconds is not reading the policies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from annotation.forms import Form, latest
from bench.schema import LABELS

Check = Literal["hasty", "same answer", "contradiction"]
Question = tuple[str, str]  # image and policy

VEILED_SECONDS = 10.0  # five policies answered faster than this without a look
HASTY_SECONDS = 3.0  # or faster than this in any case
ENOUGH = 20  # forms or votes before a check says anything
HASTY_SHARE = 0.05  # of the forms
DISSENT_SHARE = 0.10  # of the questions on which most others said something else
ENOUGH_REPEATS = 5
CONTRADICTION_SHARE = 0.20  # of the questions answered twice


@dataclass(frozen=True, slots=True)
class Attention:
    """One check of one rater: `failed` of `of` forms or answers; `flagged` when that is too many."""

    rater: str
    check: Check
    failed: int
    of: int
    flagged: bool

    @property
    def text(self) -> str:
        """The finding in words."""
        share = f"{self.failed} of {self.of}"
        if self.check == "hasty":
            limits = f"{HASTY_SECONDS:.0f} s, or {VEILED_SECONDS:.0f} s without a look"
            return f"hasty: {share} forms in under {limits}"
        if self.check == "same answer":
            return f"same answer: {share} times, though most others often said the other"
        return f"contradiction: {share} questions answered twice got two answers"


def attention(forms: Sequence[Form]) -> tuple[Attention, ...]:
    """Every check of every rater, raters in order of pseudonym.

    `forms` must hold all forms, also those a later one of the same rater replaced.
    """
    by_rater: dict[str, list[Form]] = {form.rater: [] for form in forms}
    for form in forms:
        by_rater[form.rater].append(form)
    said = _said(forms)
    return tuple(
        check
        for rater, own in sorted(by_rater.items())
        for check in (_hasty(rater, own), _same_answer(rater, said), _contradiction(rater, own))
    )


def _hasty(rater: str, forms: Sequence[Form]) -> Attention:
    answered = [form for form in forms if not form.skipped]
    fast = sum(form.lead_time < (HASTY_SECONDS if form.revealed else VEILED_SECONDS) for form in answered)
    flagged = len(answered) >= ENOUGH and fast > HASTY_SHARE * len(answered)
    return Attention(rater, "hasty", fast, len(answered), flagged)


def _said(forms: Sequence[Form]) -> dict[Question, dict[str, str]]:
    """The labels that count, by question and rater."""
    said: dict[Question, dict[str, str]] = {}
    for vote in latest(forms):
        if vote.answer in LABELS:
            said.setdefault((vote.image_id, vote.policy_id), {})[vote.rater] = vote.answer
    return said


def _same_answer(rater: str, said: Mapping[Question, Mapping[str, str]]) -> Attention:
    """Whether the rater only ever gave one label though others saw two."""
    own = [labels for labels in said.values() if rater in labels]
    given = Counter(labels[rater] for labels in own)
    against = sum(_most_others(labels, rater) not in (labels[rater], None) for labels in own)
    flagged = len(given) == 1 and len(own) >= ENOUGH and against > DISSENT_SHARE * len(own)
    return Attention(rater, "same answer", max(given.values(), default=0), len(own), flagged)


def _most_others(labels: Mapping[str, str], rater: str) -> str | None:
    """The label of most other raters of a question; None for a tie or nobody."""
    others = Counter(label for name, label in labels.items() if name != rater)
    safe, unsafe = (others[label] for label in LABELS)
    return None if safe == unsafe else LABELS[unsafe > safe]


def _contradiction(rater: str, forms: Sequence[Form]) -> Attention:
    """Questions under one text that got two labels in two forms, of those that got a label twice."""
    given: dict[tuple[str, str, str], list[str]] = {}
    for form in forms:
        for vote in form.votes:
            if vote.answer in LABELS:
                given.setdefault((vote.image_id, vote.policy_id, vote.policy_digest), []).append(vote.answer)
    repeats = [labels for labels in given.values() if len(labels) > 1]
    apart = sum(len(set(labels)) > 1 for labels in repeats)
    flagged = len(repeats) >= ENOUGH_REPEATS and apart > CONTRADICTION_SHARE * len(repeats)
    return Attention(rater, "contradiction", apart, len(repeats), flagged)
