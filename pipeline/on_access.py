"""Rows that are made when they are read, so that memory stays flat however many pictures there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar, overload

K = TypeVar("K")
R = TypeVar("R")


class OnAccess(Sequence[R], Generic[K, R]):
    """One row of each key, made by `make` at every access and not kept."""

    def __init__(self, keys: Sequence[K], make: Callable[[K], R]) -> None:
        self.keys, self._make = keys, make

    def __len__(self) -> int:
        return len(self.keys)

    @overload
    def __getitem__(self, index: int) -> R: ...
    @overload
    def __getitem__(self, index: slice) -> list[R]: ...
    def __getitem__(self, index: int | slice) -> R | list[R]:
        if isinstance(index, slice):
            return [self._make(key) for key in self.keys[index]]
        return self._make(self.keys[index])
