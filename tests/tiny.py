"""Tiny random checkpoints of real families, built offline: own tokenizer, real processor, safetensors.

Each builder saves a folder that the Auto classes load. Weights are random, so answers mean nothing; what the
tests hold is that every reading is exact.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

CORPUS = [
    "Policy: Is this image safe or unsafe under the policy? Answer with one word: safe or unsafe.",
    "Images that show weapons, tobacco, alcohol or gambling are not allowed. Exception: museums and toys.",
    "user assistant system safe unsafe safe unsafe",
] * 20
TURN = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{% for c in m['content'] %}"
    "{% if c['type'] == 'image' %}IMAGE{% else %}{{ c['text'] }}{% endif %}{% endfor %}<|im_end|>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
TEXT: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 2048,
}


def tokenizer(special: list[str], **named: str) -> Any:
    """A byte-level BPE of a few hundred tokens, in which safe and unsafe are single ones."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    names = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *special]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    bpe.train_from_iterator(
        CORPUS, trainers.BpeTrainer(vocab_size=500, special_tokens=names, initial_alphabet=alphabet)
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe, eos_token="<|im_end|>", pad_token="<|endoftext|>", extra_special_tokens=named
    )


def qwen2_5_vl(folder: Path, seed: int = 0) -> Path:
    """Qwen2.5-VL: M-RoPE, flat patches, a window-attention vision tower; 28-pixel image tokens."""
    import torch
    from transformers import (
        Qwen2_5_VLConfig,
        Qwen2_5_VLForConditionalGeneration,
        Qwen2_5_VLProcessor,
        Qwen2VLImageProcessor,
        Qwen2VLVideoProcessor,
    )

    marks = ["<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]
    tokens = tokenizer(marks)
    ids = dict(zip(marks, tokens.convert_tokens_to_ids(marks), strict=True))
    config = Qwen2_5_VLConfig(
        text_config={
            **TEXT,
            "vocab_size": len(tokens),
            "rope_parameters": {"rope_type": "default", "mrope_section": [1, 1, 2], "rope_theta": 10_000.0},
        },
        vision_config={
            "depth": 2,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_heads": 2,
            "out_hidden_size": 32,
            "fullatt_block_indexes": [1],
            "window_size": 112,
        },
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
    )
    size = {"shortest_edge": 56 * 56, "longest_edge": 112 * 112}
    processor = Qwen2_5_VLProcessor(
        image_processor=Qwen2VLImageProcessor(size=size),
        tokenizer=tokens,
        video_processor=Qwen2VLVideoProcessor(),
        chat_template=TURN.replace("IMAGE", "<|vision_start|><|image_pad|><|vision_end|>"),
    )
    torch.manual_seed(seed)
    return _save(Qwen2_5_VLForConditionalGeneration(config), processor, folder)


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
    return _save(SmolVLMForConditionalGeneration(config), processor, folder)


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
    return _save(LlavaForConditionalGeneration(config), processor, folder)


BUILDERS = {"qwen2_5_vl": qwen2_5_vl, "smolvlm": smolvlm, "llava": llava}


def _save(model: Any, processor: Any, folder: Path) -> Path:
    model.generation_config.eos_token_id = processor.tokenizer.eos_token_id
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder
