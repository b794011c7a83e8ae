"""A small Qwen2.5-VL: configuration, tokenizer, processor and chat template, made without a download.

Everything is the stock architecture and the stock processor, so the folder that `save_model` writes
opens with `AutoModelForImageTextToText` and `AutoProcessor` like any published checkpoint. What differs
is size only, and a tokenizer whose merges may run over spaces, so that a page-long policy is about a
hundred tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import (
        PreTrainedTokenizerFast,
        Qwen2_5_VLConfig,
        Qwen2_5_VLForConditionalGeneration,
        Qwen2_5_VLProcessor,
    )

END_OF_TEXT = "<|endoftext|>"
END_OF_TURN = "<|im_end|>"
SPECIAL_TOKENS = (
    END_OF_TEXT,
    "<|im_start|>",
    END_OF_TURN,
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
)

# The published Qwen2.5-VL template cut down to what a guardrail needs: text, and images where they stand.
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% elif part['type'] == 'text' %}{{ part['text'] }}{% endif %}"
    "{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)

# A token never runs over a line end or a mark of punctuation: a merge may be a whole clause, not two.
CLAUSES = r"\n+|[^\n.,:;()]+[.,:;()]*|[.,:;()]+(?: or| and)?"

NEARBY = 4.0  # strength of the first look to a neighbour: in scores, about 5 above a patch two steps off
SHARP = 2  # of the fastest angles that carry it


@dataclass(frozen=True, slots=True)
class Shape:
    """How large the model is. `image_size` in pixels: every square picture is resized to it."""

    image_size: int = 144
    patch: int = 8
    vision_depth: int = 4
    vision_hidden: int = 160
    vision_heads: int = 5
    vision_mlp: int = 448
    depth: int = 5
    hidden: int = 192
    heads: int = 4
    mlp: int = 512
    vocabulary: int = 6000

    @property
    def grid(self) -> int:
        """Patches along one side of a square picture."""
        return self.image_size // self.patch

    @property
    def image_tokens(self) -> int:
        """Tokens that stand for one square picture in the text: 2x2 patches are merged into one."""
        return (self.grid // 2) ** 2


def build_tokenizer(texts: Iterable[str], phrases: Iterable[str], vocabulary: int) -> PreTrainedTokenizerFast:
    """A byte-level BPE over `texts` whose merges may span words; any other text still has a spelling.

    A phrase of `phrases` is never merged with what stands around it.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    raw = Tokenizer(models.BPE())
    whole = "|".join(re.escape(phrase) for phrase in sorted(phrases, key=len, reverse=True))
    splits = [
        pre_tokenizers.Split(Regex(pattern), behavior="isolated")
        for pattern in (rf" ?(?:{whole})\b", rf"^ ?(?:{whole})$|{CLAUSES}")
    ]
    bytes_ = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    raw.pre_tokenizer = pre_tokenizers.Sequence([*splits, bytes_])
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        min_frequency=2,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    raw.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=raw,
        eos_token=END_OF_TURN,
        pad_token=END_OF_TEXT,
        additional_special_tokens=list(SPECIAL_TOKENS),
        model_max_length=4096,
        clean_up_tokenization_spaces=False,
    )


def token_id(tokenizer: PreTrainedTokenizerFast, token: str) -> int:
    """The id of a token. Raises ValueError when the tokenizer has no such token."""
    found = tokenizer.convert_tokens_to_ids(token)
    if not isinstance(found, int) or tokenizer.convert_ids_to_tokens(found) != token:
        raise ValueError(f"the tokenizer has no token {token!r}; train it on more texts or for more merges")
    return found


def build_config(tokenizer: PreTrainedTokenizerFast, shape: Shape) -> Qwen2_5_VLConfig:
    """The Qwen2.5-VL configuration of this shape with this tokenizer's special tokens."""
    from transformers import Qwen2_5_VLConfig

    half = shape.hidden // shape.heads // 2
    text = {
        "vocab_size": len(tokenizer),
        "hidden_size": shape.hidden,
        "intermediate_size": shape.mlp,
        "num_hidden_layers": shape.depth,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.heads,
        "max_position_embeddings": 4096,
        "tie_word_embeddings": True,
        "initializer_range": 0.05,
        "bos_token_id": token_id(tokenizer, END_OF_TEXT),
        "eos_token_id": token_id(tokenizer, END_OF_TURN),
        "pad_token_id": token_id(tokenizer, END_OF_TEXT),
        "rope_parameters": {
            "rope_type": "default",
            "rope_theta": 10000.0,
            # time, height, width: the published proportions 16:24:24 of 64
            "mrope_section": [half - 2 * (half * 3 // 8), half * 3 // 8, half * 3 // 8],
        },
    }
    vision = {
        "depth": shape.vision_depth,
        "hidden_size": shape.vision_hidden,
        "num_heads": shape.vision_heads,
        "intermediate_size": shape.vision_mlp,
        "out_hidden_size": shape.hidden,
        "patch_size": shape.patch,
        "window_size": shape.image_size,
        "fullatt_block_indexes": list(range(shape.vision_depth)),
        "initializer_range": 0.05,
    }
    return Qwen2_5_VLConfig(
        text_config=text,
        vision_config=vision,
        image_token_id=token_id(tokenizer, "<|image_pad|>"),
        video_token_id=token_id(tokenizer, "<|video_pad|>"),
        vision_start_token_id=token_id(tokenizer, "<|vision_start|>"),
        vision_end_token_id=token_id(tokenizer, "<|vision_end|>"),
        tie_word_embeddings=True,
    )


def build_processor(tokenizer: PreTrainedTokenizerFast, shape: Shape) -> Qwen2_5_VLProcessor:
    """The stock processor, set to bring every picture to `image_size ** 2` pixels."""
    from transformers import Qwen2_5_VLProcessor, Qwen2VLImageProcessor, Qwen2VLVideoProcessor

    pixels = shape.image_size**2
    size = {"shortest_edge": pixels, "longest_edge": pixels}
    images = Qwen2VLImageProcessor(size=size, patch_size=shape.patch, merge_size=2, temporal_patch_size=2)
    videos = Qwen2VLVideoProcessor(size=size, patch_size=shape.patch, merge_size=2, temporal_patch_size=2)
    return Qwen2_5_VLProcessor(images, tokenizer, videos, chat_template=CHAT_TEMPLATE)


def build_model(config: Qwen2_5_VLConfig, seed: int) -> Qwen2_5_VLForConditionalGeneration:
    """A model with random weights, the same ones for the same seed."""
    import torch
    from transformers import Qwen2_5_VLForConditionalGeneration

    torch.manual_seed(seed)
    model = Qwen2_5_VLForConditionalGeneration(config)
    match_like_with_like(model)
    look_nearby(model)
    model.generation_config.do_sample = False
    model.generation_config.max_new_tokens = 8
    return model


def match_like_with_like(model: Qwen2_5_VLForConditionalGeneration) -> None:
    """Start every head of the language model with equal keys and queries, so that a token looks at its like.

    Looking up in a policy what a picture shows is matching, and from here it is found in minutes
    (mimetic initialization, Trockman and Kolter, arXiv 2305.09828).
    """
    import torch

    for layer in model.model.language_model.layers:
        attention = layer.self_attn
        with torch.no_grad():
            torch.nn.init.normal_(attention.q_proj.weight, std=attention.hidden_size**-0.5)
            attention.k_proj.weight.copy_(attention.q_proj.weight)


def look_nearby(model: Qwen2_5_VLForConditionalGeneration) -> None:
    """Start four heads of every vision layer but the last looking one way each: up, down, left and right.

    A bias b on queries and b turned by the angles of a step on keys adds b.R(step - distance)b to a score,
    which the rotary embedding makes largest at that step: a convolution to start from, as few pictures
    teach locality. Layer n looks n + 1 patches far; further heads start looking everywhere.
    """
    import torch

    blocks = list(model.model.visual.blocks)[:-1]
    angles = model.model.visual.rotary_pos_emb.inv_freq[:SHARP]
    with torch.no_grad():
        for far, block in enumerate(blocks, start=1):
            width = block.attn.head_dim
            axes = width // 4  # where the angles of the second axis start
            query, key, _ = block.attn.qkv.bias.view(3, -1, width)
            for head, (down, right) in enumerate([(far, 0), (-far, 0), (0, far), (0, -far)][: len(query)]):
                for start, step in ((0, -down), (axes, -right)):
                    pair = slice(start, start + len(angles))
                    turned = slice(width // 2 + start, width // 2 + start + len(angles))
                    query[head, pair] = NEARBY
                    key[head, pair] = NEARBY * torch.cos(angles * step)
                    key[head, turned] = NEARBY * torch.sin(angles * step)


def save_model(
    model: Qwen2_5_VLForConditionalGeneration, processor: Qwen2_5_VLProcessor, folder: Path
) -> None:
    """Write weights as float16 safetensors, configuration, tokenizer and processor into `folder`."""
    import copy

    folder.mkdir(parents=True, exist_ok=True)
    half = copy.deepcopy(model)
    half.half()
    half.save_pretrained(folder)
    processor.save_pretrained(folder)
