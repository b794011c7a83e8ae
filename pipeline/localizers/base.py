"""What a localizer says, and the three protocols: regions of a concept, boxes of a concept, mask in a box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bench.policy import Concept

from ..images import Mask, Pixels

Box = tuple[float, float, float, float]  # x0, y0, x1, y1 in pixels


@dataclass(frozen=True, slots=True)
class Region:
    """One violating region: what it shows, where, and how sure the detector (`detector`) is, in [0, 1]."""

    concept: str
    contexts: tuple[str, ...]
    mask: Mask
    detector: str
    score: float


@dataclass(frozen=True, slots=True)
class Detection:
    """A box with the concept found in it and the detector's score in [0, 1]."""

    concept: str
    box: Box
    score: float


class Localizer(Protocol):
    """Finds regions of concepts. `digest` changes when its weights or options do."""

    name: str
    digest: str

    def locate(self, image: Pixels, concepts: Sequence[Concept]) -> list[Region]:
        """All regions of any of `concepts`, best first."""


class Detector(Protocol):
    """Finds boxes of concepts."""

    name: str

    def detect(self, image: Pixels, concepts: Sequence[Concept]) -> list[Detection]:
        """Boxes of any of `concepts` at or above the detector's threshold, best first."""


class Segmenter(Protocol):
    """Turns boxes into masks."""

    def segment(self, image: Pixels, boxes: Sequence[Box]) -> list[Mask]:
        """One mask a box, as large as the image."""


def best_first(found: Sequence[Detection]) -> list[Detection]:
    """By falling score; equal scores keep their order."""
    return sorted(found, key=lambda hit: -hit.score)
