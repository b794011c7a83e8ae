"""Chroma."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..images import Pixels
from .base import Embedding

if TYPE_CHECKING:
    from diffusers.pipelines.pipeline_utils import DiffusionPipeline


@dataclass(frozen=True)
class Chroma:
    """T5 alone, with the masks that say how far its text goes."""

    pipe: DiffusionPipeline
    orders = False
    sees_crop = False

    def __post_init__(self) -> None:
        # diffusers 0.42.1 asks the transformer for a setting that Chroma's does not have
        self.pipe.transformer.register_to_config(guidance_embeds=False)

    def options(self, guidance: float) -> Mapping[str, object]:
        return {"guidance_scale": guidance}

    def embed(self, prompt: str, avoid: str, crop: Pixels | None) -> Embedding:
        wanted, _, mask, unwanted, _, unwanted_mask = self.pipe.encode_prompt(prompt, avoid)
        return {
            "prompt_embeds": wanted,
            "prompt_attention_mask": mask,
            "negative_prompt_embeds": unwanted,
            "negative_prompt_attention_mask": unwanted_mask,
        }
