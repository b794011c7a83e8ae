"""Which holes go into one call: those of one canvas whose embeddings have one shape."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING

from .base import Embedding

if TYPE_CHECKING:
    from torch import Tensor


def batches(keys: Sequence[Hashable], size: int) -> list[list[int]]:
    """Indices of items with equal keys, `size` to a batch, in the order in which they first appear."""
    alike: dict[Hashable, list[int]] = defaultdict(list)
    for index, key in enumerate(keys):
        alike[key].append(index)
    return [group[at : at + size] for group in alike.values() for at in range(0, len(group), size)]


def shapes(embedding: Embedding) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """What has to be equal for two embeddings to share a batch; words by themselves always can."""
    return tuple((name, _shape(value)) for name, value in sorted(embedding.items()))


def _shape(value: Tensor | list[Tensor] | list[str]) -> tuple[int, ...]:
    if isinstance(value, list):
        return tuple(size for one in value if not isinstance(one, str) for size in one.shape)
    return tuple(value.shape)


def stack(embeddings: Sequence[Embedding]) -> Mapping[str, object]:
    """The embeddings of a batch, by keyword: tensors joined along their first axis, lists end to end."""
    return {name: _join([one[name] for one in embeddings]) for name in embeddings[0]}


def _join(values: Sequence[Tensor | list[Tensor] | list[str]]) -> object:
    import torch

    tensors = [value for value in values if not isinstance(value, list)]
    if tensors:
        return torch.cat(tensors)
    return [one for value in values if isinstance(value, list) for one in value]
