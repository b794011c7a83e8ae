"""FLUX.2 klein."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..images import Pixels
from .base import Embedding

if TYPE_CHECKING:
    from diffusers.pipelines.pipeline_utils import DiffusionPipeline


@dataclass(frozen=True)
class Flux2Klein:
    """Three layers of a Qwen3 language model. It follows instructions, with the crop as its reference.

    The stock pipeline encodes the empty negative prompt for one item only, so a batch has to bring it.
    """

    pipe: DiffusionPipeline
    orders = True
    sees_crop = False

    def options(self, guidance: float) -> Mapping[str, object]:
        return {"guidance_scale": guidance}

    def embed(self, prompt: str, avoid: str, crop: Pixels | None) -> Embedding:
        wanted, _ = self.pipe.encode_prompt(prompt)
        unwanted, _ = self.pipe.encode_prompt(avoid)
        return {"prompt_embeds": wanted, "negative_prompt_embeds": unwanted}
