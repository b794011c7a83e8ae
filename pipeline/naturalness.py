"""Whether what was filled in looks like its surroundings, by the picture alone: no original, no reference.

Two scorers: `Grain`, which asks no model and is the default, and `Features`, which compares patch features
of any vision backbone inside the fill with those around it, as ReMOVE does (arXiv 2409.00707).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.region_check import bounding_box

from .images import Mask, Pixels
from .region import around
from .weights import ModelError, model_name, model_type, opening, pick_device, place

GRAIN = "grain"
FLOOR = 0.25  # levels, added to both residuals, so that two noiseless areas are alike
TWO_TOWERS = {"clip", "siglip", "siglip2"}  # their `AutoModel` has the vision half as a part
Vectors = NDArray[np.float32]


class Naturalness(Protocol):
    """Scores a fill. `name` goes into the edits table."""

    name: str

    def score(self, pixels: Pixels, allowed: Mask) -> float | None:
        """In [-1, 1], 1 = like its surroundings; None where there is nothing to compare with."""


@lru_cache(maxsize=2)
def open_naturalness(model: str, device: str) -> Naturalness:
    """`grain`, or the vision backbone in a local folder or at a hub id."""
    return Grain() if model == GRAIN else Features(model, device=device)


class Grain:
    """The fine grain of the fill against that of its surroundings: a repainted area is often too smooth."""

    name = GRAIN

    def score(self, pixels: Pixels, allowed: Mask) -> float | None:
        """min(f, s) / max(f, s), in (0, 1], where f and s are FLOOR + the median of |grey - its 3x3 mean|
        over the fill and over its surroundings, which reach as far as the square root of its area."""
        from scipy.ndimage import uniform_filter

        if not allowed.any():
            return None
        near = around(allowed, round(float(np.count_nonzero(allowed)) ** 0.5))
        grey, fill = pixels[near].astype(np.float32).mean(axis=2), allowed[near]
        if fill.all():
            return None
        residual = np.abs(grey - uniform_filter(grey, 3, mode="nearest"))
        inside, outside = (FLOOR + float(np.median(residual[where])) for where in (fill, ~fill))
        return min(inside, outside) / max(inside, outside)


class Features:
    """Patch features of a vision transformer (DINOv2, ViT, CLIP, SigLIP, ...)."""

    def __init__(self, path: str, *, device: str) -> None:
        from transformers import AutoImageProcessor, AutoModel

        self.name = model_name(path)
        self.device = pick_device(device)
        with opening(path):
            self._processor = AutoImageProcessor.from_pretrained(path)
            model = AutoModel.from_pretrained(path, use_safetensors=True)
        self._model = place(model.vision_model if model_type(path) in TWO_TOWERS else model, self.device)
        sizes = self._model.config.to_dict()
        if not {"image_size", "patch_size"} <= set(sizes):
            raise self._without_patches()
        self._side, self._patch = int(sizes["image_size"]), int(sizes["patch_size"])

    def score(self, pixels: Pixels, allowed: Mask) -> float | None:
        """The cosine of the mean features of patches that the fill covers by half and of untouched patches,
        in a square window of twice the fill's longer side: ReMOVE's measure on a crop."""
        if not allowed.any():
            return None
        near = window(allowed)
        features = self._patches(pixels[near])
        share = np.asarray(
            Image.fromarray(allowed[near].astype(np.float32)).resize(
                (features.shape[1], features.shape[0]), Image.Resampling.BOX
            )
        )
        inside, outside = share >= min(0.5, float(share.max())), share == 0
        if not outside.any():
            return None
        return cosine(features[inside].mean(axis=0), features[outside].mean(axis=0))

    def _patches(self, pixels: Pixels) -> Vectors:
        """Features of a crop's patches, rows x columns x width."""
        import torch

        square, count = {"height": self._side, "width": self._side}, self._side // self._patch
        inputs = self._processor(
            Image.fromarray(pixels), size=square, do_center_crop=False, return_tensors="pt"
        )
        with torch.inference_mode():
            hidden = self._model(pixel_values=inputs["pixel_values"].to(self.device)).last_hidden_state
        if hidden.ndim != 3 or hidden.shape[1] < count * count:
            raise self._without_patches()
        tokens = hidden[0, -count * count :].float().cpu().numpy()  # class and register tokens come first
        patches: Vectors = tokens.reshape(count, count, -1)
        return patches

    def _without_patches(self) -> ModelError:
        return ModelError(f"{self.name!r} gives no feature a patch; name a vision transformer or 'grain'")


def window(allowed: Mask) -> tuple[slice, slice]:
    """Rows and columns of a square twice as wide as the region's longer side, shifted to fit the picture."""
    x0, y0, x1, y1 = bounding_box(allowed)
    side = 2 * max(x1 - x0, y1 - y0)
    spans = []
    for middle, size in (((y0 + y1) // 2, allowed.shape[0]), ((x0 + x1) // 2, allowed.shape[1])):
        length = min(side, size)
        start = min(max(middle - length // 2, 0), size - length)
        spans.append(slice(start, start + length))
    return spans[0], spans[1]


def cosine(a: Vectors, b: Vectors) -> float:
    """Cosine of the angle between two vectors."""
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b) + 1e-12))
