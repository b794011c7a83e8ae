"""Qwen-Image: the text-to-image model through its masked image-to-image pipeline."""

from __future__ import annotations

from collections.abc import Mapping

from ..images import Pixels
from .base import Embedding, Encoding


class QwenImage(Encoding):
    """Qwen2.5-VL reads the text; guidance needs a negative prompt, and a blank is the official one."""

    def options(self, guidance: float) -> Mapping[str, object]:
        return {"true_cfg_scale": guidance}

    def embed(self, prompt: str, avoid: str, crop: Pixels | None) -> Embedding:
        wanted, _ = self.pipe.encode_prompt(prompt)
        unwanted, _ = self.pipe.encode_prompt(avoid or " ")
        return {"prompt_embeds": wanted, "negative_prompt_embeds": unwanted}
