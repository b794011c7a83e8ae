"""A part of a run: which images it takes, and the journal it writes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shard:
    """Part `number` of `count`, counted from 1. Parts of one count are disjoint and together everything."""

    number: int = 1
    count: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.count:
            raise ValueError(f"there is no shard {self}; write 1/{self.count} to {self.count}/{self.count}")

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def of(self, items: Sequence[T]) -> Sequence[T]:
        """Every `count`-th item, so that parts are alike however the items are sorted."""
        return items[self.number - 1 :: self.count]

    def file(self, stem: str) -> str:
        """The name of this part's journal: `rows.jsonl`, `rows-2-of-4.jsonl`."""
        return f"{stem}.jsonl" if self.count == 1 else f"{stem}-{self.number}-of-{self.count}.jsonl"


WHOLE = Shard()


def read_shard(text: str) -> Shard:
    """What `--shard 1/2` says; ValueError tells the form."""
    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    if not found:
        raise ValueError(f"--shard {text!r} is not of the form 1/2 (the first of two parts)")
    return Shard(int(found[1]), int(found[2]))
