"""Florence-2: boxes written as text by its open-vocabulary detection task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from PIL import Image

from bench.policy import Concept

from ..images import Pixels
from ..weights import model_name, opening, pick_device, place
from .base import Box, Detection, best_first

if TYPE_CHECKING:
    from torch import Tensor

TASK = "<OPEN_VOCABULARY_DETECTION>"
MAX_TOKENS = 128  # a box is four tokens and its phrase a few


class Florence2:
    """One answer a phrase, greedily decoded.

    The model gives its boxes no score and rarely says that there is none, so the score is the geometric
    mean of the probabilities of the answer's tokens: how sure it was of what it wrote.
    """

    def __init__(self, path: str, *, threshold: float, device: str) -> None:
        from transformers import AutoModelForImageTextToText, AutoProcessor

        self.name = model_name(path)
        self.threshold = threshold
        self.device = pick_device(device)
        with opening(path):
            self._processor = AutoProcessor.from_pretrained(path)
            model = AutoModelForImageTextToText.from_pretrained(path, use_safetensors=True)
        self._model = cast(Any, place(model, self.device))  # its generation is typed for no model class

    def detect(self, image: Pixels, concepts: Sequence[Concept]) -> list[Detection]:
        """Boxes of any of `concepts` at or above the threshold, best first. A box found by several phrases
        of a concept counts once."""
        return best_first([hit for concept in concepts for hit in self._detect_one(image, concept)])

    def _detect_one(self, image: Pixels, concept: Concept) -> list[Detection]:
        best: dict[Box, float] = {}
        for prompt in concept.prompts:
            boxes, score = self._answer(image, prompt.lower())
            best |= {box: max(score, best.get(box, 0.0)) for box in boxes}
        return [Detection(concept.id, box, score) for box, score in best.items() if score >= self.threshold]

    def _answer(self, image: Pixels, phrase: str) -> tuple[list[Box], float]:
        import torch

        inputs = self._processor(images=Image.fromarray(image), text=TASK + phrase, return_tensors="pt")
        with torch.inference_mode():
            written = self._model.generate(
                **inputs.to(self.device), max_new_tokens=MAX_TOKENS, do_sample=False, num_beams=1,
                return_dict_in_generate=True, output_scores=True,
            )  # fmt: skip
        answer = self._processor.post_process_generation(
            sequence=written.sequences[0], task=TASK, image_size=(image.shape[1], image.shape[0])
        )[TASK]
        return [tuple(box) for box in answer["bboxes"]], self._sureness(written.sequences, written.scores)

    def _sureness(self, sequences: Tensor, scores: tuple[Tensor, ...]) -> float:
        chosen = self._model.compute_transition_scores(sequences, scores, normalize_logits=True)[0]
        return float(chosen[chosen.isfinite()].mean().exp())
