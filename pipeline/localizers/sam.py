"""SAM, SAM2 and the other box-prompted models of transformers: the mask of the thing in a box."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from ..images import Mask, Pixels
from ..weights import opening, pick_device, place
from .base import Box


class Sam:
    """Whatever `AutoModelForMaskGeneration` loads: SAM, SAM2, SAM-HQ, SAM3's tracker."""

    def __init__(self, path: str, *, device: str) -> None:
        from transformers import AutoModelForMaskGeneration, AutoProcessor

        self.device = pick_device(device)
        with opening(path):
            self._processor = AutoProcessor.from_pretrained(path)
            model = AutoModelForMaskGeneration.from_pretrained(path, use_safetensors=True)
        self._model = place(model, self.device)

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
