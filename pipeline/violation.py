"""Is the violation gone, and did the edit bring in another? Asked of someone who did not find the region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bench.policy import Concept

from .config import LocalizeConfig, VerifyConfig
from .errors import ConfigError
from .images import Mask, Pixels
from .localize import open_detector
from .localizers.base import Box, Detection, Detector
from .weights import weights_digest

if TYPE_CHECKING:
    from .verify import Attempt

EDGES_GONE = 0.5  # below this, more of the violation's own edges are there than not


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check says; the fields are those of `bench.schema.EditRow`."""

    gone: float | None = None
    residual: bool | None = None
    seen_before: bool | None = None
    new_violation: str = ""
    checker: str = "none"


def check_independence(localize: LocalizeConfig, verify: VerifyConfig) -> None:
    """Raises ConfigError where an edit would be judged by the very checkpoint that found its region."""
    if localize.backend != "grounded" or verify.backend != "detector":
        return
    if weights_digest(localize.detector) == weights_digest(verify.detector):
        raise ConfigError(
            f"verify.detector: {verify.detector!r} is the checkpoint that finds the regions, so the check "
            "would be circular; name another detector than localize.detector, or verify.backend = 'edges'"
        )


def find_violation(attempt: Attempt, config: VerifyConfig, concepts: Sequence[Concept]) -> Finding:
    """Ask the configured check. A control keeps its violation, so it is only asked what is new."""
    match config.backend:
        case "none":
            return Finding()
        case "edges":
            return by_edges(attempt)
        case "detector":
            return by_detector(attempt, _detector(config), concepts)


@lru_cache(maxsize=1)
def _detector(config: VerifyConfig) -> Detector:
    return open_detector(config.detector, threshold=config.threshold, device=config.device)


def by_detector(attempt: Attempt, detector: Detector, concepts: Sequence[Concept]) -> Finding:
    """What a detector still sees of the violation anywhere, and what new concept it sees in the region.

    Outside the region the two pictures are identical, so only boxes that overlap it are compared, and by
    concept: another blade elsewhere excuses no new blade in the fill.
    """
    before, after = (detector.detect(picture, concepts) for picture in (attempt.original, attempt.edited))
    known = {hit.concept for hit in before if _overlaps(hit.box, attempt.allowed)}
    new = [hit.concept for hit in after if _overlaps(hit.box, attempt.allowed)]
    new = [concept for concept in new if concept not in known | set(attempt.concepts)]
    first_new = new[0] if new else ""
    if not attempt.concepts:
        return Finding(new_violation=first_new, checker=detector.name)
    left = _best(after, attempt.concepts)
    return Finding(1 - left, left > 0, _best(before, attempt.concepts) > 0, first_new, detector.name)


def _best(hits: Sequence[Detection], concepts: tuple[str, ...]) -> float:
    """The best score of any of the concepts, 0 where none was found at the detector's threshold."""
    return max((hit.score for hit in hits if hit.concept in concepts), default=0.0)


def _overlaps(box: Box, allowed: Mask) -> bool:
    x0, y0, x1, y1 = box
    rows = slice(max(0, int(y0)), max(0, int(np.ceil(y1))))
    return bool(allowed[rows, max(0, int(x0)) : max(0, int(np.ceil(x1)))].any())


def by_edges(attempt: Attempt) -> Finding:
    """Whether the violation's own edges are gone, without a model. It cannot tell what is new."""
    if not attempt.concepts:
        return Finding()
    gone = gone_by_edges(attempt.original, attempt.edited, attempt.violation)
    return Finding(gone, gone < EDGES_GONE, True, checker="edges")


def gone_by_edges(original: Pixels, edited: Pixels, violation: Mask) -> float:
    """1 - the correlation of the grey gradients before and after, inside the violating region.

    0 where the object's own edges are all still there, whatever its colour; 1 where none is. It asks no
    model, so it is independent of any localizer.
    """
    before, after = _edges(original, violation), _edges(edited, violation)
    scale = float(np.sqrt((before**2).sum() * (after**2).sum()))
    return 1 - max(0.0, float((before * after).sum()) / scale) if scale else 1.0


def _edges(pixels: Pixels, where: Mask) -> NDArray[np.float32]:
    """Grey gradients, 2xN, of the N pixels asked for."""
    grey = pixels.astype(np.float32).mean(axis=2)
    gradients: NDArray[np.float32] = np.stack(np.gradient(grey))[:, where]
    return gradients
