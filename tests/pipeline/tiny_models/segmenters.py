"""Tiny random segmenters of the real architectures: masks for boxes, or for phrases."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import (
    CLIPSegConfig,
    CLIPSegForImageSegmentation,
    CLIPSegProcessor,
    Sam2Config,
    Sam2HieraDetConfig,
    Sam2ImageProcessor,
    Sam2Model,
    Sam2Processor,
    Sam2VisionConfig,
    Sam3Config,
    Sam3ImageProcessor,
    Sam3Model,
    Sam3Processor,
    SamConfig,
    SamImageProcessor,
    SamModel,
    SamProcessor,
    ViTImageProcessor,
)

from .words import clip_tokenizer

PROMPTS = {"hidden_size": 32, "image_size": 64, "patch_size": 16, "mask_input_channels": 4}
MASKS = {
    "hidden_size": 32, "mlp_dim": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
    "iou_head_hidden_dim": 32,
}  # fmt: skip


def sam(folder: Path) -> Path:
    """SAM at 64 pixels."""
    torch.manual_seed(0)
    vision = {
        "hidden_size": 32, "output_channels": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
        "image_size": 64, "patch_size": 16, "window_size": 2, "global_attn_indexes": [0], "mlp_dim": 32,
        "num_pos_feats": 16,
    }  # fmt: skip
    config = SamConfig(vision_config=vision, prompt_encoder_config=PROMPTS, mask_decoder_config=MASKS)
    SamModel(config).save_pretrained(folder)
    processor = SamImageProcessor(
        size={"longest_edge": 64}, pad_size={"height": 64, "width": 64},
        mask_size={"longest_edge": 16}, mask_pad_size={"height": 16, "width": 16},
    )  # fmt: skip
    SamProcessor(processor).save_pretrained(folder)
    return folder


def sam2(folder: Path) -> Path:
    """SAM2 at 64 pixels."""
    torch.manual_seed(0)
    backbone = Sam2HieraDetConfig(
        hidden_size=16, num_attention_heads=1, blocks_per_stage=[1, 1, 2, 1], image_size=[64, 64],
        embed_dim_per_stage=[16, 32, 64, 128], num_attention_heads_per_stage=[1, 2, 4, 8],
        window_size_per_stage=[8, 4, 4, 4], global_attention_blocks=[3],
        window_positional_embedding_background_size=[4, 4],
    )  # fmt: skip
    vision = Sam2VisionConfig(
        backbone_config=backbone, backbone_channel_list=[128, 64, 32, 16], fpn_hidden_size=32,
        backbone_feature_sizes=[[16, 16], [8, 8], [4, 4]],
    )  # fmt: skip
    config = Sam2Config(vision_config=vision, prompt_encoder_config=PROMPTS, mask_decoder_config=MASKS)
    Sam2Model(config).save_pretrained(folder)
    processor = Sam2ImageProcessor(size={"height": 64, "width": 64}, mask_size={"height": 16, "width": 16})
    Sam2Processor(processor).save_pretrained(folder)
    return folder


def sam3(folder: Path) -> Path:
    """SAM3 at 56 pixels, with six queries."""
    torch.manual_seed(0)
    tokenizer = clip_tokenizer(folder, longest=32)
    small = {"hidden_size": 32, "num_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    config = Sam3Config(
        vision_config={
            "backbone_config": {
                "model_type": "sam3_vit_model", "hidden_size": 32, "intermediate_size": 32,
                "num_hidden_layers": 1, "num_attention_heads": 2, "image_size": 56, "patch_size": 14,
                "window_size": 2, "global_attn_indexes": [0], "pretrain_image_size": 28,
            },
            "fpn_hidden_size": 32, "backbone_feature_sizes": [[16, 16], [8, 8], [4, 4]],
        },
        text_config={
            "model_type": "clip_text_model", "vocab_size": len(tokenizer), "hidden_size": 32,
            "intermediate_size": 32, "projection_dim": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
            "max_position_embeddings": 32, "bos_token_id": tokenizer.bos_token_id,
            "eos_token_id": tokenizer.eos_token_id,
        },
        geometry_encoder_config=small, detr_encoder_config=small,
        detr_decoder_config=small | {"num_queries": 6},
        mask_decoder_config={"hidden_size": 32, "num_attention_heads": 2},
    )  # fmt: skip
    Sam3Model(config).save_pretrained(folder)
    Sam3Processor(Sam3ImageProcessor(size={"height": 56, "width": 56}), tokenizer).save_pretrained(folder)
    return folder


def clipseg(folder: Path) -> Path:
    """CLIPSeg at 64 pixels."""
    torch.manual_seed(0)
    tokenizer = clip_tokenizer(folder)
    side = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = CLIPSegConfig(
        text_config=side | {
            "vocab_size": len(tokenizer), "max_position_embeddings": 77,
            "bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id,
        },
        vision_config=side | {"image_size": 64, "patch_size": 16},
        projection_dim=32, reduce_dim=16, extract_layers=[0, 1], decoder_num_attention_heads=2,
        decoder_intermediate_size=32,
    )  # fmt: skip
    CLIPSegForImageSegmentation(config).save_pretrained(folder)
    CLIPSegProcessor(ViTImageProcessor(size={"height": 64, "width": 64}), tokenizer).save_pretrained(folder)
    return folder
