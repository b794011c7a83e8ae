"""Judge an edit independently of who found the region: violation gone, nothing new, no seam, nothing else.

`choose` keeps the best of several attempts by a fixed order of gates; every attempt's scores are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bench.outside import changed_outside, outside_sha256
from bench.policy import Concept

from .config import VerifyConfig
from .images import Mask, Pixels, hash_distance, perceptual_hash
from .localize import open_detector
from .localizers.base import Detector
from .region import around


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of one attempt; the fields are those of `bench.schema.EditRow`."""

    gone: float | None
    new_violation: str
    seam: float
    changed_share: float
    changed_outside: int
    outside_sha256: str
    phash_distance: int
    checker: str = "none"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What there is to compare. `concepts` are what should be gone: none for a control."""

    original: Pixels
    edited: Pixels
    violation: Mask
    allowed: Mask
    concepts: tuple[str, ...]


def score(attempt: Attempt, config: VerifyConfig, concepts: Sequence[Concept]) -> Scores:
    """All scores of one attempt."""
    gone, new, checker = _violation(attempt, config, concepts)
    original, edited = attempt.original, attempt.edited
    return Scores(
        gone=gone,
        new_violation=new,
        seam=seam(edited, attempt.allowed),
        changed_share=float((original != edited).any(axis=2).mean()),
        changed_outside=changed_outside(original, edited, attempt.allowed),
        outside_sha256=outside_sha256(edited, attempt.allowed),
        phash_distance=hash_distance(perceptual_hash(original), perceptual_hash(edited)),
        checker=checker,
    )


def _violation(
    attempt: Attempt, config: VerifyConfig, concepts: Sequence[Concept]
) -> tuple[float | None, str, str]:
    """How much is gone, what is new, and who says so."""
    if config.backend == "none" or not attempt.concepts:
        return None, "", "none"
    if config.backend == "edges":
        return gone_by_edges(attempt), "", "edges"
    detector = _detector(config)
    shown = [concept for concept in concepts if concept.id in attempt.concepts]
    left = max((hit.score for hit in detector.detect(attempt.edited, shown)), default=0.0)
    others = [concept for concept in concepts if concept.id not in attempt.concepts]
    before = {hit.concept for hit in detector.detect(attempt.original, others)}
    new = [hit.concept for hit in detector.detect(attempt.edited, others) if hit.concept not in before]
    return 1 - left, new[0] if new else "", detector.name


@lru_cache(maxsize=1)
def _detector(config: VerifyConfig) -> Detector:
    return open_detector(config.detector, threshold=config.threshold, device=config.device)


def gone_by_edges(attempt: Attempt) -> float:
    """1 - the correlation of the grey gradients before and after, inside the violating region.

    0 where the object's own edges are all still there, whatever its colour; 1 where none is. It asks no
    model, so it is independent of any localizer.
    """
    before, after = (_edges(picture, attempt.violation) for picture in (attempt.original, attempt.edited))
    scale = float(np.sqrt((before**2).sum() * (after**2).sum()))
    return 1 - max(0.0, float((before * after).sum()) / scale) if scale else 1.0


def _edges(pixels: Pixels, where: Mask) -> NDArray[np.float32]:
    """Grey gradients, 2xN, of the N pixels asked for."""
    grey = pixels.astype(np.float32).mean(axis=2)
    gradients: NDArray[np.float32] = np.stack(np.gradient(grey))[:, where]
    return gradients


def seam(pixels: Pixels, allowed: Mask) -> float:
    """Mean gradient along the region's border over the mean in the band 4 to 12 px outside it.

    1 means that the border is no sharper than its surroundings. 1.0 where there is no band to compare with.
    """
    from scipy.ndimage import distance_transform_edt

    if not allowed.any() or allowed.all():
        return 1.0
    near = around(allowed, 14)  # the band, and a pixel for the gradient
    pixels, allowed = pixels[near], allowed[near]
    grey = pixels.astype(np.float32).mean(axis=2)
    across = np.hypot(*np.gradient(grey))
    outside, inside = distance_transform_edt(~allowed), distance_transform_edt(allowed)
    border = (outside <= 1) & (inside <= 2)
    band = (outside > 4) & (outside <= 12)
    return float((across[border].mean() + 1) / (across[band].mean() + 1)) if band.any() else 1.0


def choose(scores: Sequence[Scores], gone_at: float) -> int | None:
    """Index of the best attempt, None where none passes.

    The gates in order: nothing changed outside, violation gone, nothing new; of those left, least seam.
    """
    passing = [index for index, found in enumerate(scores) if not failure(found, gone_at)]
    return min(passing, key=lambda index: (scores[index].seam, index)) if passing else None


def failure(scores: Scores, gone_at: float) -> str:
    """Why an attempt cannot be kept, or ""."""
    if scores.changed_outside:
        return f"{scores.changed_outside} pixels changed outside the ring"
    if scores.gone is not None and scores.gone < gone_at:
        return f"violation still visible (gone {scores.gone:.2f}, needed {gone_at})"
    if scores.new_violation:
        return f"the edit brought in a new {scores.new_violation}"
    return ""
