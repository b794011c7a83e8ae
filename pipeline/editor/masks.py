"""Random holes to train on: lumps, and shapes put together from simple parts as objects are.

Every mask is a bool (size, size) array that is True where the pixel is to be replaced. Holes lie around
the middle, since the editor is given crops that were cut around what is to go.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Field = NDArray[np.float64]  # a height map; the highest part of it becomes the hole

SHARE = (0.05, 0.40)  # of the crop's area


def random_mask(rng: np.random.Generator, size: int) -> Mask:
    """A hole that covers 5 to 40 % of the crop."""
    field = _KINDS[rng.integers(len(_KINDS))](rng, size)
    share = rng.uniform(*SHARE)
    return field >= np.quantile(field, 1 - share)


def _grid(size: int) -> tuple[Field, Field]:
    """Pixel centres, x then y, in [-1, 1]."""
    axis = (np.arange(size) + 0.5) / size * 2 - 1
    x, y = np.meshgrid(axis, axis)
    return x, y


def _lump(rng: np.random.Generator, size: int) -> Field:
    """Smooth noise under a cone: one or a few ragged patches near the middle."""
    x, y = _turned(rng, size, spread=0.4)
    noise = np.zeros_like(x)
    for frequency in (2, 4, 8):
        phase_x, phase_y = rng.uniform(0, 2 * np.pi, 2)
        tilt = rng.uniform(-1, 1)
        noise += np.sin(frequency * x + tilt * y + phase_x) * np.sin(frequency * y + phase_y) / frequency
    return noise - np.hypot(x, y) * rng.uniform(0.8, 2.5)


def _parts(rng: np.random.Generator, size: int) -> Field:
    """A union of one to four bars and ellipses that meet, like a handle and a head."""
    x, y = _turned(rng, size, spread=0.3)
    field = np.full_like(x, -np.inf)
    for _ in range(rng.integers(1, 5)):
        field = np.maximum(field, -_part_distance(rng, x, y))
    return field


def _part_distance(rng: np.random.Generator, x: Field, y: Field) -> Field:
    """Roughly the distance to one bar or ellipse near the origin."""
    angle = rng.uniform(0, np.pi)
    shift_x, shift_y = rng.normal(0, 0.25, 2)
    along = (x - shift_x) * np.cos(angle) + (y - shift_y) * np.sin(angle)
    across = (y - shift_y) * np.cos(angle) - (x - shift_x) * np.sin(angle)
    long, thin = rng.uniform(0.2, 0.7), rng.uniform(0.05, 0.3)
    if rng.random() < 0.5:
        distance: Field = np.hypot(along / long, across / thin) * thin - thin
    else:
        distance = np.maximum(np.abs(along) - long, np.abs(across) - thin)
    return distance


def _turned(rng: np.random.Generator, size: int, *, spread: float) -> tuple[Field, Field]:
    """The grid moved by up to `spread` and turned by any angle."""
    x, y = _grid(size)
    shift_x, shift_y = rng.uniform(-spread, spread, 2)
    angle = rng.uniform(0, 2 * np.pi)
    x, y = x - shift_x, y - shift_y
    return x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)


_KINDS: tuple[Callable[[np.random.Generator, int], Field], ...] = (_lump, _parts, _parts)
