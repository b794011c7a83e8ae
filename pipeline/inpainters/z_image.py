"""Z-Image."""

from __future__ import annotations

from ..images import Pixels
from .base import Embedding, Encoding


class ZImage(Encoding):
    """A layer of a Qwen3 language model, as a list with one tensor an item since lengths differ."""

    def embed(self, prompt: str, avoid: str, crop: Pixels | None) -> Embedding:
        wanted, unwanted = self.pipe.encode_prompt(prompt, negative_prompt=avoid)
        return {"prompt_embeds": wanted, "negative_prompt_embeds": unwanted}
