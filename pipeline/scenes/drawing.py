"""A thing as data: coloured parts from back to front, with how each is rounded and what it is made of.

The styles (`styles.py`) decide how parts become paint, so every drawing exists in every style.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Literal

from .colour import RGB
from .shapes import Shape, box_of, flipped, moved

Form = Literal["plane", "column", "bar", "ball"]  # flat, upright cylinder, lying cylinder, sphere
Finish = Literal["matte", "gloss", "metal", "glass", "glow"]
Pose = Literal["stand", "lie", "hang"]


@dataclass(frozen=True, slots=True)
class Part:
    """One coloured area, or with `width` > 0 one stroked line of that width."""

    shape: Shape
    colour: RGB
    form: Form = "plane"
    finish: Finish = "matte"
    width: float = 0.0
    alpha: float = 1.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """Parts in thing units: a standing thing has its base at y = 0, others are centred on the origin.

    `size` is the length of 100 units in pixels of a 256 pixel picture at the front of its support.
    `tip` is where a toy gets its bright end: x, y and half its thickness.
    """

    parts: tuple[Part, ...]
    pose: Pose = "stand"
    size: float = 80.0
    tip: tuple[float, float, float] | None = None

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom in thing units."""
        return box_of(part.shape for part in self.parts)


Draw = Callable[[Random], Drawing]


@dataclass(frozen=True, slots=True)
class Variant:
    """One way a concept can look. `room` drawings need a floor, not a table top."""

    name: str
    draw: Draw
    held_out: bool = False  # drawn only in the split "test"
    room: bool = False
    turn: float = 8.0  # most degrees it may be turned from upright; 180 for things that lie any way
    flips: bool = True  # False for things with writing
    hangs: bool = False  # needs a wall


def fill(
    shape: Shape, colour: RGB, form: Form = "plane", finish: Finish = "matte", alpha: float = 1.0
) -> Part:
    return Part(shape, colour, form, finish, 0.0, alpha)


def stroke(shape: Shape, colour: RGB, width: float, finish: Finish = "matte", alpha: float = 1.0) -> Part:
    return Part(shape, colour, "plane", finish, width, alpha)


def shifted(
    parts: tuple[Part, ...], dx: float, dy: float, scale: float = 1.0, turn: float = 0.0
) -> tuple[Part, ...]:
    """The parts moved as one."""
    return tuple(
        replace(part, shape=moved(part.shape, dx, dy, scale, turn), width=part.width * scale)
        for part in parts
    )


def mirrored(drawing: Drawing) -> Drawing:
    """Left and right exchanged."""
    tip = (-drawing.tip[0], *drawing.tip[1:]) if drawing.tip else None
    return replace(
        drawing, parts=tuple(replace(part, shape=flipped(part.shape)) for part in drawing.parts), tip=tip
    )


def grounded(drawing: Drawing) -> Drawing:
    """A hanging thing taken off its wall to stand at y = 0; others as they are."""
    if drawing.pose != "hang":
        return drawing
    return replace(drawing, parts=shifted(drawing.parts, 0, -drawing.box[3]), pose="stand")


def recoloured(drawing: Drawing, change: Callable[[RGB], RGB]) -> Drawing:
    return replace(drawing, parts=tuple(replace(part, colour=change(part.colour)) for part in drawing.parts))
