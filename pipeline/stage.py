"""What a stage is: a name, what its results depend on, and one function over one item.

`params` and `inputs` make the item's key: change either and only the items that depend on it are redone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from .images import Refused
from .store import Json, Store

T = TypeVar("T", contravariant=True)
Seen = tuple[str, tuple[str, ...]]  # a concept and the contexts it is shown in


@dataclass(frozen=True, slots=True)
class Result:
    """Blobs by name and a small JSON value."""

    outputs: dict[str, str]
    value: dict[str, Json]


class Stage(Protocol[T]):
    """What the runner needs of a stage. `name` and `version` are part of every key.

    `at_once` items are handed to it together, for a model that does several faster than one by one.
    """

    name: str
    version: int
    params: dict[str, Json]
    at_once: int = 1

    def inputs(self, item: T) -> tuple[str, ...]:
        """Digests the result depends on."""

    def run(self, store: Store, item: T) -> Result:
        """Do one item. Raises Refused where it cannot be part of the benchmark."""

    def run_together(self, store: Store, items: Sequence[T]) -> list[Result | Refused]:
        """A result for each item, or why it is refused. What it raises may be any of the items' fault."""
        return [self.run(store, item) for item in items]
