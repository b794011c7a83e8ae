"""Chroma."""

from __future__ import annotations

from dataclasses import dataclass

from ..images import Pixels
from .base import Embedding, Encoding


@dataclass(frozen=True)
class Chroma(Encoding):
    """T5 alone, with the masks that say how far its text goes."""

    def __post_init__(self) -> None:
        # diffusers 0.42.1 asks the transformer for a setting that Chroma's does not have
        self.pipe.transformer.register_to_config(guidance_embeds=False)

    def embed(self, prompt: str, avoid: str, crop: Pixels | None) -> Embedding:
        wanted, _, mask, unwanted, _, unwanted_mask = self.pipe.encode_prompt(prompt, avoid)
        return {
            "prompt_embeds": wanted,
            "prompt_attention_mask": mask,
            "negative_prompt_embeds": unwanted,
            "negative_prompt_attention_mask": unwanted_mask,
        }
