"""A model over many prompts with one picture: the picture and what comes with it are computed once.

The prompts of one picture begin with the same tokens and the picture is among them, so their keys and
values do not depend on what follows. `SharedPrefix` computes them once and lets every prompt's rest run on a
copy of that cache; `WholePrompts` runs every prompt whole, with the picture's features or its pixels.

A copy serves every kind of cache. Cropping one back is wrong for recurrent layers and needs preparation on
sliding windows, and a cache that grows copies itself anyway.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

from evaluators.prompting import Asked, Row

if TYPE_CHECKING:
    import torch
    from transformers import Cache, PreTrainedModel

    from evaluators.tally import Tally

PIXELS = "pixel_values"


@dataclass(frozen=True, slots=True)
class Followed:
    """What follows a prompt: the logits (vocabulary,) of the next token, and the tokens written greedily."""

    logits: torch.Tensor
    written: tuple[int, ...] = ()


class Reader(Protocol):
    """Runs prompts about the pictures it was opened for."""

    @property
    def shared(self) -> int:
        """How many leading tokens the prompts of one picture do not compute again."""
        ...

    def follow(self, rows: Sequence[Row], owners: Sequence[int], new_tokens: int) -> list[Followed]:
        """What follows each row; `owners` says which picture each is about."""
        ...


@dataclass(frozen=True, slots=True)
class WholePrompts:
    """Every prompt alone and from its first token, as `transformers` itself runs it.

    `pictures` are the inputs of each picture: its pixels, or its features computed before.
    """

    model: PreTrainedModel
    pictures: Sequence[Mapping[str, object]]
    tally: Tally
    shared: int = 0

    def follow(self, rows: Sequence[Row], owners: Sequence[int], new_tokens: int) -> list[Followed]:
        return [
            self._one(row, self.pictures[owner], new_tokens) for row, owner in zip(rows, owners, strict=True)
        ]

    def _one(self, row: Row, picture: Mapping[str, object], new_tokens: int) -> Followed:
        import torch

        model = cast(Any, self.model)
        self.tally.suffix_tokens += row.length
        self.tally.vision_encodes += PIXELS in picture
        inputs = {"input_ids": row.ids, "attention_mask": torch.ones_like(row.ids), **row.kinds, **picture}
        if not new_tokens:
            return Followed(model(**inputs, use_cache=False, logits_to_keep=1).logits[0, -1])
        made = model.generate(
            **inputs, max_new_tokens=new_tokens, output_logits=True, return_dict_in_generate=True
        )
        return Followed(made.logits[0][0], tuple(made.sequences[0, row.length :].tolist()))


def features(model: PreTrainedModel, asked: Asked, tally: Tally) -> dict[str, object]:
    """A picture's inputs with its pixels already encoded."""
    encoded = cast(Any, model.base_model).get_image_features(**asked.picture, return_dict=True)
    tally.vision_encodes += 1
    rest = {name: tensor for name, tensor in asked.picture.items() if name != PIXELS}
    return {**rest, "mm_encoder_outputs": {"image": encoded}}


@dataclass(frozen=True, slots=True)
class SharedPrefix:
    """The first `shared` tokens of B pictures' prompts, computed; `position` (..., B, 1) comes after them.

    `together` runs all rows as one batch, padded on the right; else each row runs alone, which makes its
    result the same to the last bit whatever else is asked.
    """

    model: PreTrainedModel
    cache: Cache
    shared: int
    position: torch.Tensor
    together: bool
    tally: Tally

    @classmethod
    def open(
        cls, model: PreTrainedModel, group: Sequence[Asked], tally: Tally, *, together: bool
    ) -> SharedPrefix:
        """Compute the prefix of pictures whose prefixes have the same ids; one forward pass for all of them.

        ValueError where the prompts share no prefix that holds the picture.
        """
        import torch
        from transformers import DynamicCache

        length = group[0].shared
        if not length:
            raise ValueError("the prompts part before the picture ends")
        ids = torch.cat([asked.rows[0].ids[:, :length] for asked in group])
        position = torch.cat([positions(model, asked) for asked in group], dim=-2)
        made = cast(Any, model)(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            position_ids=position[..., :length],
            past_key_values=DynamicCache(config=model.config),
            use_cache=True,
            logits_to_keep=1,
            **{k: v[:, :length].expand(len(group), -1) for k, v in group[0].rows[0].kinds.items()},
            **{name: torch.cat([asked.picture[name] for asked in group]) for name in group[0].picture},
        )
        tally.vision_encodes += len(group)
        tally.prefix_tokens += ids.numel()
        following = position[..., length : length + 1]
        return cls(model, made.past_key_values, length, following, together, tally)

    def follow(self, rows: Sequence[Row], owners: Sequence[int], new_tokens: int) -> list[Followed]:
        if self.together and (not new_tokens or self._keeps_every_token):
            return self._run(rows, owners, new_tokens)
        pairs = zip(rows, owners, strict=True)
        return [one for row, owner in pairs for one in self._run([row], [owner], new_tokens)]

    @property
    def _keeps_every_token(self) -> bool:
        """Whether padding between a row's prompt and what it writes can be masked: a window counts it as
        tokens, and a recurrent state has taken it in."""
        return bool(self.cache.is_croppable and not any(self.cache.is_sliding))

    def _run(self, rows: Sequence[Row], owners: Sequence[int], new_tokens: int) -> list[Followed]:
        import torch

        rests = [row.ids[0, self.shared :] for row in rows]
        ids = torch.nn.utils.rnn.pad_sequence(rests, batch_first=True)
        lengths = ids.new_tensor([len(rest) for rest in rests])
        self.tally.suffix_tokens += int(lengths.sum())
        steps, every, owner = (ids.new_tensor(x) for x in (range(ids.shape[1]), range(len(ids)), owners))
        seen = torch.cat([ids.new_ones(len(ids), self.shared), (steps < lengths[:, None]).long()], dim=1)
        cache = copy.deepcopy(self.cache)
        cache.reorder_cache(cast("torch.LongTensor", owner))
        start = self.position.index_select(-2, owner)
        ends, which = torch.unique(lengths - 1, return_inverse=True)
        logits = _forward(self.model, ids, seen, start + steps, cache, logits_to_keep=ends)[every, which]
        written: list[tuple[int, ...]] = [()] * len(rows)
        if new_tokens:
            written = _write(self.model, cache, logits, seen, start + lengths[:, None], new_tokens)
        return [Followed(*pair) for pair in zip(logits, written, strict=True)]


def _write(
    model: PreTrainedModel,
    cache: Cache,
    logits: torch.Tensor,
    seen: torch.Tensor,
    position: torch.Tensor,
    new_tokens: int,
) -> list[tuple[int, ...]]:
    """The likeliest tokens one after another, of each row up to its stop token.

    `logits` (R, vocabulary) are of the first token, which stands at `position` (..., R, 1) behind what `seen`
    (R, length) says of the tokens in the cache.
    """
    import torch

    stops = _stops(model)
    tokens = logits.argmax(dim=-1, keepdim=True)
    for step in range(new_tokens - 1):
        if bool(torch.isin(tokens, tokens.new_tensor(stops)).any(dim=1).all()):
            break
        seen = torch.cat([seen, torch.ones_like(seen[:, :1])], dim=1)
        last = _forward(model, tokens[:, -1:], seen, position + step, cache, logits_to_keep=1)
        tokens = torch.cat([tokens, last.argmax(dim=-1)], dim=1)
    rows: list[list[int]] = tokens.tolist()
    ends = [next((i + 1 for i, token in enumerate(row) if token in stops), len(row)) for row in rows]
    return [tuple(row[:end]) for row, end in zip(rows, ends, strict=True)]


def _forward(
    model: PreTrainedModel,
    ids: torch.Tensor,
    seen: torch.Tensor,
    position: torch.Tensor,
    cache: Cache,
    *,
    logits_to_keep: int | torch.Tensor,
) -> torch.Tensor:
    """The logits (R, kept, vocabulary) of tokens that follow those in the cache, which takes them in."""
    made = cast(Any, model)(
        input_ids=ids,
        attention_mask=seen,
        position_ids=position,
        past_key_values=cache,
        use_cache=True,
        logits_to_keep=logits_to_keep,
    )
    return cast("torch.Tensor", made.logits)


def _stops(model: PreTrainedModel) -> list[int]:
    stop = cast(Any, model.generation_config).eos_token_id
    return [] if stop is None else stop if isinstance(stop, list) else [stop]


def positions(model: PreTrainedModel, asked: Asked) -> torch.Tensor:
    """The positions of the first row's tokens, (1, length), or (3, 1, length) in time, height and width.

    A model with M-RoPE is asked itself, and its answer is always passed on: left to themselves, these models
    go on from the `rope_deltas` of whatever prompt they saw last.
    """
    import torch

    row = asked.rows[0]
    rope_index = getattr(model.base_model, "get_rope_index", None)
    if rope_index is None:
        return torch.arange(row.length, device=row.ids.device)[None]
    grids = {name: tensor for name, tensor in asked.picture.items() if name.endswith("grid_thw")}
    return cast("torch.Tensor", rope_index(row.ids, **row.kinds, **grids)[0])
