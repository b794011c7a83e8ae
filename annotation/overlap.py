"""How many raters an image needs: three votes a cell, five where the posterior stays low.

One form answers every policy, so further votes are asked for by image: as many as its neediest cell wants.
Answers without a vote (`unsure`, `skipped`) are not asked again for ever: a cell that five raters have
seen goes to an adjudicator instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotation.cells import Cell

BASE, MOST = 3, 5  # votes a cell
CONFIDENT = 0.9  # a posterior below this wants more votes


@dataclass(frozen=True, slots=True)
class ImageNeed:
    """An image that needs `forms` further raters now because of the cells of `policies`, and at most
    `at_most` should those cells stay undecided."""

    image_id: str
    forms: int
    at_most: int
    policies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Overlap:
    """What is still to be asked, the neediest images first."""

    images: tuple[ImageNeed, ...]

    @property
    def forms(self) -> int:
        """Further forms wanted now, in all."""
        return sum(need.forms for need in self.images)

    @property
    def at_most(self) -> int:
        """The budget to have at hand: further forms if no cell of these images is decided before `most`."""
        return sum(need.at_most for need in self.images)


def more_votes(
    cells: Sequence[Cell], *, base: int = BASE, most: int = MOST, confident: float = CONFIDENT
) -> Overlap:
    """The images that need more raters: `base` votes in every cell, up to `most` below `confident`.

    A cell an adjudicator ruled on needs none. Gold cells need their votes too: they measure raters. Raises
    ValueError unless 1 <= base <= most.
    """
    if not 1 <= base <= most:
        raise ValueError(f"base {base} and most {most} votes: give 1 <= base <= most")
    images: dict[str, list[tuple[Cell, int]]] = {}
    for cell in cells:
        if further := further_votes(cell, base=base, most=most, confident=confident):
            images.setdefault(cell.image_id, []).append((cell, further))
    needs = [_need(image, needy, most) for image, needy in images.items()]
    return Overlap(tuple(sorted(needs, key=lambda need: (-need.forms, need.image_id))))


def _need(image_id: str, needy: Sequence[tuple[Cell, int]], most: int) -> ImageNeed:
    return ImageNeed(
        image_id=image_id,
        forms=max(further for _, further in needy),
        at_most=most - min(cell.answers for cell, _ in needy),
        policies=tuple(cell.policy_id for cell, _ in needy),
    )


def further_votes(cell: Cell, *, base: int = BASE, most: int = MOST, confident: float = CONFIDENT) -> int:
    """Further raters that one cell wants now."""
    if cell.settled_by == "adjudicator" or cell.answers >= most:
        return 0
    if cell.votes < base:
        return min(base - cell.votes, most - cell.answers)
    # One more at a time: the next vote may already decide.
    return int(cell.posterior < confident)
