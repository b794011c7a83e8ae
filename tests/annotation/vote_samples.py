"""Cells, forms and simulated votes for the tests of what is computed from votes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from annotation.ballot import Codes
from annotation.cells import Cell, SettledBy
from annotation.forms import Form
from bench.policy import Policy
from bench.schema import LABELS, Answer, VoteRow


def cell(
    image_id: str = "i1",
    policy_id: str = "L3",
    *,
    safe: int = 0,
    unsafe: int = 0,
    unsure: int = 0,
    p_unsafe: float | None = None,
    settled_by: SettledBy = "votes",
    rulings: int = 0,
) -> Cell:
    """A cell; without `p_unsafe` the majority's share."""
    votes = safe + unsafe
    chance = p_unsafe if p_unsafe is not None else unsafe / votes if votes else 0.5
    return Cell(image_id, policy_id, safe, unsafe, unsure, 0, 0, rulings, chance, settled_by, (), "human")


def form(
    image_id: str,
    rater: str,
    answers: Sequence[Answer],
    policies: Sequence[Policy],
    *,
    at: str = "",
    seconds: float = 40.0,
    revealed: bool = True,
) -> Form:
    """One form, `answers` in the order of `policies`."""
    return Form(
        at,
        tuple(
            VoteRow(image_id, policy.id, policy.digest, rater, answer, "", None, revealed, seconds, "human")
            for policy, answer in zip(policies, answers, strict=True)
        ),
    )


@dataclass(frozen=True, slots=True)
class Rates:
    """A rater's confusion matrix: P(says unsafe | safe) and P(says safe | unsafe)."""

    false_alarm: float
    miss: float

    def accuracy(self, share: float) -> float:
        """P(right) where `share` of the images are unsafe."""
        return (1 - share) * (1 - self.false_alarm) + share * (1 - self.miss)


def simulated_codes(seed: int, images: int, share: float, rates: Sequence[Rates]) -> tuple[Codes, Codes]:
    """Raters x images codes of raters with known confusion matrices, and the truth."""
    draw = np.random.default_rng(seed)
    truth = (draw.random(images) < share).astype(np.int64)
    wrong = [draw.random(images) < np.where(truth == 1, rater.miss, rater.false_alarm) for rater in rates]
    return np.stack([np.where(w, 1 - truth, truth) for w in wrong]), truth


def votes_of(codes: Codes, policy: Policy) -> list[VoteRow]:
    """A matrix of codes as votes of r-0, r-1, .. on i0000, i0001, .."""
    return [
        VoteRow(
            f"i{image:04d}",
            policy.id,
            policy.digest,
            f"r-{rater}",
            LABELS[code],
            "",
            None,
            True,
            30.0,
            "human",
        )
        for rater, row in enumerate(codes.tolist())
        for image, code in enumerate(row)
        if code >= 0
    ]
