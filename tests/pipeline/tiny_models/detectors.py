"""Tiny random detectors of the real architectures: what finds boxes for phrases."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import (
    GroundingDinoConfig,
    GroundingDinoForObjectDetection,
    GroundingDinoImageProcessor,
    GroundingDinoProcessor,
    MMGroundingDinoConfig,
    MMGroundingDinoForObjectDetection,
    Owlv2Config,
    Owlv2ForObjectDetection,
    Owlv2ImageProcessor,
    Owlv2Processor,
    SwinConfig,
)

from .words import bert_tokenizer, clip_tokenizer


def grounding_dino(folder: Path) -> Path:
    """GroundingDINO with a two-layer text and image side."""
    return _dino(folder, GroundingDinoConfig, GroundingDinoForObjectDetection)


def mm_grounding_dino(folder: Path) -> Path:
    """MM-GroundingDINO: the same body, other heads."""
    return _dino(folder, MMGroundingDinoConfig, MMGroundingDinoForObjectDetection)


def _dino(
    folder: Path,
    config_class: type[GroundingDinoConfig | MMGroundingDinoConfig],
    model_class: type[GroundingDinoForObjectDetection | MMGroundingDinoForObjectDetection],
) -> Path:
    torch.manual_seed(0)
    tokenizer = bert_tokenizer(folder)
    config = config_class(
        backbone_config=SwinConfig(
            image_size=64, window_size=4, embed_dim=16, depths=[1, 1, 1, 1], num_heads=[1, 1, 2, 2],
            out_features=["stage2", "stage3", "stage4"],
        ),
        text_config={
            "model_type": "bert", "vocab_size": len(tokenizer), "hidden_size": 32, "num_hidden_layers": 1,
            "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 128,
        },
        d_model=32, encoder_layers=1, encoder_ffn_dim=32, encoder_attention_heads=2, decoder_layers=2,
        decoder_ffn_dim=32, decoder_attention_heads=2, num_queries=6, max_text_len=64, fusion_droprate=0.0,
    )  # fmt: skip
    processor = GroundingDinoImageProcessor(size={"shortest_edge": 96, "longest_edge": 128})
    model_class(config).save_pretrained(folder)
    GroundingDinoProcessor(processor, tokenizer).save_pretrained(folder)
    return folder


def owlv2(folder: Path) -> Path:
    """OWLv2 with one layer a side."""
    torch.manual_seed(0)
    tokenizer = clip_tokenizer(folder)
    config = Owlv2Config(
        text_config={
            "vocab_size": len(tokenizer), "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1,
            "num_attention_heads": 2, "max_position_embeddings": 77,
            "bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id,
        },
        vision_config={
            "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
            "image_size": 64, "patch_size": 16,
        },
        projection_dim=32,
    )  # fmt: skip
    Owlv2ForObjectDetection(config).save_pretrained(folder)
    Owlv2Processor(Owlv2ImageProcessor(size={"height": 64, "width": 64}), tokenizer).save_pretrained(folder)
    return folder
