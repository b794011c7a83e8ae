"""Many policies on one picture for the price of one picture, exactly as if each were asked alone.

The prompt opens with the picture, so its keys and values do not depend on the policy: they are computed
once, repeated for each policy's part, and the gradient flows back through them. Every part takes the
positions that it would have alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipeline.safeguard_vl.model import token_id

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedTokenizerFast, Qwen2_5_VLForConditionalGeneration

IGNORED = -100  # the label that the cross entropy leaves out
MARK_KINDS = 2
PAD_ID = 0  # of END_OF_TEXT, the first special token


@dataclass(frozen=True, slots=True)
class Prefix:
    """What stands before every policy: ids (P,), positions (3, P) in time, height and width, and the
    first position of what follows."""

    ids: NDArray[np.int64]
    positions: NDArray[np.int64]
    next_position: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A place to supervise besides the answer: of kind 0 (a rule's end: does the picture violate it?) or
    1 (a thing or setting named: does the picture show it?), with its truth, 0 or 1."""

    place: int
    kind: int
    truth: int


@dataclass(frozen=True, slots=True)
class Ask:
    """One policy's part of the prompt: `ids` from "Policy:" to the end of the answer's turn, with the
    answer's word at place `answer`."""

    ids: NDArray[np.int64]
    answer: int
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Packed:
    """N asks padded on the right to length S.

    `ids` (N, S); `present` bool (N, S), False on padding; `answers` (N, S), the next id at the places
    from which the answer is predicted and IGNORED elsewhere; `marks` float (N, S, 2), for each kind of mark
    the truth in {0, 1} at supervised places and NaN elsewhere.
    """

    ids: Tensor
    present: Tensor
    answers: Tensor
    marks: Tensor


def prefix_for(tokenizer: PreTrainedTokenizerFast, rows: int, columns: int) -> Prefix:
    """The opening of the user's turn with a picture of rows x columns merged tokens."""
    head = tokenizer.encode("<|im_start|>user\n<|vision_start|>", add_special_tokens=False)
    pad, end = token_id(tokenizer, "<|image_pad|>"), token_id(tokenizer, "<|vision_end|>")
    start = len(head)
    row, column = (grid.ravel() for grid in np.mgrid[0:rows, 0:columns])
    plain = np.tile(np.arange(start), (3, 1))
    picture = start + np.stack([np.zeros_like(row), row, column])
    after = start + max(rows, columns)
    positions = np.concatenate([plain, picture, np.full((3, 1), after)], axis=1)
    return Prefix(np.array([*head, *[pad] * (rows * columns), end]), positions, after + 1)


def pack(asks: Sequence[Ask]) -> Packed:
    """Pad the asks to one length."""
    import torch

    size = (len(asks), max(len(ask.ids) for ask in asks))
    ids = np.full(size, PAD_ID, dtype=np.int64)
    present = np.zeros(size, dtype=bool)
    answers = np.full(size, IGNORED, dtype=np.int64)
    marks = np.full((*size, MARK_KINDS), np.nan, dtype=np.float32)
    for n, ask in enumerate(asks):
        end = len(ask.ids)
        ids[n, :end], present[n, :end] = ask.ids, True
        answers[n, ask.answer - 1 : end - 1] = ask.ids[ask.answer :]
        for mark in ask.marks:
            marks[n, mark.place, mark.kind] = mark.truth
    return Packed(*(torch.from_numpy(array) for array in (ids, present, answers, marks)))


def last_hidden(
    model: Qwen2_5_VLForConditionalGeneration, prefix: Prefix, pictures: Tensor, packed: Packed
) -> Tensor:
    """Hidden states (N, S, hidden) of the asks, of which N / B belong to each picture in order.

    `pictures` (B, T, hidden): the vision tower's tokens of each picture, for the T picture tokens of
    `prefix`.
    """
    import torch
    from transformers import DynamicCache

    text = model.model.language_model
    batch, asks = len(pictures), len(packed.ids)
    opening = torch.from_numpy(prefix.ids).expand(batch, -1)
    embeds = text.embed_tokens(opening)
    where = (opening == model.config.image_token_id)[..., None]
    embeds = embeds.masked_scatter(where, pictures.to(embeds.dtype))
    cache = DynamicCache(config=text.config)
    positions = torch.from_numpy(prefix.positions)[:, None].expand(3, batch, -1)
    text(inputs_embeds=embeds, position_ids=positions, past_key_values=cache, use_cache=True)
    cache.batch_repeat_interleave(asks // batch)

    ahead = torch.ones(asks, opening.shape[1], dtype=torch.bool)
    follow = prefix.next_position + torch.arange(packed.ids.shape[1])
    output = text(
        input_ids=packed.ids,
        position_ids=follow.expand(3, asks, -1),
        attention_mask=torch.cat([ahead, packed.present], dim=1),
        past_key_values=cache,
        use_cache=True,
    )
    hidden: Tensor = output.last_hidden_state
    return hidden
