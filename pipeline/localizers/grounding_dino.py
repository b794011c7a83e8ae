"""GroundingDINO and MM-GroundingDINO: boxes for a caption of noun phrases."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from bench.policy import Concept

from ..images import Pixels
from ..weights import model_name, opening, pick_device, place
from .base import Detection, best_first


class GroundingDino:
    """One forward pass a concept, since the phrases of one caption see each other."""

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
        """Boxes of any of `concepts` at or above the threshold, best first."""
        return best_first([hit for concept in concepts for hit in self._detect_one(image, concept)])

    def _detect_one(self, image: Pixels, concept: Concept) -> list[Detection]:
        import torch

        caption = ". ".join(prompt.lower() for prompt in concept.prompts) + "."
        inputs = self._processor(images=Image.fromarray(image), text=[caption], return_tensors="pt")
        inputs = inputs.to(self.device)
        with torch.inference_mode():
            outputs = self._model(**inputs)
        (result,) = self._processor.post_process_grounded_object_detection(
            outputs,
            input_ids=inputs["input_ids"],
            threshold=self.threshold,
            text_threshold=self.threshold,
            target_sizes=[image.shape[:2]],
        )
        boxes, scores = result["boxes"].tolist(), result["scores"].tolist()
        return [Detection(concept.id, tuple(box), score) for box, score in zip(boxes, scores, strict=True)]
