"""Judge an edit: nothing changed outside, violation gone, nothing new, no seam, natural inside.

`choose` keeps the best of several attempts by that fixed order; every attempt's scores are published.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from bench.outside import changed_outside, outside_sha256
from bench.policy import Concept

from .config import VerifyConfig
from .images import Mask, Pixels, hash_distance, perceptual_hash
from .naturalness import open_naturalness
from .seam import seam
from .violation import find_violation


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of one attempt; the fields are those of `bench.schema.EditRow`."""

    gone: float | None
    residual: bool | None
    seen_before: bool | None
    new_violation: str
    checker: str
    seam: float
    naturalness: float | None
    natural_by: str
    changed_share: float
    changed_outside: int
    outside_sha256: str
    phash_distance: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """What there is to compare. `allowed` is all that may have changed, `ring_px` the width of its blended
    border. `concepts` are what should be gone: none for a control."""

    original: Pixels
    edited: Pixels
    violation: Mask
    allowed: Mask
    ring_px: int
    concepts: tuple[str, ...]


def score(attempt: Attempt, config: VerifyConfig, concepts: Sequence[Concept]) -> Scores:
    """All scores of one attempt."""
    original, edited, allowed = attempt.original, attempt.edited, attempt.allowed
    natural = open_naturalness(config.naturalness, config.device)
    return Scores(
        **asdict(find_violation(attempt, config, concepts)),
        seam=seam(edited, allowed, attempt.ring_px),
        naturalness=natural.score(edited, allowed),
        natural_by=natural.name,
        changed_share=float((original != edited).any(axis=2).mean()),
        changed_outside=changed_outside(original, edited, allowed),
        outside_sha256=outside_sha256(edited, allowed),
        phash_distance=hash_distance(perceptual_hash(original), perceptual_hash(edited)),
    )


def choose(scores: Sequence[Scores], config: VerifyConfig) -> int | None:
    """Index of the best attempt, None where none passes.

    Gates first (`failure`). Of those that pass, the ones without a visible seam (at most `config.seam`), and
    of these the most natural; where all have one, the least seam. Equals keep their order.
    """
    passing = [index for index, found in enumerate(scores) if not failure(found, config.gone)]
    return min(passing, key=lambda index: _rank(scores[index], config.seam)) if passing else None


def _rank(scores: Scores, seam_at: float) -> tuple[float, float]:
    natural = scores.naturalness if scores.naturalness is not None else 0.0
    return max(scores.seam, seam_at), -natural


def failure(scores: Scores, gone_at: float) -> str:
    """Why an attempt cannot be kept, or ""."""
    if scores.changed_outside:
        return f"{scores.changed_outside} pixels changed outside the ring"
    if scores.gone is not None and scores.gone < gone_at:
        return f"violation still visible (gone {scores.gone:.2f}, needed {gone_at})"
    if scores.new_violation:
        return f"the edit brought in a new {scores.new_violation}"
    return ""
