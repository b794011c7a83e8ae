"""Shadows and reflections: what a removed thing would leave behind, made part of its region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bench.policy import Concept
from bench.region_check import bounding_box

from ..images import Mask, Pixels
from .base import Localizer, Region

REACH = 0.25  # of a thing's longer side: how far from its box its shadow may begin
LARGEST = 2.0  # times a thing's area; a larger shadow is the localizer's mistake


class WithShadows:
    """Any localizer, asked a second time for the shadows and reflections of what it found."""

    def __init__(self, localizer: Localizer) -> None:
        self._localizer = localizer
        self.name = localizer.name
        self.digest = f"{localizer.digest}+shadows"

    def locate(self, image: Pixels, concepts: Sequence[Concept]) -> list[Region]:
        """The localizer's regions in its order, each with its shadows and reflections."""
        regions = self._localizer.locate(image, concepts)
        found = {region.concept for region in regions}
        asked = [shadow_of(concept) for concept in concepts if concept.id in found]
        shadows = self._localizer.locate(image, asked) if asked else []
        return [_join(region, shadows) for region in regions]


def shadow_of(concept: Concept) -> Concept:
    """The concept with prompts for its shadow and its reflection."""
    kinds = ("the shadow of", "the reflection of")
    return replace(concept, prompts=tuple(f"{kind} {one}" for kind in kinds for one in concept.prompts))


def _join(region: Region, shadows: Sequence[Region]) -> Region:
    mask = region.mask
    for shadow in shadows:
        if shadow.concept == region.concept and _belongs(shadow.mask, region.mask):
            mask = mask | shadow.mask
    return replace(region, mask=mask)


def _belongs(shadow: Mask, thing: Mask) -> bool:
    """Near enough to be the thing's shadow, and small enough."""
    if shadow.sum() > LARGEST * thing.sum():
        return False
    ax0, ay0, ax1, ay1 = bounding_box(shadow)
    bx0, by0, bx1, by1 = bounding_box(thing)
    gap = max(ax0 - bx1, bx0 - ax1, ay0 - by1, by0 - ay1)
    return gap <= REACH * max(bx1 - bx0, by1 - by0)
