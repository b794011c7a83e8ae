"""Pipelines without an adapter of their own, our embedded one among them: the words go in as they are."""

from __future__ import annotations

from collections.abc import Mapping

from ..images import Pixels
from .base import Embedding


class Prompted:
    """Any pipeline with `prompt`, `image` and `mask_image`."""

    orders = False
    sees_crop = False

    def options(self, guidance: float) -> Mapping[str, object]:
        return {"guidance_scale": guidance}

    def embed(self, prompt: str, avoid: str, crop: Pixels | None) -> Embedding:
        return {"prompt": [prompt], "negative_prompt": [avoid]}
