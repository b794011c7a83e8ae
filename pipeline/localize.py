"""Find the violating regions: which adapter reads a checkpoint, by what its own configuration says.

Truth masks (scenes, or a folder's own) need no localizer; the localize stage reads them directly.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from bench.policy import Concept

from .config import LocalizeConfig
from .images import Mask, Pixels
from .localizers.base import Box, Detector, Localizer, Region, Segmenter
from .weights import ModelError, model_type, weights_digest


def open_detector(path: str, *, threshold: float, device: str) -> Detector:
    """The detector in a local folder or at a hub id. Raises ModelError for one that reads no phrases."""
    match model_type(path):
        case "grounding-dino" | "mm-grounding-dino":
            from .localizers.grounding_dino import GroundingDino

            return GroundingDino(path, threshold=threshold, device=device)
        case "owlv2" | "owlvit":
            from .localizers.owl import Owl

            return Owl(path, threshold=threshold, device=device)
        case "florence2":
            from .localizers.florence2 import Florence2

            return Florence2(path, threshold=threshold, device=device)
        case "sam3" | "sam3_video":
            from .localizers.sam3 import Sam3

            return Sam3(path, threshold=threshold, device=device)
        case other:
            raise ModelError(
                f"{path!r} is a {other!r} model, which finds no boxes for phrases; "
                "use GroundingDINO, MM-GroundingDINO, OWLv2, OWL-ViT, Florence-2 or SAM3"
            )


def open_segmenter(path: str, *, device: str) -> Segmenter:
    """The box-prompted segmenter in a local folder or at a hub id."""
    from .localizers.sam import Sam

    return Sam(path, device=device)


class GroundedLocalizer:
    """A detector's boxes, turned into masks by a segmenter."""

    def __init__(self, config: LocalizeConfig) -> None:
        self._detector = open_detector(config.detector, threshold=config.threshold, device=config.device)
        self._segmenter = open_segmenter(config.segmenter, device=config.device)
        self.name = self._detector.name
        self.digest = f"{weights_digest(config.detector)}+{weights_digest(config.segmenter)}"

    def locate(self, image: Pixels, concepts: Sequence[Concept]) -> list[Region]:
        """Regions of any of `concepts`, best first; the contexts are unknown to a detector, so empty."""
        hits = [hit for hit in self._detector.detect(image, concepts) if _inside(hit.box, image)]
        if not hits:
            return []
        masks = self._segmenter.segment(image, [hit.box for hit in hits])
        return [
            Region(hit.concept, (), mask, self.name, hit.score)
            for hit, mask in zip(hits, masks, strict=True)
            if mask.any()
        ]


def _inside(box: Box, image: Pixels) -> bool:
    height, width = image.shape[:2]
    return min(box[2], width) - max(box[0], 0) >= 2 and min(box[3], height) - max(box[1], 0) >= 2


def open_localizer(config: LocalizeConfig) -> Localizer:
    """The configured localizer, which takes in shadows and reflections where it is to."""
    localizer = _by_phrases(config)
    if not config.shadows:
        return localizer
    from .localizers.shadows import WithShadows

    return WithShadows(localizer)


def _by_phrases(config: LocalizeConfig) -> Localizer:
    """One model that gives masks for phrases, else the detector with its segmenter."""
    match model_type(config.detector):
        case "clipseg":
            from .localizers.clipseg import ClipSeg

            return ClipSeg(config.detector, threshold=config.threshold, device=config.device)
        case "sam3" | "sam3_video":
            from .localizers.sam3 import Sam3

            return Sam3(config.detector, threshold=config.threshold, device=config.device)
    return GroundedLocalizer(config)


@lru_cache(maxsize=1)
def load_localizer(config: LocalizeConfig) -> Localizer:
    """The configured localizer, loaded once a process."""
    return open_localizer(config)


def union(regions: Sequence[Region]) -> Mask:
    """All pixels of any region."""
    together: Mask = np.logical_or.reduce([region.mask for region in regions])
    return together
