"""Stable Diffusion 3 and 3.5."""

from __future__ import annotations

from ..images import Pixels
from .base import Embedding, Encoding


class StableDiffusion3(Encoding):
    """Two CLIP encoders and T5, which read the same text."""

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
