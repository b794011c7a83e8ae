"""Find the violating regions: one protocol, a detector and a segmenter from transformers behind it.

Truth masks (scenes, or a folder's own) need no localizer; the localize stage reads them directly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import numpy as np
from PIL import Image

from bench.policy import Concept

from .config import LocalizeConfig
from .images import Mask, Pixels
from .weights import opening, pick_device, weights_digest

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
    from transformers.utils.generic import ModelOutput

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


class Detector:
    """GroundingDINO, MM-GroundingDINO, OWLv2 or OWL-ViT: transformers' zero-shot detection classes."""

    def __init__(self, path: str, *, threshold: float, device: str) -> None:
        from transformers import AutoModelForZeroShotObjectDetection, AutoProcessor

        self.name = path.rstrip("/").rsplit("/", 1)[-1]
        self.threshold = threshold
        self.device = pick_device(device)
        with opening(path):
            self._processor = AutoProcessor.from_pretrained(path)
            model = AutoModelForZeroShotObjectDetection.from_pretrained(path, use_safetensors=True)
        self._model: PreTrainedModel = model.to(self.device).eval()
        self._grounded = "GroundingDino" in type(self._model).__name__

    def detect(self, image: Pixels, concepts: Sequence[Concept]) -> list[Detection]:
        """Boxes of any concept at or above the threshold, best first. One forward pass a concept."""
        found = [hit for concept in concepts for hit in self._detect_one(image, concept)]
        return sorted(found, key=lambda hit: -hit.score)

    def _detect_one(self, image: Pixels, concept: Concept) -> list[Detection]:
        import torch

        prompts = [[prompt.lower() for prompt in concept.prompts]]
        text = [". ".join(prompts[0]) + "."] if self._grounded else prompts
        inputs = self._processor(images=Image.fromarray(image), text=text, return_tensors="pt").to(
            self.device
        )
        with torch.inference_mode():
            outputs = self._model(**inputs)
        result = self._read(outputs, inputs["input_ids"], (image.shape[0], image.shape[1]))
        boxes, scores = result["boxes"].tolist(), result["scores"].tolist()
        return [Detection(concept.id, tuple(box), score) for box, score in zip(boxes, scores, strict=True)]

    def _read(
        self, outputs: ModelOutput, input_ids: torch.Tensor, size: tuple[int, int]
    ) -> dict[str, torch.Tensor]:
        options: dict[str, object] = {"threshold": self.threshold, "target_sizes": [size]}
        if self._grounded:
            options |= {"input_ids": input_ids, "text_threshold": self.threshold}
        results = self._processor.post_process_grounded_object_detection(outputs, **options)
        return dict(results[0])


class Segmenter:
    """SAM or SAM2: the mask of the thing in a box."""

    def __init__(self, path: str, *, device: str) -> None:
        from transformers import AutoModelForMaskGeneration, AutoProcessor

        self.device = pick_device(device)
        with opening(path):
            self._processor = AutoProcessor.from_pretrained(path)
            model = AutoModelForMaskGeneration.from_pretrained(path, use_safetensors=True)
        self._model: PreTrainedModel = model.to(self.device).eval()

    def segment(self, image: Pixels, boxes: Sequence[Box]) -> list[Mask]:
        """One mask a box, the best of the model's proposals, as large as the image."""
        import torch

        inputs = self._processor(
            images=Image.fromarray(image), input_boxes=[[list(box) for box in boxes]], return_tensors="pt"
        ).to(self.device)
        with torch.inference_mode():
            outputs = self._model(**inputs, multimask_output=True)
        sizes = [inputs["original_sizes"]]
        if "reshaped_input_sizes" in inputs:  # SAM undoes its padding with it; SAM2 does not pad
            sizes.append(inputs["reshaped_input_sizes"])
        masks = self._processor.post_process_masks(outputs.pred_masks, *sizes)[0]  # boxes x proposals x H x W
        best = outputs.iou_scores[0].argmax(dim=-1)
        return [masks[i, best[i]].cpu().numpy().astype(bool) for i in range(len(boxes))]


class GroundedLocalizer:
    """A detector's boxes, turned into masks by a segmenter."""

    def __init__(self, config: LocalizeConfig) -> None:
        self._detector = Detector(config.detector, threshold=config.threshold, device=config.device)
        self._segmenter = Segmenter(config.segmenter, device=config.device)
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


@lru_cache(maxsize=1)
def load_localizer(config: LocalizeConfig) -> Localizer:
    """The configured localizer, loaded once a process."""
    return GroundedLocalizer(config)


def union(regions: Sequence[Region]) -> Mask:
    """All pixels of any region."""
    together: Mask = np.logical_or.reduce([region.mask for region in regions])
    return together
