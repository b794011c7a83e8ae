"""Z-Image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..images import Pixels
from .base import Embedding

if TYPE_CHECKING:
    from diffusers.pipelines.pipeline_utils import DiffusionPipeline


@dataclass(frozen=True)
class ZImage:
    """A layer of a Qwen3 language model, as a list with one tensor an item since lengths differ."""

    pipe: DiffusionPipeline
    orders = False
    sees_crop = False

    def options(self, guidance: float) -> Mapping[str, object]:
        return {"guidance_scale": guidance}

    def embed(self, prompt: str, avoid: str, crop: Pixels | None) -> Embedding:
        wanted, unwanted = self.pipe.encode_prompt(prompt, negative_prompt=avoid)
        return {"prompt_embeds": wanted, "negative_prompt_embeds": unwanted}
