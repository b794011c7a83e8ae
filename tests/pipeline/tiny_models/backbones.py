"""Tiny random vision backbones of the real architectures, with 4 x 4 patches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from transformers import (
    AutoModel,
    CLIPConfig,
    CLIPImageProcessor,
    Dinov2Config,
    PretrainedConfig,
    ResNetConfig,
    ViTConfig,
    ViTImageProcessor,
)

Build = Callable[[Path], Path]
SMALL = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
SIDE = 56


def dinov2(folder: Path) -> Path:
    """DINOv2 at 56 pixels."""
    return _save(Dinov2Config(**SMALL, image_size=SIDE, patch_size=14), folder)


def vit(folder: Path) -> Path:
    """ViT at 64 pixels."""
    return _save(ViTConfig(**SMALL, image_size=64, patch_size=16), folder)


def clip(folder: Path) -> Path:
    """Both halves of CLIP, its vision at 64 pixels."""
    vision = {**SMALL, "image_size": 64, "patch_size": 16}
    text = {**SMALL, "vocab_size": 100, "max_position_embeddings": 16}
    return _save(CLIPConfig(vision_config=vision, text_config=text, projection_dim=16), folder)


def resnet(folder: Path) -> Path:
    """A network without patches."""
    config = ResNetConfig(embedding_size=8, hidden_sizes=[8, 8], depths=[1, 1])
    return _save(config, folder)


def _save(config: PretrainedConfig, folder: Path) -> Path:
    torch.manual_seed(0)
    AutoModel.from_config(config).save_pretrained(folder)
    if config.model_type == "clip":
        CLIPImageProcessor(size={"shortest_edge": 64}, crop_size=64).save_pretrained(folder)
    else:
        ViTImageProcessor(size={"height": SIDE, "width": SIDE}).save_pretrained(folder)
    return folder
