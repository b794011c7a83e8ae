"""Tiny checkpoints of the Qwen family: M-RoPE and flat patches in all three."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.tiny.parts import TEXT, TURN, save, tokenizer

MARKS = ["<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]
TEMPLATE = TURN.replace("IMAGE", "<|vision_start|><|image_pad|><|vision_end|>")
# 64 x 64 and 90 x 70 pixels keep their own grids within these bounds.
PIXELS = {"shortest_edge": 56 * 56, "longest_edge": 112 * 112}


def qwen2_5_vl(folder: Path, seed: int = 0) -> Path:
    """Qwen2.5-VL: a window-attention vision tower; 28-pixel image tokens."""
    import torch
    from transformers import (
        Qwen2_5_VLConfig,
        Qwen2_5_VLForConditionalGeneration,
        Qwen2_5_VLProcessor,
        Qwen2VLImageProcessor,
        Qwen2VLVideoProcessor,
    )

    tokens = tokenizer(MARKS)
    config = Qwen2_5_VLConfig(
        text_config={**TEXT, "vocab_size": len(tokens), "rope_parameters": _rope([1, 1, 2])},
        vision_config={
            "depth": 2,
            "hidden_size": 32,
            "intermediate_size": 64,
            "initializer_range": 0.2,
            "num_heads": 2,
            "out_hidden_size": 32,
            "fullatt_block_indexes": [1],
            "window_size": 112,
        },
        **_ids(tokens),
    )
    processor = Qwen2_5_VLProcessor(
        image_processor=Qwen2VLImageProcessor(size=PIXELS),
        tokenizer=tokens,
        video_processor=Qwen2VLVideoProcessor(),
        chat_template=TEMPLATE,
    )
    torch.manual_seed(seed)
    return save(Qwen2_5_VLForConditionalGeneration(config), processor, folder)


def qwen3_vl(folder: Path, seed: int = 0) -> Path:
    """Qwen3-VL: deepstack, features of an inner vision layer are added to the first language layer."""
    import torch
    from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

    tokens = tokenizer(MARKS)
    config = Qwen3VLConfig(
        text_config={
            **TEXT,
            "head_dim": 8,
            "vocab_size": len(tokens),
            "rope_parameters": {**_rope([2, 1, 1]), "mrope_interleaved": True},
        },
        vision_config={**VISION, "deepstack_visual_indexes": [0]},
        **_ids(tokens),
    )
    torch.manual_seed(seed)
    return save(Qwen3VLForConditionalGeneration(config), _processor(tokens), folder)


def qwen3_5(folder: Path, seed: int = 0) -> Path:
    """Qwen3.5: a hybrid, its linear-attention layers keep a recurrent state that cannot be cropped."""
    import torch
    from transformers import Qwen3_5Config, Qwen3_5ForConditionalGeneration

    tokens = tokenizer(MARKS)
    config = Qwen3_5Config(
        text_config={
            **TEXT,
            "num_hidden_layers": 3,
            "layer_types": ["linear_attention", "linear_attention", "full_attention"],
            "head_dim": 16,
            "linear_key_head_dim": 8,
            "linear_value_head_dim": 8,
            "linear_num_key_heads": 2,
            "linear_num_value_heads": 4,
            "vocab_size": len(tokens),
            "rope_parameters": {
                **_rope([2, 1, 1]),
                "mrope_interleaved": True,
                "partial_rotary_factor": 0.5,
            },
        },
        vision_config=VISION,
        **_ids(tokens),
    )
    torch.manual_seed(seed)
    return save(Qwen3_5ForConditionalGeneration(config), _processor(tokens), folder)


VISION: dict[str, Any] = {
    "depth": 2,
    "hidden_size": 32,
    "intermediate_size": 64,
    "initializer_range": 0.2,
    "num_heads": 2,
    "out_hidden_size": 32,
    "num_position_embeddings": 64,
}


def _rope(sections: list[int]) -> dict[str, Any]:
    return {"rope_type": "default", "mrope_section": sections, "rope_theta": 10_000.0}


def _ids(tokens: Any) -> dict[str, int]:
    start, end, image, video = tokens.convert_tokens_to_ids(MARKS)
    return {
        "image_token_id": image,
        "video_token_id": video,
        "vision_start_token_id": start,
        "vision_end_token_id": end,
    }


def _processor(tokens: Any) -> Any:
    from transformers import Qwen2VLImageProcessor, Qwen3VLProcessor, Qwen3VLVideoProcessor

    return Qwen3VLProcessor(
        image_processor=Qwen2VLImageProcessor(size=PIXELS, patch_size=16),
        tokenizer=tokens,
        video_processor=Qwen3VLVideoProcessor(),
        chat_template=TEMPLATE,
    )
