"""OWLv2 and OWL-ViT: every box of the picture scored against every phrase on its own."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from bench.policy import Concept

from ..images import Pixels
from ..weights import model_name, opening, pick_device, place
from .base import Detection, best_first


class Owl:
    """One forward pass for all concepts: phrases do not see each other, so the picture is read once."""

    def __init__(self, path: str, *, threshold: float, device: str) -> None:
        from transformers import AutoModelForZeroShotObjectDetection, AutoProcessor

        self.name = model_name(path)
        self.threshold = threshold
        self.device = pick_device(device)
        with opening(path):
            self._processor = AutoProcessor.from_pretrained(path)
            model = AutoModelForZeroShotObjectDetection.from_pretrained(path, use_safetensors=True)
        self._model = place(model, self.device)

    def detect(self, image: Pixels, concepts: Sequence[Concept]) -> list[Detection]:
        """Boxes of any of `concepts` above the threshold, best first. A box may show several concepts."""
        import torch

        if not concepts:
            return []
        phrases = [[prompt.lower() for concept in concepts for prompt in concept.prompts]]
        inputs = self._processor(images=Image.fromarray(image), text=phrases, return_tensors="pt")
        with torch.inference_mode():
            outputs = self._model(**inputs.to(self.device))
        logits, found, start = outputs.logits, [], 0  # picture x boxes x phrases
        for concept in concepts:
            end = start + len(concept.prompts)
            outputs.logits = logits[..., start:end]
            (result,) = self._processor.post_process_grounded_object_detection(
                outputs, threshold=self.threshold, target_sizes=[image.shape[:2]]
            )
            boxes, scores = result["boxes"].tolist(), result["scores"].tolist()
            found += [Detection(concept.id, tuple(b), score) for b, score in zip(boxes, scores, strict=True)]
            start = end
        return best_first(found)
