"""Qwen-Image-Edit: follows an instruction, here inside a mask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

from ..images import Pixels
from .base import Embedding

if TYPE_CHECKING:
    from diffusers.pipelines.pipeline_utils import DiffusionPipeline


@dataclass(frozen=True)
class QwenImageEdit:
    """The text encoder sees the crop beside the words, so no embedding serves two holes.

    The stock pipeline works at about one megapixel whatever canvas it is given; what it returns is brought
    back to the canvas by whoever asked.
    """

    pipe: DiffusionPipeline
    orders = True
    sees_crop = True

    def options(self, guidance: float) -> Mapping[str, object]:
        return {"true_cfg_scale": guidance}

    def embed(self, prompt: str, avoid: str, crop: Pixels | None) -> Embedding:
        from diffusers.pipelines.qwenimage.pipeline_qwenimage_edit_inpaint import calculate_dimensions

        assert crop is not None, "a family that sees the crop is given one"
        width, height, _ = calculate_dimensions(1024 * 1024, crop.shape[1] / crop.shape[0])
        picture = self.pipe.image_processor.resize(Image.fromarray(crop), height, width)
        wanted, _ = self.pipe.encode_prompt(prompt, image=picture)
        unwanted, _ = self.pipe.encode_prompt(avoid or " ", image=picture)
        return {"prompt_embeds": wanted, "negative_prompt_embeds": unwanted}
