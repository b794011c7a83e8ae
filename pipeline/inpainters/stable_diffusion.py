"""Stable Diffusion 1 and 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..images import Pixels
from .base import Embedding

if TYPE_CHECKING:
    from diffusers.pipelines.pipeline_utils import DiffusionPipeline


@dataclass(frozen=True)
class StableDiffusion:
    """One CLIP encoder; the negative prompt is the unconditional half of the guidance."""

    pipe: DiffusionPipeline
    orders = False
    sees_crop = False

    def options(self, guidance: float) -> Mapping[str, object]:
        return {"guidance_scale": guidance}

    def embed(self, prompt: str, avoid: str, crop: Pixels | None) -> Embedding:
        wanted, unwanted = self.pipe.encode_prompt(
            prompt, self.pipe._execution_device, 1, True, negative_prompt=avoid
        )
        return {"prompt_embeds": wanted, "negative_prompt_embeds": unwanted}
