"""Stable Diffusion 3 and 3.5."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..images import Pixels
from .base import Embedding

if TYPE_CHECKING:
    from diffusers.pipelines.pipeline_utils import DiffusionPipeline


@dataclass(frozen=True)
class StableDiffusion3:
    """Two CLIP encoders and T5, which read the same text."""

    pipe: DiffusionPipeline
    orders = False
    sees_crop = False

    def options(self, guidance: float) -> Mapping[str, object]:
        return {"guidance_scale": guidance}

    def embed(self, prompt: str, avoid: str, crop: Pixels | None) -> Embedding:
        wanted, unwanted, pooled, unwanted_pooled = self.pipe.encode_prompt(
            prompt, prompt_2=None, prompt_3=None, negative_prompt=avoid
        )
        return {
            "prompt_embeds": wanted,
            "negative_prompt_embeds": unwanted,
            "pooled_prompt_embeds": pooled,
            "negative_pooled_prompt_embeds": unwanted_pooled,
        }
