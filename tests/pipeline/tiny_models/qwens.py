"""Tiny random pipelines that read their text with a Qwen model: FLUX.2 klein, Qwen-Image, Z-Image."""

from __future__ import annotations

from pathlib import Path

from diffusers import (
    AutoencoderKLFlux2,
    AutoencoderKLQwenImage,
    Flux2KleinPipeline,
    Flux2Transformer2DModel,
    QwenImageEditPipeline,
    QwenImagePipeline,
    QwenImageTransformer2DModel,
    ZImagePipeline,
    ZImageTransformer2DModel,
)
from transformers import (
    AutoTokenizer,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2VLImageProcessor,
    Qwen2VLProcessor,
    Qwen2VLVideoProcessor,
)

from tests import tiny

from . import parts

READ_LAYERS = 27  # the last layer that FLUX.2 klein reads


def flux2_klein(folder: Path) -> Path:
    """FLUX.2 klein, stored without a mask; it is loaded as its inpainting sister."""
    parts.seeded()
    text, words = parts.qwen3(READ_LAYERS)
    vae = AutoencoderKLFlux2(
        block_out_channels=(16, 32), down_block_types=("DownEncoderBlock2D",) * 2, norm_num_groups=8,
        up_block_types=("UpDecoderBlock2D",) * 2, latent_channels=4, layers_per_block=1, sample_size=64,
    )  # fmt: skip
    transformer = Flux2Transformer2DModel(
        in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2,
        joint_attention_dim=3 * parts.WIDTH, timestep_guidance_channels=16, axes_dims_rope=(4, 4, 4, 4),
        guidance_embeds=False,
    )  # fmt: skip
    Flux2KleinPipeline(
        scheduler=parts.flow_scheduler(), vae=vae, text_encoder=text, tokenizer=words, transformer=transformer
    ).save_pretrained(folder)
    return folder


def qwen_image(folder: Path) -> Path:
    """Qwen-Image, stored without a mask; it is loaded as its inpainting sister."""
    text, processor = _qwen_vl(folder)
    QwenImagePipeline(
        scheduler=parts.flow_scheduler(), vae=_video_autoencoder(halvings=2), text_encoder=text,
        tokenizer=processor.tokenizer, transformer=_qwen_transformer(),
    ).save_pretrained(folder)  # fmt: skip
    return folder


def qwen_image_edit(folder: Path) -> Path:
    """Qwen-Image-Edit, stored without a mask; a latent pixel is 32x32 pixels, since it works at 1024."""
    text, processor = _qwen_vl(folder)
    QwenImageEditPipeline(
        scheduler=parts.flow_scheduler(), vae=_video_autoencoder(halvings=5), text_encoder=text,
        tokenizer=processor.tokenizer, processor=processor, transformer=_qwen_transformer(),
    ).save_pretrained(folder)  # fmt: skip
    return folder


def z_image(folder: Path) -> Path:
    """Z-Image, stored without a mask; it is loaded as its inpainting sister."""
    parts.seeded()
    text, words = parts.qwen3(2)
    transformer = ZImageTransformer2DModel(
        in_channels=4, dim=32, n_layers=1, n_refiner_layers=1, n_heads=2, n_kv_heads=2,
        cap_feat_dim=parts.WIDTH, axes_dims=[4, 4, 8], axes_lens=[256, 64, 64],
    )  # fmt: skip
    ZImagePipeline(
        scheduler=parts.flow_scheduler(), vae=parts.autoencoder(4, shift_factor=0.1, scaling_factor=0.4),
        text_encoder=text, tokenizer=words, transformer=transformer,
    ).save_pretrained(folder)  # fmt: skip
    return folder


def _qwen_vl(folder: Path) -> tuple[Qwen2_5_VLForConditionalGeneration, Qwen2VLProcessor]:
    built = tiny.qwen2_5_vl(folder / "qwen2.5-vl")
    parts.seeded()
    processor = Qwen2VLProcessor(
        image_processor=Qwen2VLImageProcessor.from_pretrained(built),
        tokenizer=AutoTokenizer.from_pretrained(built), video_processor=Qwen2VLVideoProcessor(),
    )  # fmt: skip
    return Qwen2_5_VLForConditionalGeneration.from_pretrained(built), processor


def _video_autoencoder(halvings: int) -> AutoencoderKLQwenImage:
    """As few convolutions as its class allows, since Qwen-Image-Edit sends a megapixel through."""
    return AutoencoderKLQwenImage(
        base_dim=4, z_dim=4, dim_mult=[1] * (halvings + 1), num_res_blocks=0,
        temperal_downsample=[False] * halvings, latents_mean=[0.0] * 4, latents_std=[1.0] * 4,
    )  # fmt: skip


def _qwen_transformer() -> QwenImageTransformer2DModel:
    return QwenImageTransformer2DModel(
        in_channels=16, out_channels=4, num_layers=1, attention_head_dim=16, num_attention_heads=2,
        joint_attention_dim=parts.WIDTH, axes_dims_rope=(4, 4, 8),
    )  # fmt: skip
