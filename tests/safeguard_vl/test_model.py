"""The tiny model is a stock Qwen2.5-VL: it saves, opens with the Auto classes, and generates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import (
    AutoModelForImageTextToText,
    AutoProcessor,
    PreTrainedTokenizerFast,
    Qwen2_5_VLForConditionalGeneration,
)

from pipeline.safeguard_vl.data import CLOSING, OPENING, meanings
from pipeline.safeguard_vl.model import Shape, build_processor, save_model
from pipeline.safeguard_vl.vision import patches

TEXTS = (
    "R1. Weapons: images that show firearms, blades or explosives are not allowed.",
    "a line\n\nand another; Grüße, 犬, \U0001f600 (unsafe)",
    " leading and trailing ",
)


def picture(seed: int, width: int, height: int) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


@pytest.mark.parametrize("text", TEXTS)
def test_tokenizer_gives_back_what_it_was_given(tokenizer: PreTrainedTokenizerFast, text: str) -> None:
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_answers_are_one_token_each(tokenizer: PreTrainedTokenizerFast) -> None:
    assert [len(tokenizer.encode(word)) for word in ("safe", "unsafe")] == [1, 1]


def test_things_and_settings_are_never_merged_with_their_neighbours(
    tokenizer: PreTrainedTokenizerFast,
) -> None:
    for phrase in meanings():
        alone = tokenizer.encode(f" {phrase}")
        for opening, closing in ((" images that show", ", or"), (" Exception:", " are allowed when shown")):
            around = [*tokenizer.encode(opening), *alone, *tokenizer.encode(closing)]
            assert tokenizer.encode(opening + f" {phrase}" + closing) == around


def test_saved_model_opens_with_the_auto_classes_and_generates(
    tmp_path: Path,
    tokenizer: PreTrainedTokenizerFast,
    model: Qwen2_5_VLForConditionalGeneration,
    shape: Shape,
) -> None:
    save_model(model, build_processor(tokenizer, shape), tmp_path)
    opened = AutoModelForImageTextToText.from_pretrained(tmp_path, dtype=torch.float32)
    processor = AutoProcessor.from_pretrained(tmp_path)
    content = [{"type": "image"}, {"type": "text", "text": f"{OPENING}Nothing is forbidden.{CLOSING}"}]
    text = processor.apply_chat_template([{"role": "user", "content": content}], add_generation_prompt=True)
    inputs = processor(images=[picture(0, 64, 64)], text=[text], return_tensors="pt")
    out = opened.generate(**inputs, max_new_tokens=2)
    assert out.shape[1] == inputs["input_ids"].shape[1] + 2
    assert (inputs["input_ids"] == opened.config.image_token_id).sum() == shape.image_tokens


def test_weights_are_stored_in_half_precision(
    tmp_path: Path,
    tokenizer: PreTrainedTokenizerFast,
    model: Qwen2_5_VLForConditionalGeneration,
    shape: Shape,
) -> None:
    save_model(model, build_processor(tokenizer, shape), tmp_path)
    assert (tmp_path / "model.safetensors").stat().st_size < 2.1 * model.num_parameters()
    assert next(model.parameters()).dtype == torch.float32


def test_any_square_picture_is_brought_to_the_fixed_size(
    tokenizer: PreTrainedTokenizerFast, shape: Shape
) -> None:
    processor = build_processor(tokenizer, shape)
    for side in (32, 50, 300):
        grid = processor.image_processor([picture(1, side, side)], return_tensors="pt")["image_grid_thw"]
        assert grid.tolist() == [[1, shape.grid, shape.grid]]


def test_patches_are_what_the_stock_processor_makes(tokenizer: PreTrainedTokenizerFast, shape: Shape) -> None:
    processor = build_processor(tokenizer, shape)
    images = [picture(seed, 32, 32) for seed in (1, 2)]
    stock = processor.image_processor(images, return_tensors="pt")["pixel_values"]
    ours = patches(np.stack([np.asarray(image) for image in images]), shape)
    torch.testing.assert_close(ours, stock, atol=1e-5, rtol=1e-5)
