"""From a policy to a prompt's tokens: the model's own template and processor, the picture looked at once.

The processor is asked about the picture with the first prompt and tells by what text it stands in for it;
the other prompts get that text in their own place and go through the tokenizer alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import torch
    from PIL import Image
    from transformers import PreTrainedTokenizerBase, ProcessorMixin

    from evaluators.profile import Profile

REPLACED = "text_replacement_offsets"
NO_PICTURE = ("input_ids", "attention_mask", "labels")  # some processors make labels, for training


@dataclass(frozen=True, slots=True)
class Row:
    """One prompt's token ids and what the model wants to know of each (its modality), all (1, length)."""

    ids: torch.Tensor
    kinds: Mapping[str, torch.Tensor]

    @property
    def length(self) -> int:
        return self.ids.shape[1]

    def followed_by(self, tokens: Sequence[int]) -> Row:
        """The prompt with text tokens behind it."""
        import torch

        ids = torch.cat([self.ids, self.ids.new_tensor([list(tokens)], dtype=torch.long)], dim=1)
        pad = torch.nn.functional.pad
        return Row(ids, {name: pad(kind, (0, len(tokens))) for name, kind in self.kinds.items()})


@dataclass(frozen=True, slots=True)
class Asked:
    """One picture under N questions: a row a question, the picture's tensors as the processor made them.

    The first `shared` tokens are the same in all rows and hold the whole picture; 0 where no such prefix is.
    """

    rows: tuple[Row, ...]
    picture: Mapping[str, torch.Tensor]
    shared: int

    def to(self, device: torch.device, dtype: torch.dtype) -> Asked:
        """On a device, with pixels in the model's precision."""
        rows = [
            Row(row.ids.to(device), {name: kind.to(device) for name, kind in row.kinds.items()})
            for row in self.rows
        ]
        picture = {
            name: tensor.to(device, dtype if tensor.is_floating_point() else None)
            for name, tensor in self.picture.items()
        }
        return Asked(tuple(rows), picture, self.shared)

    def only(self, which: slice) -> Asked:
        """Some of the questions. What is shared stays as it is, so that nothing is computed differently."""
        return Asked(self.rows[which], self.picture, self.shared)

    def alike(self) -> tuple[object, ...]:
        """What two pictures must have in common to go through the model as one batch."""
        shapes = ((name, tensor.dim(), tensor.shape[1:]) for name, tensor in self.picture.items())
        return (tuple(self.rows[0].ids[0, : self.shared].tolist()), *shapes)


def render(processor: ProcessorMixin, profile: Profile, policy_text: str) -> str:
    """The prompt as text, up to where the model's answer goes on."""
    if not profile.chat:
        return profile.prompt(policy_text, str(cast(Any, processor).image_token)) + profile.forced
    template = cast(Any, processor).apply_chat_template
    turns = template(profile.messages(policy_text), add_generation_prompt=True)
    return str(turns) + profile.forced


def ask(processor: ProcessorMixin, image: Image.Image, texts: Sequence[str], image_token: int) -> Asked:
    """The picture under every text, as token ids on the CPU.

    ValueError where the processor cannot take the picture, or a text does not hold its mark exactly once.
    """
    first, replaced = _whole(processor, image, texts[0])
    rows = _rows(processor, first, replaced, texts, image_token)
    if rows is None:  # a processor that does not tell all it did to the text
        rows = [_row(_whole(processor, image, text)[0]) for text in texts]
    picture = {k: v for k, v in first.items() if k not in NO_PICTURE and k not in rows[0].kinds}
    return Asked(tuple(rows), picture, shared_prefix([row.ids[0] for row in rows], image_token))


def shared_prefix(rows: Sequence[torch.Tensor], image_token: int) -> int:
    """How many leading ids all rows share, at least one short of the shortest row; 0 where an image token
    lies behind them."""
    import torch

    limit = min(len(row) for row in rows) - 1
    same = torch.stack([row[:limit] == rows[0][:limit] for row in rows]).all(dim=0)
    length = int(same.long().cumprod(dim=0).sum())
    return 0 if any(bool((row[length:] == image_token).any()) for row in rows) else length


def _whole(
    processor: ProcessorMixin, image: Image.Image, text: str
) -> tuple[dict[str, torch.Tensor], list[dict[str, str]]]:
    """The processor's output for one prompt with its picture, and what it replaced in the text."""
    made = dict(
        cast(Any, processor)(
            images=[[image]],
            text=[text],
            return_tensors="pt",
            return_text_replacement_offsets=True,
            add_special_tokens=_adds_special_tokens(processor, text),
        )
    )
    return made, [found for row in made.pop(REPLACED, []) for found in row]


def _adds_special_tokens(processor: ProcessorMixin, text: str) -> bool:
    """Whether the tokenizer has to put its first token before the text, or the template did (as in
    `apply_chat_template`)."""
    bos = processor.tokenizer.bos_token
    return bos is None or not text.startswith(bos)


def _rows(
    processor: ProcessorMixin,
    first: Mapping[str, torch.Tensor],
    replaced: Sequence[Mapping[str, str]],
    texts: Sequence[str],
    image_token: int,
) -> list[Row] | None:
    """All texts as rows; None where the first one does not come out as the processor itself made it."""
    if len(replaced) != 1:
        return None
    mark, stand_in = replaced[0]["text"], replaced[0]["replacement"]
    ids = []
    for text in texts:
        if text.count(mark) != 1:
            raise ValueError(f"a prompt holds the picture's mark {mark!r} {text.count(mark)} times, not once")
        special = _adds_special_tokens(processor, text)
        ids.append(_token_ids(processor.tokenizer, text.replace(mark, stand_in), special))
    if not ids[0].equal(first["input_ids"]):
        return None
    return [_like(_row(first), row, image_token) for row in ids]


@lru_cache(maxsize=256)  # pictures of one size stand for the same text, policy by policy
def _token_ids(tokenizer: PreTrainedTokenizerBase, text: str, add_special_tokens: bool) -> torch.Tensor:
    made = tokenizer(text, return_tensors="pt", add_special_tokens=add_special_tokens)
    return cast("torch.Tensor", made["input_ids"])


def _row(made: Mapping[str, torch.Tensor]) -> Row:
    ids = made["input_ids"]
    kinds = {k: v for k, v in made.items() if k not in NO_PICTURE and v.shape == ids.shape}
    return Row(ids, kinds)


def _like(first: Row, ids: torch.Tensor, image_token: int) -> Row:
    """A row whose kinds are the first row's, moved to where the picture stands in this one."""
    import torch

    ends = [int((row[0] == image_token).nonzero().max()) for row in (first.ids, ids)]
    kinds = {}
    for name, kind in first.kinds.items():
        places = kind[0].nonzero()[:, 0]
        kinds[name] = torch.zeros_like(ids, dtype=kind.dtype)
        kinds[name][0, places + ends[1] - ends[0]] = kind[0, places]
    return Row(ids, kinds)
