"""What a drawn scene is: pixels, their clean counterpart, and the exact truth about both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Split = Literal["train", "test"]
SPLITS: tuple[Split, ...] = ("train", "test")


@dataclass(frozen=True, slots=True)
class SceneObject:
    """One thing of a scene. `box` is x0, y0, x1, y1 in pixels, the right and lower edge exclusive.

    `box` encloses the thing as drawn, before anything in front of it hides a part, cut to the picture.
    """

    concept: str | None  # None for an ordinary thing
    name: str
    contexts: tuple[str, ...]
    style: str
    box: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture, the same picture without its regulated things, and what is in it.

    `image` and `clean` are uint8 H x W x 3 in RGB. `mask` is bool H x W and true exactly where the two
    differ, so it covers the regulated things and their shadows. Props of a context (a plinth, a tray, an
    empty sign) stay in `clean`.
    """

    seed: int
    image: NDArray[np.uint8]
    clean: NDArray[np.uint8]
    mask: NDArray[np.bool_]
    objects: tuple[SceneObject, ...]
    background: str

    @property
    def regulated(self) -> tuple[SceneObject, ...]:
        """The things that a policy may speak about, nearest to the viewer last."""
        return tuple(thing for thing in self.objects if thing.concept is not None)
