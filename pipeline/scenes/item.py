"""One thing at its place in the picture."""

from __future__ import annotations

from dataclasses import dataclass

import skia

from .contexts import Group
from .shapes import joined
from .styles import Style


@dataclass(frozen=True, slots=True)
class View:
    """The square of the place that the picture shows: its upper left corner and its side."""

    left: float = 0.0
    top: float = 0.0
    side: float = 256.0

    @property
    def matrix(self) -> skia.Matrix:
        """From the place to the picture, both in units of 256."""
        matrix = skia.Matrix()
        matrix.setTranslate(-self.left, -self.top)
        matrix.postScale(256 / self.side, 256 / self.side)
        return matrix


@dataclass(frozen=True, slots=True)
class Item:
    """A thing with its props; (`x`, `y`) is where the origin of its frame goes, in units of 256."""

    concept: str | None
    name: str
    contexts: tuple[str, ...]
    style: Style
    group: Group
    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0  # units of the picture per unit of the thing
    turn: float = 0.0  # degrees, clockwise
    squash: float = 1.0  # height over width after turning: things that lie are seen from the side

    @property
    def matrix(self) -> skia.Matrix:
        """From the units of the thing to the 256 units of the picture."""
        matrix = skia.Matrix()
        matrix.setScale(self.scale, self.scale)
        matrix.postRotate(self.turn)
        matrix.postScale(1.0, self.squash)
        matrix.postTranslate(self.x, self.y)
        return matrix

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom around the origin of the frame, in units of 256."""
        bounds = self.matrix.mapRect(skia.Rect.MakeLTRB(*self.group.drawing.box))
        return (
            bounds.left() - self.x,
            bounds.top() - self.y,
            bounds.right() - self.x,
            bounds.bottom() - self.y,
        )

    def thing_box(self, view: View, size: int) -> tuple[int, int, int, int]:
        """The box of the thing without its props in a picture of that size, cut to the picture."""
        shape = joined(part.shape for part in self.group.thing if part.finish != "glow")
        shape.transform(self.matrix)
        shape.transform(view.matrix)
        bounds, unit = shape.computeTightBounds(), size / 256
        left, top = max(0, int(bounds.left() * unit)), max(0, int(bounds.top() * unit))
        return (
            left,
            top,
            min(size, int(bounds.right() * unit) + 1),
            min(size, int(bounds.bottom() * unit) + 1),
        )
