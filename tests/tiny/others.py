"""Tiny checkpoints with one-dimensional positions: SmolVLM (Idefics3), LLaVA, Gemma 3, PaliGemma."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.tiny.parts import TEXT, TURN, save, tokenizer

SIGLIP: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "initializer_range": 0.2,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
}


def smolvlm(folder: Path, seed: int = 0) -> Path:
    """SmolVLM (Idefics3): SigLIP tower, pixel shuffle, an image cut into tiles."""
    import torch
    from transformers import (
        SmolVLMConfig,
        SmolVLMForConditionalGeneration,
        SmolVLMImageProcessor,
        SmolVLMProcessor,
        SmolVLMVideoProcessor,
    )

    tiles = [f"<row_{row}_col_{column}>" for row in range(1, 5) for column in range(1, 5)]
    tokens = tokenizer(["<image>", "<fake_token_around_image>", "<global-img>", *tiles])
    config = SmolVLMConfig(
        text_config={**TEXT, "model_type": "llama", "vocab_size": len(tokens), "pad_token_id": 0},
        vision_config={
            "hidden_size": 32,
            "intermediate_size": 64,
            "initializer_range": 0.2,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "image_size": 64,
            "patch_size": 16,
        },
        scale_factor=2,
        image_token_id=tokens.convert_tokens_to_ids("<image>"),
        pad_token_id=0,
    )
    processor = SmolVLMProcessor(
        image_processor=SmolVLMImageProcessor(
            size={"longest_edge": 128}, max_image_size={"longest_edge": 64}, do_image_splitting=True
        ),
        tokenizer=tokens,
        video_processor=SmolVLMVideoProcessor(
            size={"longest_edge": 128}, max_image_size={"longest_edge": 64}
        ),
        image_seq_len=4,
        chat_template=TURN.replace("IMAGE", "<image>"),
    )
    torch.manual_seed(seed)
    return save(SmolVLMForConditionalGeneration(config), processor, folder)


def llava(folder: Path, seed: int = 0) -> Path:
    """LLaVA: CLIP tower, linear projector, Llama."""
    import torch
    from transformers import (
        CLIPImageProcessor,
        CLIPVisionConfig,
        LlamaConfig,
        LlavaConfig,
        LlavaForConditionalGeneration,
        LlavaProcessor,
    )

    tokens = tokenizer(["<image>"])
    config = LlavaConfig(
        text_config=LlamaConfig(**TEXT, vocab_size=len(tokens)),
        vision_config=CLIPVisionConfig(
            hidden_size=32,
            intermediate_size=64,
            initializer_range=0.2,
            num_hidden_layers=3,
            num_attention_heads=2,
            image_size=56,
            patch_size=14,
        ),
        image_token_id=tokens.convert_tokens_to_ids("<image>"),
    )
    processor = LlavaProcessor(
        image_processor=CLIPImageProcessor(
            size={"shortest_edge": 56}, crop_size={"height": 56, "width": 56}, do_convert_rgb=True
        ),
        tokenizer=tokens,
        patch_size=14,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=TURN.replace("IMAGE", "<image>"),
    )
    torch.manual_seed(seed)
    return save(LlavaForConditionalGeneration(config), processor, folder)


def gemma3(folder: Path, seed: int = 0) -> Path:
    """Gemma 3: image tokens see each other, and a sliding window shorter than the prompt's prefix."""
    import torch
    from transformers import (
        Gemma3Config,
        Gemma3ForConditionalGeneration,
        Gemma3ImageProcessor,
        Gemma3Processor,
    )

    marks = {
        "boi_token": "<start_of_image>",
        "eoi_token": "<end_of_image>",
        "image_token": "<image_soft_token>",
    }
    tokens = tokenizer(list(marks.values()), **marks)
    config = Gemma3Config(
        text_config={
            **TEXT,
            "num_hidden_layers": 3,
            "layer_types": ["sliding_attention", "sliding_attention", "full_attention"],
            "sliding_window": 12,
            "head_dim": 8,
            "query_pre_attn_scalar": 8,
            "vocab_size": len(tokens),
        },
        vision_config={**SIGLIP, "image_size": 56, "patch_size": 14},
        mm_tokens_per_image=4,
        boi_token_index=tokens.boi_token_id,
        eoi_token_index=tokens.eoi_token_id,
        image_token_index=tokens.image_token_id,
    )
    processor = Gemma3Processor(
        image_processor=Gemma3ImageProcessor(size={"height": 56, "width": 56}),
        tokenizer=tokens,
        image_seq_length=4,
        chat_template=TURN.replace("IMAGE", marks["boi_token"]),
    )
    torch.manual_seed(seed)
    return save(Gemma3ForConditionalGeneration(config), processor, folder)


def paligemma(folder: Path, seed: int = 0) -> Path:
    """PaliGemma: no chat template, and all tokens of a prompt see each other, so no prefix can be shared."""
    import torch
    from transformers import (
        PaliGemmaConfig,
        PaliGemmaForConditionalGeneration,
        PaliGemmaProcessor,
        SiglipImageProcessor,
    )

    tokens = tokenizer(["<image>"], image_token="<image>")
    tokens.bos_token = "<|im_start|>"
    config = PaliGemmaConfig(
        text_config={
            **TEXT,
            "model_type": "gemma",
            "head_dim": 8,
            "vocab_size": len(tokens),
            "pad_token_id": 0,
            "use_bidirectional_attention": True,
        },
        vision_config={**SIGLIP, "image_size": 56, "patch_size": 14, "projection_dim": 32},
        image_token_id=tokens.convert_tokens_to_ids("<image>"),
        projection_dim=32,
    )
    processor = PaliGemmaProcessor(
        image_processor=SiglipImageProcessor(size={"height": 56, "width": 56}, image_seq_length=16),
        tokenizer=tokens,
    )
    torch.manual_seed(seed)
    return save(PaliGemmaForConditionalGeneration(config), processor, folder)
