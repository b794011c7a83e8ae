"""CLIPSeg: a coarse map of where a phrase is, for when speed or memory rule a detector and SAM out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PIL import Image

from bench.policy import Concept

from ..images import Pixels
from ..weights import model_name, opening, pick_device, place, weights_digest
from .base import Region

if TYPE_CHECKING:
    from torch import Tensor


class ClipSeg:
    """One region a concept: all pixels at or above the threshold for any of its phrases.

    It sees the picture at 352 pixels a side, so a region's border is a few pixels wide, and several things
    of a concept are one region.
    """

    def __init__(self, path: str, *, threshold: float, device: str) -> None:
        from transformers import AutoProcessor, CLIPSegForImageSegmentation

        self.name = model_name(path)
        self.digest = weights_digest(path)
        self.threshold = threshold
        self.device = pick_device(device)
        with opening(path):
            self._processor = AutoProcessor.from_pretrained(path)
            model = CLIPSegForImageSegmentation.from_pretrained(path, use_safetensors=True)
        self._model = place(model, self.device)

    def locate(self, image: Pixels, concepts: Sequence[Concept]) -> list[Region]:
        """At most one region a concept, best first. The score is the highest probability in it."""
        regions = []
        for concept in concepts:
            likely = self._likely(image, concept)
            mask = (likely >= self.threshold).cpu().numpy()
            if mask.any():
                regions.append(Region(concept.id, (), mask, self.name, float(likely.max())))
        return sorted(regions, key=lambda region: -region.score)

    def _likely(self, image: Pixels, concept: Concept) -> Tensor:
        """Probability, HxW in [0, 1], that a pixel shows the concept: the highest of its phrases."""
        import torch
        from torch.nn.functional import interpolate

        phrases = [prompt.lower() for prompt in concept.prompts]
        inputs = self._processor(
            images=[Image.fromarray(image)] * len(phrases), text=phrases, padding=True, return_tensors="pt"
        )
        with torch.inference_mode():
            logits = self._model(**inputs.to(self.device)).logits.float()
        maps = logits.reshape(len(phrases), 1, *logits.shape[-2:])  # a single phrase comes without its axis
        wide = interpolate(maps, size=image.shape[:2], mode="bilinear", align_corners=False)
        return wide.sigmoid().amax(dim=(0, 1))
