"""The order in which cases are asked: so that a server's prefix cache helps.

The cases of one picture share their beginning. The first is asked and awaited, which puts the picture into
the cache; then its other cases are asked together and find it there. Asked all at once, none would.
Different pictures go side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from evaluators.server.gate import Gate

Item = TypeVar("Item")
Value = TypeVar("Value")


def prime_then_fan_out(
    items: Sequence[Item],
    cases: int,
    ask: Callable[[Item, int], Value],
    gate: Gate,
) -> list[list[Value]]:
    """`ask(item, case)` for every item and case, indexed [item][case]."""

    def whole(item: Item) -> list[Value]:
        first = ask(item, 0)
        return [first, *rest.map(lambda case: ask(item, case), range(1, cases))]

    with ThreadPoolExecutor(min(len(items), gate.most) * cases) as rest:
        return side_by_side(items, whole, gate)


def side_by_side(items: Sequence[Item], ask: Callable[[Item], Value], gate: Gate) -> list[Value]:
    """`ask(item)` for every item, as many at once as the gate lets in at most; stops it if interrupted."""
    gate.open()
    with ThreadPoolExecutor(min(len(items), gate.most)) as pool:
        try:
            return list(pool.map(ask, items))
        except BaseException:
            gate.stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
