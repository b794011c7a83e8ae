"""Stable Diffusion XL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..images import Pixels
from .base import Embedding

if TYPE_CHECKING:
    from diffusers.pipelines.pipeline_utils import DiffusionPipeline


@dataclass(frozen=True)
class StableDiffusionXL:
    """Two CLIP encoders, and the pooled output of the second."""

    pipe: DiffusionPipeline
    orders = False
    sees_crop = False

    def options(self, guidance: float) -> Mapping[str, object]:
        return {"guidance_scale": guidance}

    def embed(self, prompt: str, avoid: str, crop: Pixels | None) -> Embedding:
        # no negative prompt is None, not "": XL is trained with zeros for it
        wanted, unwanted, pooled, unwanted_pooled = self.pipe.encode_prompt(
            prompt, negative_prompt=avoid or None
        )
        return {
            "prompt_embeds": wanted,
            "negative_prompt_embeds": unwanted,
            "pooled_prompt_embeds": pooled,
            "negative_pooled_prompt_embeds": unwanted_pooled,
        }
