"""Tiny random pipelines around a UNet: Stable Diffusion and SDXL."""

from __future__ import annotations

from pathlib import Path

from diffusers import (
    DDIMScheduler,
    StableDiffusionInpaintPipeline,
    StableDiffusionXLInpaintPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPImageProcessor

from . import parts

SCHEDULE = {"clip_sample": False, "steps_offset": 1, "beta_schedule": "scaled_linear"}
BLOCKS = {
    "block_out_channels": (16, 32), "layers_per_block": 1, "sample_size": 8, "in_channels": 9,
    "out_channels": 4, "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"), "attention_head_dim": 4, "norm_num_groups": 8,
}  # fmt: skip


def stable_diffusion_inpaint(folder: Path) -> Path:
    """StableDiffusionInpaintPipeline with a two-block UNet."""
    parts.seeded()
    unet = UNet2DConditionModel(**BLOCKS, cross_attention_dim=parts.WIDTH)
    vae = parts.autoencoder(4)
    text, words = parts.clip(folder / "spelling")
    StableDiffusionInpaintPipeline(
        vae=vae, text_encoder=text, tokenizer=words, unet=unet, scheduler=DDIMScheduler(**SCHEDULE),
        safety_checker=None, feature_extractor=CLIPImageProcessor(), requires_safety_checker=False,
    ).save_pretrained(folder)  # fmt: skip
    return folder


def stable_diffusion_xl(folder: Path) -> Path:
    """StableDiffusionXLInpaintPipeline, as the checkpoint SDXL inpainting 0.1 stores it."""
    parts.seeded()
    text, words = parts.clip(folder / "spelling")
    text_2, words_2 = parts.projected_clip(folder / "spelling")
    times = 8  # of each of the six sizes and coordinates
    unet = UNet2DConditionModel(
        **BLOCKS, cross_attention_dim=2 * parts.WIDTH, use_linear_projection=True,
        addition_embed_type="text_time", addition_time_embed_dim=times,
        projection_class_embeddings_input_dim=6 * times + parts.WIDTH,
    )  # fmt: skip
    StableDiffusionXLInpaintPipeline(
        vae=parts.autoencoder(4), text_encoder=text, text_encoder_2=text_2, tokenizer=words,
        tokenizer_2=words_2, unet=unet, scheduler=DDIMScheduler(**SCHEDULE), add_watermarker=False,
    ).save_pretrained(folder)  # fmt: skip
    return folder
