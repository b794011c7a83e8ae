"""How much the policies of a picture may share with this model: as much as gives the same logits.

Families differ in their caches, masks and positions, and a wrong one errs silently. So before anything shared
is used, the first picture's prompts are run with nothing shared too, and the most sharing whose logits agree
is taken for the whole run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from evaluators.prompting import Asked
from evaluators.shared_prefix import Followed, Reader, SharedPrefix, WholePrompts, features
from evaluators.tally import Tally

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Sharing = Literal["exact", "fast", "none"]
Way = Literal["exact", "fast", "features only", "none"]

WAYS: dict[Sharing, tuple[Way, ...]] = {
    "exact": ("exact", "features only"),
    "fast": ("fast", "exact", "features only"),
    "none": (),
}
# How far logits may differ, as a share of the largest one: rounding, and no more.
AGREES = {"torch.float32": 1e-5, "torch.float16": 1e-2, "torch.bfloat16": 5e-2}
CHECKED_TOKENS = 4  # of the text, where text is written


@dataclass(slots=True)
class Sharer:
    """Opens readers for one model. `way` is None until the first picture was seen."""

    model: PreTrainedModel
    wanted: Sharing
    way: Way | None = None
    tally: Tally = field(default_factory=Tally)
    check: str = ""
    refused: dict[Way, str] = field(default_factory=dict)

    def settle(self, asked: Asked, new_tokens: int) -> Way:
        """The way chosen on the first picture; this one, where none is chosen yet.

        Raises OutOfMemoryError, with nothing chosen, where memory ends.
        """
        if self.way is None:
            self.way = self._most_that_agrees(asked, min(new_tokens, CHECKED_TOKENS))
        return self.way

    def _most_that_agrees(self, asked: Asked, tokens: int) -> Way:
        import torch

        self.refused.clear()
        expected = _ask(self.reader("none", [asked], Tally()), asked, tokens) if WAYS[self.wanted] else []
        for way in WAYS[self.wanted]:
            try:
                found = _ask(self.reader(way, [asked], Tally()), asked, tokens)
            except torch.OutOfMemoryError:
                raise
            except Exception as error:  # whatever a model raises that cannot be run so
                self.refused[way] = str(error).strip().partition("\n")[0]
            else:
                if self._agree(way, expected, found):
                    return way
        return "none"

    def _agree(self, way: Way, expected: Sequence[Followed], found: Sequence[Followed]) -> bool:
        differences = [
            float((f.logits - e.logits).abs().max() / e.logits.abs().max().clamp(min=1))
            for e, f in zip(expected, found, strict=True)
        ]
        dtype, worst = str(self.model.dtype), max(differences)
        self.check = f"logits within {worst:.1e} of those of {len(found)} prompts alone"
        if not worst <= AGREES[dtype]:  # also where it is no number
            self.refused[way] = f"{self.check}, allowed is {AGREES[dtype]:g}"
        elif dtype == "torch.float32" and [e.written for e in expected] != [f.written for f in found]:
            self.refused[way] = "its text differs from the model's own"
        return way not in self.refused

    def reader(self, way: Way, group: Sequence[Asked], tally: Tally) -> Reader:
        """A reader for these pictures; for `fast` their prefixes have the same ids."""
        if way in ("exact", "fast"):
            return SharedPrefix.open(self.model, group, tally, together=way == "fast")
        if way == "features only":
            return WholePrompts(self.model, [features(self.model, asked, tally) for asked in group], tally)
        return WholePrompts(self.model, [asked.picture for asked in group], tally)

    def notes(self) -> dict[str, str | float]:
        """What is shared and why not more, how the check went, and the counts."""
        if self.way is None:
            return {}
        reasons = "; ".join(f"{way}: {reason}" for way, reason in self.refused.items())
        told = {"sharing": f"{self.way}; not {reasons}" if reasons else self.way}
        return {**told, **({"self_check": self.check} if self.check else {}), **self.tally.notes()}


def _ask(reader: Reader, asked: Asked, tokens: int) -> list[Followed]:
    return reader.follow(asked.rows, [0] * len(asked.rows), tokens)
