"""Where a control is edited: a region of the same shape on harmless content, in a place like the real one.

A judge who has learned to tell "was edited" must not be able to tell a control from a real edit. So of the
free places the one is taken that is most like the region's: near to it, as far from the border, and with
as much texture around it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.region_check import bounding_box

from .images import Mask, Pixels
from .region import around, margin_px, parts, ring_px, zones

MIN_PART = 16  # pixels; smaller specks of a mask get no sham of their own
SCALES = (1.0, 0.85, 0.7)
TRIES = 150  # places drawn anywhere, as many on the region's own row, and as many in its own column
REACH = 8  # pixels around a shape whose texture counts as its surroundings
COLUMN = 1.0  # what a place costs that is the picture's diagonal away to the side,
ROW = 2.0  # or above or below, where pictures show other things,
BORDER = 0.25  # that touches one border more or less than the region,
TEXTURE = 0.5  # whose surroundings have e times the region's gradients,
SIZE = 1.0  # where the shape is e times smaller


def sham_mask(mask: Mask, pixels: Pixels, seed: int) -> Mask | None:
    """Like shapes on harmless content: each part of the region moved (and mirrored) clear of all of them.

    Controls have the region's size, or as much of it as there is room for. None where a part has no free
    place at 0.7 of its width and height.
    """
    rng = np.random.default_rng(seed)
    texture = Texture.of(pixels)
    placed = np.zeros_like(mask)
    for part in parts(mask):
        if part.sum() < MIN_PART and placed.any():
            continue
        moved = _place(part, zones(mask).allowed | zones(placed).allowed, texture, rng)
        if moved is None:
            return None
        placed |= moved
    return placed if placed.any() else None


@dataclass(frozen=True, slots=True)
class Texture:
    """The grey gradient's length of a picture, in levels a pixel, and its sums over all upper left boxes."""

    length: NDArray[np.float64]
    sums: NDArray[np.float64]  # one row and column more

    @classmethod
    def of(cls, pixels: Pixels) -> Texture:
        length = np.hypot(*np.gradient(pixels.astype(np.float64).mean(axis=2)))
        return cls(length, np.pad(length.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0))))

    def around(self, part: Mask, forbidden: Mask) -> float:
        """Mean over the surroundings of a part, without what is forbidden; over these where that is all."""
        near = around(part, REACH)
        free = ~forbidden[near]
        return float(self.length[near][free].mean() if free.any() else self.length[near].mean())

    def inside(
        self, tops: NDArray[np.int64], lefts: NDArray[np.int64], size: tuple[int, int]
    ) -> NDArray[np.float64]:
        """Means over boxes of one size, with their surroundings."""
        height, width = self.length.shape
        y0, y1 = (tops - REACH).clip(0), (tops + size[0] + REACH).clip(max=height)
        x0, x1 = (lefts - REACH).clip(0), (lefts + size[1] + REACH).clip(max=width)
        total = self.sums[y1, x1] - self.sums[y0, x1] - self.sums[y1, x0] + self.sums[y0, x0]
        means: NDArray[np.float64] = total / ((y1 - y0) * (x1 - x0))
        return means


@dataclass(frozen=True, slots=True)
class Candidate:
    """A shape, the pixel its upper left corner goes to, and how unlike the region's own place that is."""

    shape: Mask
    top: int
    left: int
    cost: float


def _place(part: Mask, forbidden: Mask, texture: Texture, rng: np.random.Generator) -> Mask | None:
    """`part`, mirrored or scaled, in the free place most like its own, of those drawn."""
    drawn = [one for scale in SCALES for one in _candidates(part, forbidden, texture, scale, rng)]
    for one in sorted(drawn, key=lambda one: one.cost):
        h, w = one.shape.shape
        there = (slice(one.top, one.top + h), slice(one.left, one.left + w))
        if (forbidden[there] & one.shape).any():
            continue
        moved = np.zeros_like(part)
        moved[there] = one.shape
        if not (zones(moved).allowed & forbidden).any():
            return moved
    return None


def _candidates(
    part: Mask, forbidden: Mask, texture: Texture, scale: float, rng: np.random.Generator
) -> list[Candidate]:
    """Places for `part` at one scale, free or not."""
    x0, y0, x1, y1 = bounding_box(part)
    shape = _scaled(part[y0:y1, x0:x1], scale)[:, :: rng.choice([-1, 1])]
    h, w = shape.shape
    tops = _starts(y0, y1, h, part.shape[0], rng)
    lefts = np.roll(_starts(x0, x1, w, part.shape[1], rng), TRIES)
    away = np.hypot(ROW * (tops + h / 2 - (y0 + y1) / 2), COLUMN * (lefts + w / 2 - (x0 + x1) / 2))
    cost = away / np.hypot(part.shape[0], part.shape[1]) - SIZE * np.log(scale)
    wanted = texture.around(part, forbidden)
    cost += TEXTURE * np.abs(np.log((texture.inside(tops, lefts, (h, w)) + 1) / (wanted + 1)))
    near = margin_px(int(part.sum())) + ring_px(int(part.sum()))
    real = _at_borders(np.array([y0]), np.array([x0]), (y1 - y0, x1 - x0), part.shape, near)
    cost += BORDER * np.abs(_at_borders(tops, lefts, (h, w), part.shape, near) - real)
    return [
        Candidate(shape, int(top), int(left), float(of))
        for top, left, of in zip(tops, lefts, cost, strict=True)
    ]


def _starts(start: int, end: int, length: int, size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Places along one axis: 2 TRIES drawn uniformly, and TRIES times the region's own, at its border."""
    own = size - length if end == size else start
    return np.concatenate([rng.integers(0, size - length + 1, 2 * TRIES), np.full(TRIES, own)])


def _at_borders(
    tops: NDArray[np.int64],
    lefts: NDArray[np.int64],
    size: tuple[int, int],
    image: tuple[int, ...],
    near: int,
) -> NDArray[np.int64]:
    """Of how many borders of the picture each box is less than `near` pixels away."""
    bottoms, rights = image[0] - tops - size[0], image[1] - lefts - size[1]
    touching: NDArray[np.int64] = np.sum([gap < near for gap in (tops, lefts, bottoms, rights)], axis=0)
    return touching


def _scaled(shape: Mask, scale: float) -> Mask:
    """Nearest-neighbour resize, which keeps at least one pixel a side."""
    h, w = shape.shape
    rows = (np.arange(max(1, round(h * scale))) / scale).astype(int).clip(0, h - 1)
    columns = (np.arange(max(1, round(w * scale))) / scale).astype(int).clip(0, w - 1)
    resized: Mask = shape[np.ix_(rows, columns)]
    return resized
