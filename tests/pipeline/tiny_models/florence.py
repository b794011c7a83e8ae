"""A tiny Florence-2, whose answer to everything is one box."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    CLIPImageProcessor,
    Florence2Config,
    Florence2ForConditionalGeneration,
    Florence2Processor,
    PreTrainedTokenizerFast,
)

PLACES = 1000
ANSWER = ("g", "<loc_200>", "<loc_300>", "<loc_600>", "<loc_700>", "</s>")  # one box, as shares of 1000


def florence_tokenizer() -> PreTrainedTokenizerFast:
    """Letters, and the thousand places a coordinate can have."""
    special = ["<pad>", "<s>", "</s>", "<unk>", "<image>"]
    places = [f"<loc_{place}>" for place in range(PLACES)]
    letters = [chr(code) for code in range(ord(" "), ord("~") + 1)]
    known = {token: index for index, token in enumerate([*special, *letters])}
    tokenizer = Tokenizer(models.WordLevel(known, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", bos_token="<s>", eos_token="</s>", unk_token="<unk>",
        extra_special_tokens={"image_token": "<image>"}, model_max_length=512,
    )  # fmt: skip
    fast.add_tokens(places, special_tokens=True)
    return fast


def florence2(folder: Path) -> Path:
    """Florence-2 with a four-stage image side and one BART layer each way, taught `ANSWER` by its weights."""
    torch.manual_seed(0)
    tokenizer = florence_tokenizer()
    config = Florence2Config(
        vision_config={
            "depths": [1, 1, 1, 1], "embed_dim": [8, 8, 16, 16], "num_heads": [1, 1, 2, 2],
            "num_groups": [1, 1, 2, 2], "window_size": 4, "projection_dim": 32,
        },
        text_config={
            "model_type": "bart", "vocab_size": len(tokenizer), "d_model": 32, "encoder_layers": 1,
            "decoder_layers": 1, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32, "encoder_attention_heads": 2,
            "decoder_attention_heads": 2, "max_position_embeddings": 256, "forced_bos_token_id": None,
            "pad_token_id": tokenizer.pad_token_id, "bos_token_id": tokenizer.bos_token_id,
            "eos_token_id": tokenizer.eos_token_id, "decoder_start_token_id": tokenizer.eos_token_id,
        },
        image_token_id=tokenizer.image_token_id, tie_word_embeddings=False,
    )  # fmt: skip
    model = Florence2ForConditionalGeneration(config)
    _teach(model, tokenizer.convert_tokens_to_ids(list(ANSWER)))
    model.save_pretrained(folder)
    images = CLIPImageProcessor(
        size={"height": 64, "width": 64}, crop_size={"height": 64, "width": 64}, do_center_crop=False
    )
    images.image_seq_length = 5  # a 2x2 map, and its mean
    boxes = {"description_with_bboxes_or_polygons": {}}
    Florence2Processor(images, tokenizer, post_processor_config=boxes).save_pretrained(folder)
    return folder


def _teach(model: Florence2ForConditionalGeneration, answer: list[int]) -> None:
    """Make the decoder's n-th position say the answer's n-th token: a one-hot code of the position, read
    off by the last layer. The code is large, so that nothing the picture or the words add outweighs it."""
    decoder = model.model.language_model.decoder
    with torch.no_grad():
        model.lm_head.weight.zero_()
        decoder.embed_positions.weight.zero_()
        for step, token in enumerate(answer):
            place = step + 2  # BART's positions start at 2
            decoder.embed_positions.weight[place, step] = 1e3
            model.lm_head.weight[token, step] = 10.0
