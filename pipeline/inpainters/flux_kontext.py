"""FLUX.1 Kontext: follows an instruction, here inside a mask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..images import Pixels
from .base import Embedding

if TYPE_CHECKING:
    from diffusers.pipelines.pipeline_utils import DiffusionPipeline


@dataclass(frozen=True)
class FluxKontext:
    """As FLUX.1, but it is told what to do. Left to itself it changes the canvas to one of its own."""

    pipe: DiffusionPipeline
    orders = True
    sees_crop = False

    def options(self, guidance: float) -> Mapping[str, object]:
        return {"guidance_scale": guidance, "_auto_resize": False}

    def embed(self, prompt: str, avoid: str, crop: Pixels | None) -> Embedding:
        wanted, pooled, _ = self.pipe.encode_prompt(prompt)
        return {"prompt_embeds": wanted, "pooled_prompt_embeds": pooled}
