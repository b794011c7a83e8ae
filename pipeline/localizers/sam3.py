"""SAM3: masks, boxes and scores of every instance of a phrase, from one model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from PIL import Image

from bench.policy import Concept

from ..images import Pixels
from ..weights import model_name, opening, pick_device, place, weights_digest
from .base import Detection, Region, best_first

if TYPE_CHECKING:
    from torch import Tensor


class Sam3:
    """Localizer and detector in one. The picture is encoded once, then one pass a phrase."""

    def __init__(self, path: str, *, threshold: float, device: str) -> None:
        from transformers import Sam3Model, Sam3Processor

        self.name = model_name(path)
        self.digest = weights_digest(path)
        self.threshold = threshold
        self.device = pick_device(device)
        with opening(path):
            self._processor = Sam3Processor.from_pretrained(path)
            model = Sam3Model.from_pretrained(path, use_safetensors=True)
        self._model = place(model, self.device)

    def locate(self, image: Pixels, concepts: Sequence[Concept]) -> list[Region]:
        """All instances of any of `concepts`, best first. Two phrases may find the same thing twice."""
        regions = [
            Region(concept.id, (), mask.cpu().numpy().astype(bool), self.name, float(score))
            for concept, found in self._search(image, concepts)
            for mask, score in zip(found["masks"], found["scores"], strict=True)
            if mask.any()
        ]
        return sorted(regions, key=lambda region: -region.score)

    def detect(self, image: Pixels, concepts: Sequence[Concept]) -> list[Detection]:
        """The boxes of the same instances."""
        return best_first(
            [
                Detection(concept.id, tuple(box.tolist()), float(score))
                for concept, found in self._search(image, concepts)
                for box, score in zip(found["boxes"], found["scores"], strict=True)
            ]
        )

    def _search(
        self, image: Pixels, concepts: Sequence[Concept]
    ) -> Iterator[tuple[Concept, dict[str, Tensor]]]:
        """For every phrase: its concept and the `masks`, `boxes` and `scores` of what was found."""
        import torch

        picture = self._processor(images=Image.fromarray(image), return_tensors="pt").to(self.device)
        with torch.inference_mode():
            seen = self._model.get_vision_features(pixel_values=picture["pixel_values"])
            for concept in concepts:
                for prompt in concept.prompts:
                    words = self._processor(text=prompt.lower(), return_tensors="pt").to(self.device)
                    outputs = self._model(vision_embeds=seen, **words)
                    (found,) = self._processor.post_process_instance_segmentation(
                        outputs, threshold=self.threshold, target_sizes=[image.shape[:2]]
                    )
                    yield concept, found
