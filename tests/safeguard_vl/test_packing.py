"""Sharing a picture among policies changes nothing about any of them."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from transformers import PreTrainedTokenizerFast, Qwen2_5_VLForConditionalGeneration

from bench.policy import load_policies
from pipeline.safeguard_vl.data import CLOSING, OPENING, ask, encode_question
from pipeline.safeguard_vl.model import Shape, build_processor
from pipeline.safeguard_vl.packing import IGNORED, Ask, Mark, last_hidden, pack, prefix_for
from pipeline.safeguard_vl.vision import encode


def test_shared_picture_equals_five_full_prompts(
    tokenizer: PreTrainedTokenizerFast, model: Qwen2_5_VLForConditionalGeneration, shape: Shape
) -> None:
    images = np.random.default_rng(3).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)
    questions = [encode_question(tokenizer, policy, 0) for policy in load_policies()]
    packed = pack([Ask(q.ids, len(q.ids)) for q in questions] * 2)
    prefix = prefix_for(tokenizer, shape.grid // 2, shape.grid // 2)
    processor = build_processor(tokenizer, shape)
    with torch.no_grad():
        shared = model.lm_head(last_hidden(model, prefix, encode(model, images, shape), packed))
        for n, question in enumerate(questions * 2):
            content = [
                {"type": "image"},
                {"type": "text", "text": OPENING + question.policy.text() + CLOSING},
            ]
            chat = [{"role": "user", "content": content}]
            text = processor.apply_chat_template(chat, add_generation_prompt=True)
            image = Image.fromarray(images[n // 5])
            alone = model(**processor(images=[image], text=[text], return_tensors="pt")).logits[0, -1]
            torch.testing.assert_close(shared[n, len(question.ids) - 1], alone, atol=2e-5, rtol=0)


def test_answers_are_supervised_one_place_early_and_padding_never() -> None:
    packed = pack([Ask(np.array([5, 6, 7, 8]), 2, (Mark(1, 0, 1),)), Ask(np.array([5, 9]), 1)])
    assert packed.ids.tolist() == [[5, 6, 7, 8], [5, 9, 0, 0]]
    assert packed.present.tolist() == [[True] * 4, [True, True, False, False]]
    assert packed.answers.tolist() == [[IGNORED, 7, 8, IGNORED], [9, IGNORED, IGNORED, IGNORED]]
    assert packed.marks[0, 1, 0] == 1
    assert int(packed.marks.isnan().sum()) == packed.marks.numel() - 1


def test_the_question_ends_where_the_answer_begins(tokenizer: PreTrainedTokenizerFast) -> None:
    question = encode_question(tokenizer, load_policies()[0], 0)
    full = ask(tokenizer, question, ())
    assert tokenizer.decode(full.ids[full.answer :]) == "safe<|im_end|>\n"
    assert tokenizer.decode(full.ids[: full.answer]).endswith("<|im_start|>assistant\n")
