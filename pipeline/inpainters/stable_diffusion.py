"""Stable Diffusion 1 and 2."""

from __future__ import annotations

from ..images import Pixels
from .base import Embedding, Encoding


class StableDiffusion(Encoding):
    """One CLIP encoder; the negative prompt is the unconditional half of the guidance."""

    def embed(self, prompt: str, avoid: str, crop: Pixels | None) -> Embedding:
        wanted, unwanted = self.pipe.encode_prompt(
            prompt, self.pipe._execution_device, 1, True, negative_prompt=avoid
        )
        return {"prompt_embeds": wanted, "negative_prompt_embeds": unwanted}
