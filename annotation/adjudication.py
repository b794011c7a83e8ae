"""Which cells an adjudicator must rule on, the most pressing first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from annotation.cells import Cell
from annotation.gold import Gold
from annotation.overlap import CONFIDENT, MOST

Why = Literal["gold conflict", "tie", "no votes", "low posterior"]
ORDER: tuple[Why, ...] = ("gold conflict", "tie", "no votes", "low posterior")


@dataclass(frozen=True, slots=True)
class Disputed:
    """A cell in dispute. `reason` says it in words, votes included: never show it before the ruling."""

    cell: Cell
    why: Why
    reason: str


@dataclass(frozen=True, slots=True)
class QueuedImage:
    """An image to rule on, and the policies whose cells are in dispute."""

    image_id: str
    policies: tuple[str, ...]


def adjudication_queue(
    cells: Sequence[Cell],
    *,
    gold: Sequence[Gold] = (),
    after: int = MOST,
    confident: float = CONFIDENT,
) -> tuple[Disputed, ...]:
    """Cells that further votes will not settle: `after` raters or more have answered.

    A cell is in dispute when most raters contradict its gold answer (the gold may be wrong), when they
    are split evenly, when none of them voted, or when the posterior is below `confident`; after a ruling
    only when adjudicators are split evenly. In this order, and the least certain first.
    """
    right = {(item.image_id, item.policy_id): item.label for item in gold}
    ready = [cell for cell in cells if cell.rulings or cell.answers >= after]
    found = [
        Disputed(cell, why, _reason(cell, why, answer))
        for cell in ready
        for answer in [right.get((cell.image_id, cell.policy_id), "")]
        for why in [_why(cell, answer, confident)]
        if why is not None
    ]
    return tuple(sorted(found, key=_pressing))


def queued_images(queue: Sequence[Disputed]) -> tuple[QueuedImage, ...]:
    """The images of a queue, in its order: what an adjudication project holds."""
    policies: dict[str, list[str]] = {}
    for item in queue:
        policies.setdefault(item.cell.image_id, []).append(item.cell.policy_id)
    return tuple(QueuedImage(image, tuple(ids)) for image, ids in policies.items())


def _why(cell: Cell, gold: str, confident: float) -> Why | None:
    if cell.rulings:
        return "tie" if cell.p_unsafe == 0.5 else None
    if gold:
        against = cell.unsafe if gold == "safe" else cell.safe
        return "gold conflict" if 2 * against > cell.votes else None
    if cell.votes == 0:
        return "no votes"
    if cell.safe == cell.unsafe:
        return "tie"
    return "low posterior" if cell.posterior < confident else None


def _reason(cell: Cell, why: Why, gold: str) -> str:
    said = f"{cell.safe} safe, {cell.unsafe} unsafe, {cell.unsure} unsure, {cell.skipped} skipped"
    if cell.rulings:
        return f"{cell.rulings} adjudicators split evenly; raters: {said}"
    if why == "gold conflict":
        return f"gold says {gold}: {said}"
    return (
        f"{why} ({cell.label} {cell.posterior:.2f}): {said}" if why == "low posterior" else f"{why}: {said}"
    )


def _pressing(item: Disputed) -> tuple[int, float, str, str]:
    cell = item.cell
    return ORDER.index(item.why), cell.posterior, cell.image_id, cell.policy_id
