"""Several questions about one picture as one batch for a model of transformers.

Prompts are padded on the left, so that the answer position is the last one of every row. The picture's
tensors are the same in every row; where the model takes features in place of pixels they are computed once
and repeated, which is bit-equal to computing them again.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

Tensors = Mapping[str, "torch.Tensor"]

# Families whose features are repeated as below, each held to bit-equality by tests/evaluators. Any other
# model gets its pixels repeated: slower, and right.
ENCODED_ONCE = frozenset({"qwen2_5_vl", "smolvlm", "llava"})


def join(
    rows: Sequence[Tensors], pad_token_id: int
) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """Batch the processor's outputs for one picture, one row a question (each (1, length) in its text parts).

    Gives the text tensors (rows, longest) and the picture's tensors as they are in one row.
    """
    ids = rows[0]["input_ids"]
    text = [name for name, tensor in rows[0].items() if tensor.shape == ids.shape]
    padding = {"input_ids": pad_token_id}  # masks and token types are 0 on padding
    batch = {name: _left_padded([row[name] for row in rows], padding.get(name, 0)) for name in text}
    return batch, {name: tensor for name, tensor in rows[0].items() if name not in text}


def _left_padded(rows: Sequence[torch.Tensor], value: int) -> torch.Tensor:
    import torch

    longest = max(row.shape[1] for row in rows)
    pad = torch.nn.functional.pad
    return torch.cat([pad(row, (longest - row.shape[1], 0), value=value) for row in rows])


def repeat(model: PreTrainedModel, vision: Tensors, times: int) -> dict[str, object]:
    """The picture's part of the model's input for `times` rows."""
    import torch

    repeated: dict[str, object] = {name: torch.cat([tensor] * times) for name, tensor in vision.items()}
    if model.config.model_type in ENCODED_ONCE:
        del repeated["pixel_values"]
        repeated["mm_encoder_outputs"] = {"image": _features(model, vision, times)}
    return repeated


def _features(model: PreTrainedModel, vision: Tensors, times: int) -> object:
    """What `get_image_features` gives for `times` copies of the picture, computed for one."""
    import torch

    encode = cast(Any, model.base_model).get_image_features
    encoded = copy.copy(encode(**vision, return_dict=True))
    once = encoded.pooler_output
    repeated = torch.cat([once] * times) if isinstance(once, torch.Tensor) else list(once) * times
    encoded.pooler_output = repeated
    return encoded
