"""Stable Diffusion XL."""

from __future__ import annotations

from ..images import Pixels
from .base import Embedding, Encoding


class StableDiffusionXL(Encoding):
    """Two CLIP encoders, and the pooled output of the second."""

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
