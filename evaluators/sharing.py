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
# How far logits may differ, as a share of the largest one: rounding, and no more. In single precision that
# is some 1e-6 in the tests' models and up to 1e-5 in deeper ones; a wrong mask or position gives 1e-1.
AGREES = {"torch.float32": 1e-4, "torch.float16": 1e-2, "torch.bfloat16": 5e-2}
CHECKED_TOKENS = 4  # of the text, where text is written


@dataclass(frozen=True, slots=True)
class Settled:
    """What was chosen, why nothing more is shared, and how near it came to the prompts run alone."""

    way: Way
    refused: str = ""
    check: str = ""

    def __str__(self) -> str:
        return f"{self.way} (not {self.refused})" if self.refused else self.way


@dataclass(slots=True)
class Sharer:
    """Opens readers for one model, as it settled at its first picture; prompts that share a prefix and
    prompts that do not, such as those with the picture behind the policy, are settled each for itself."""

    model: PreTrainedModel
    wanted: Sharing
    tally: Tally = field(default_factory=Tally)
    settled: dict[bool, Settled] = field(default_factory=dict)  # by whether a prefix is shared

    def settle(self, asked: Asked, new_tokens: int) -> Way:
        """The way for such prompts, chosen on these where none is chosen yet.

        Raises OutOfMemoryError, with nothing chosen, where memory ends.
        """
        prefix = asked.shared > 0
        if prefix not in self.settled:
            self.settled[prefix] = self._most_that_agrees(asked, min(new_tokens, CHECKED_TOKENS))
        return self.settled[prefix].way

    def _most_that_agrees(self, asked: Asked, tokens: int) -> Settled:
        import torch

        ways = WAYS[self.wanted]
        expected = _ask(self.reader("none", [asked], Tally()), asked, tokens) if ways else []
        refused = []
        for way in ways:
            try:
                found = _ask(self.reader(way, [asked], Tally()), asked, tokens)
                check = self._difference(expected, found)
            except torch.OutOfMemoryError:
                raise
            except Exception as error:  # whatever a model raises that cannot be run so
                reason = str(error).strip() or type(error).__name__
                refused.append(f"{way}: {reason.splitlines()[0]}")
            else:
                return Settled(way, "; ".join(refused), check)
        return Settled("none", "; ".join(refused))

    def _difference(self, expected: Sequence[Followed], found: Sequence[Followed]) -> str:
        """Says how far the logits differ; ValueError where that is no rounding, or the texts differ."""
        import torch

        alone, shared = (torch.stack([one.logits for one in rows]) for rows in (expected, found))
        worst = float((shared - alone).abs().max() / alone.abs().max().clamp(min=1))
        dtype = str(self.model.dtype)
        told = f"logits within {worst:.1e} of those of {len(found)} prompts alone"
        if not worst <= AGREES[dtype]:  # also where it is no number
            raise ValueError(f"{told}, allowed is {AGREES[dtype]:g}")
        if dtype == "torch.float32" and [e.written for e in expected] != [f.written for f in found]:
            raise ValueError("its text differs from the model's own")
        return told

    def reader(self, way: Way, group: Sequence[Asked], tally: Tally) -> Reader:
        """A reader for these pictures; for `fast` their prefixes have the same ids."""
        if way in ("exact", "fast"):
            return SharedPrefix.open(self.model, group, tally, together=way == "fast")
        if way == "features only":
            return WholePrompts(self.model, [features(self.model, asked, tally) for asked in group], tally)
        return WholePrompts(self.model, [asked.picture for asked in group], tally)

    def notes(self) -> dict[str, str | float]:
        """What is shared and why not more, how the check went, and the counts."""
        if not self.settled:
            return {}
        found = [self.settled[prefix] for prefix in (True, False) if prefix in self.settled]
        checks = "; ".join(one.check for one in found if one.check)
        told = {"sharing": "; ".join(map(str, found)), **({"self_check": checks} if checks else {})}
        return {**told, **self.tally.notes()}


def _ask(reader: Reader, asked: Asked, tokens: int) -> list[Followed]:
    return reader.follow(asked.rows, [0] * len(asked.rows), tokens)
