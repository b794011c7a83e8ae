"""Names with their counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TypeVar

S = TypeVar("S", bound=str)
Ranking = tuple[tuple[str, int], ...]  # (name, count), most frequent first


def ranked(names: Iterable[S]) -> tuple[tuple[S, int], ...]:
    """Names with their counts, most frequent first, then by name."""
    return tuple(sorted(Counter(names).items(), key=lambda item: (-item[1], item[0])))
