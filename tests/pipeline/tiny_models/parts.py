"""Parts that several tiny pipelines share: autoencoder, text encoders, flow scheduler."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import AutoencoderKL, FlowMatchEulerDiscreteScheduler
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizerFast,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
    T5Config,
    T5EncoderModel,
)

from tests.tiny.parts import tokenizer as byte_pairs

from .words import clip_tokenizer

WIDTH = 32  # of every text embedding
CHAT = "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"


def autoencoder(channels: int, **options: bool | float) -> AutoencoderKL:
    """Two blocks, so a latent pixel is 2x2 pixels."""
    return AutoencoderKL(
        block_out_channels=(16, 32), down_block_types=("DownEncoderBlock2D",) * 2, norm_num_groups=8,
        up_block_types=("UpDecoderBlock2D",) * 2, latent_channels=channels, sample_size=64, **options,
    )  # fmt: skip


def flow_scheduler() -> FlowMatchEulerDiscreteScheduler:
    """What all flow-matching pipelines use; the shift grows with the picture."""
    return FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True)


def clip(folder: Path) -> tuple[CLIPTextModel, CLIPTokenizerFast]:
    """CLIP's text side."""
    words = clip_tokenizer(folder)
    return CLIPTextModel(_clip_config(words)), words


def projected_clip(folder: Path) -> tuple[CLIPTextModelWithProjection, CLIPTokenizerFast]:
    """CLIP's text side with its projection."""
    words = clip_tokenizer(folder)
    return CLIPTextModelWithProjection(_clip_config(words)), words


def _clip_config(words: CLIPTokenizerFast) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=len(words), hidden_size=WIDTH, intermediate_size=32, num_hidden_layers=2,
        num_attention_heads=2, max_position_embeddings=77, projection_dim=WIDTH,
        bos_token_id=words.bos_token_id, eos_token_id=words.eos_token_id,
    )  # fmt: skip


def t5(width: int = WIDTH) -> tuple[T5EncoderModel, PreTrainedTokenizerFast]:
    """T5's encoder."""
    words = byte_pairs([])
    config = T5Config(vocab_size=len(words), d_model=width, d_kv=16, d_ff=32, num_layers=1, num_heads=2)
    return T5EncoderModel(config), words


def qwen3(layers: int) -> tuple[Qwen3ForCausalLM, PreTrainedTokenizerFast]:
    """A Qwen3 language model, some layers of which a pipeline reads."""
    words = byte_pairs([])
    words.chat_template = CHAT
    config = Qwen3Config(
        vocab_size=len(words), hidden_size=WIDTH, intermediate_size=32, num_hidden_layers=layers,
        num_attention_heads=2, num_key_value_heads=1, head_dim=16, max_position_embeddings=1024,
    )  # fmt: skip
    return Qwen3ForCausalLM(config), words


def seeded() -> None:
    """The same weights at every build."""
    torch.manual_seed(0)
