"""FLUX.1: Fill (trained to inpaint), and dev and schnell through the masked image-to-image pipeline."""

from __future__ import annotations

from ..images import Pixels
from .base import Embedding, Encoding


class Flux(Encoding):
    """CLIP's pooled output and T5. Guidance is distilled into the model, so nothing can be avoided."""

    def embed(self, prompt: str, avoid: str, crop: Pixels | None) -> Embedding:
        wanted, pooled, _ = self.pipe.encode_prompt(prompt)
        return {"prompt_embeds": wanted, "pooled_prompt_embeds": pooled}
