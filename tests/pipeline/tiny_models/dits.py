"""Tiny random pipelines around a transformer with CLIP and T5: SD3, FLUX.1 and Chroma."""

from __future__ import annotations

from pathlib import Path

from diffusers import (
    ChromaPipeline,
    ChromaTransformer2DModel,
    FluxFillPipeline,
    FluxKontextPipeline,
    FluxTransformer2DModel,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
)

from . import parts

FLUX = {
    "num_layers": 1, "num_single_layers": 1, "attention_head_dim": 16, "num_attention_heads": 2,
    "joint_attention_dim": parts.WIDTH, "axes_dims_rope": (4, 4, 8),
}  # fmt: skip
LATENT = {"shift_factor": 0.1, "scaling_factor": 0.4, "use_quant_conv": False, "use_post_quant_conv": False}


def stable_diffusion_3(folder: Path) -> Path:
    """A text-to-image SD3, as its checkpoints store it; it is loaded as its inpainting sister."""
    parts.seeded()
    text, words = parts.projected_clip(folder / "spelling")
    text_2, words_2 = parts.projected_clip(folder / "spelling")
    text_3, words_3 = parts.t5(2 * parts.WIDTH)  # CLIP's two side by side are as wide
    transformer = SD3Transformer2DModel(
        sample_size=32, patch_size=2, in_channels=16, out_channels=16, num_layers=1, attention_head_dim=16,
        num_attention_heads=2, joint_attention_dim=2 * parts.WIDTH, caption_projection_dim=32,
        pooled_projection_dim=2 * parts.WIDTH,
    )  # fmt: skip
    StableDiffusion3Pipeline(
        transformer=transformer, scheduler=parts.flow_scheduler(), vae=parts.autoencoder(16, **LATENT),
        text_encoder=text, tokenizer=words, text_encoder_2=text_2, tokenizer_2=words_2,
        text_encoder_3=text_3, tokenizer_3=words_3,
    ).save_pretrained(folder)  # fmt: skip
    return folder


def flux_fill(folder: Path) -> Path:
    """FLUX.1 Fill: packed latents of the picture, of the masked picture and of the mask side by side."""
    latents, mask = 4 * 4, 2 * 2 * 2 * 2  # 2x2 latent pixels a token; the mask at full resolution
    return _flux(folder, FluxFillPipeline, in_channels=2 * latents + mask, out_channels=latents)


def flux_kontext(folder: Path) -> Path:
    """FLUX.1 Kontext, stored without a mask; it is loaded as its inpainting sister."""
    return _flux(folder, FluxKontextPipeline, in_channels=4 * 4, out_channels=4 * 4)


def _flux(folder: Path, pipeline: type[FluxFillPipeline | FluxKontextPipeline], **channels: int) -> Path:
    parts.seeded()
    text, words = parts.clip(folder / "spelling")
    text_2, words_2 = parts.t5()
    transformer = FluxTransformer2DModel(
        **FLUX, **channels, pooled_projection_dim=parts.WIDTH, guidance_embeds=True
    )
    pipeline(
        scheduler=parts.flow_scheduler(), vae=parts.autoencoder(4, **LATENT), transformer=transformer,
        text_encoder=text, tokenizer=words, text_encoder_2=text_2, tokenizer_2=words_2,
    ).save_pretrained(folder)  # fmt: skip
    return folder


def chroma(folder: Path) -> Path:
    """Chroma, stored without a mask; it is loaded as its inpainting sister."""
    parts.seeded()
    text, words = parts.t5()
    transformer = ChromaTransformer2DModel(
        **FLUX, in_channels=4 * 4, approximator_num_channels=16, approximator_hidden_dim=32,
        approximator_layers=1,
    )  # fmt: skip
    ChromaPipeline(
        scheduler=parts.flow_scheduler(), vae=parts.autoencoder(4, **LATENT), transformer=transformer,
        text_encoder=text, tokenizer=words,
    ).save_pretrained(folder)  # fmt: skip
    return folder
