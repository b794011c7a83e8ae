"""Places: what is behind the things, and where in it they can stand.

Each place is a function that paints 256 x 256 units and says nothing else; its `Background` adds the
support plane. Nothing in a place is regulated by any policy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import skia

Paint = Callable[[skia.Canvas, Random], None]


@dataclass(frozen=True, slots=True)
class Background:
    """`back` and `front` are the heights (y, in units of 256) between which bases stand; things at the
    back are drawn `far` times as large. `wall` is where signs hang (left, top, right, bottom), None where
    there is none.
    """

    name: str
    paint: Paint
    back: float = 168.0
    front: float = 236.0
    far: float = 0.8
    wall: tuple[float, float, float, float] | None = (20.0, 16.0, 236.0, 130.0)
    room: bool = False  # a floor that carries large things
    held_out: bool = False
    light: float = 1.0  # brightness of things placed here
    suits: str = ""  # the context that belongs here more than elsewhere

    def scale_at(self, y: float) -> float:
        """How large a thing is whose base is at height y."""
        share = (y - self.back) / max(1.0, self.front - self.back)
        return self.far + (1.0 - self.far) * min(1.0, max(0.0, share))
