"""FLUX.2 klein."""

from __future__ import annotations

from ..images import Pixels
from .base import Embedding, Encoding


class Flux2Klein(Encoding):
    """Three layers of a Qwen3 language model. It follows instructions, with the crop as its reference.

    The stock pipeline encodes the empty negative prompt for one item only, so a batch has to bring it.
    """

    orders = True

    def embed(self, prompt: str, avoid: str, crop: Pixels | None) -> Embedding:
        wanted, _ = self.pipe.encode_prompt(prompt)
        unwanted, _ = self.pipe.encode_prompt(avoid)
        return {"prompt_embeds": wanted, "negative_prompt_embeds": unwanted}
