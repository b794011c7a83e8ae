"""FLUX.1: Fill (trained to inpaint), and dev and schnell through the masked image-to-image pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..images import Pixels
from .base import Embedding

if TYPE_CHECKING:
    from diffusers.pipelines.pipeline_utils import DiffusionPipeline


@dataclass(frozen=True)
class Flux:
    """CLIP's pooled output and T5. Guidance is distilled into the model, so nothing can be avoided."""

    pipe: DiffusionPipeline
    orders = False
    sees_crop = False

    def options(self, guidance: float) -> Mapping[str, object]:
        return {"guidance_scale": guidance}

    def embed(self, prompt: str, avoid: str, crop: Pixels | None) -> Embedding:
        wanted, pooled, _ = self.pipe.encode_prompt(prompt)
        return {"prompt_embeds": wanted, "pooled_prompt_embeds": pooled}
