"""Geometry of an edit, in numpy: dilation, crop, alpha, composite, the digest of what must not change.

Three zones: alpha is 1 on the region and a thin margin around it, falls to 0 across the ring, and is 0
outside. A pixel with alpha 0 is copied, not blended, so it is bit-identical by construction; the digest
of those pixels proves it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from bench.region_check import bounding_box

from .images import Mask, Pixels

S = TypeVar("S", bound=np.generic)
Canvas = tuple[int, int]  # width, height in pixels


@dataclass(frozen=True, slots=True)
class Zones:
    """`core`: replaced. `allowed`: core and ring, all that may change. `alpha`: HxW float32 in [0, 1]."""

    core: Mask
    allowed: Mask
    alpha: NDArray[np.float32]
    ring_px: int


@dataclass(frozen=True, slots=True)
class Crop:
    """A window of the image, in pixels, and the canvas it is edited at."""

    x0: int
    y0: int
    width: int
    height: int
    canvas: Canvas


def margin_px(area: int) -> int:
    """How far an object's edge, shadow and reflection reach past its mask: grows with the object's size."""
    return int(np.clip(round(0.04 * area**0.5), 2, 12))


def ring_px(area: int) -> int:
    """Width of the blending ring, in pixels."""
    return int(np.clip(round(0.12 * area**0.5), 4, 24))


def zones(mask: Mask) -> Zones:
    """The three zones of a region. Holes in the mask are filled first. An empty mask allows no change."""
    from scipy.ndimage import binary_fill_holes, distance_transform_edt

    alpha = np.zeros(mask.shape, np.float32)
    core = np.zeros(mask.shape, bool)
    if not mask.any():
        return Zones(core, core, alpha, 0)
    filled = mask.copy()
    inner = around(mask, 1)  # a pixel more than the mask, so that what is outside is connected
    filled[inner] = binary_fill_holes(mask[inner])
    area = int(filled.sum())
    margin, ring = margin_px(area), ring_px(area)
    near = around(mask, margin + ring + 1)  # no pixel farther away has an alpha
    distance = distance_transform_edt(~filled[near]) - margin
    alpha[near] = np.clip(1 - distance / (ring + 1), 0, 1)
    core[near] = distance <= 0
    return Zones(core, alpha > 0, alpha, ring)


def around(mask: Mask, reach: int) -> tuple[slice, slice]:
    """Rows and columns of the True pixels' bounding box and `reach` pixels on every side of it."""
    x0, y0, x1, y1 = bounding_box(mask)
    return slice(max(0, y0 - reach), y1 + reach), slice(max(0, x0 - reach), x1 + reach)


def crop_around(mask: Mask, *, context: float, canvases: Sequence[int | Canvas]) -> Crop:
    """A window around the True pixels with `context` x its longer side as margin, in a canvas's shape.

    Of the canvases (an int is a square) the smallest that holds it is taken, else the one that shrinks it
    least. Near a border the window is shifted, not shrunk, so the editor sees as much context as there is.
    """
    x0, y0, x1, y1 = bounding_box(mask)
    margin = max(8, round(context * max(x1 - x0, y1 - y0)))
    need = (x1 - x0 + 2 * margin, y1 - y0 + 2 * margin)
    windows = [_window(need, (one, one) if isinstance(one, int) else one, mask.shape) for one in canvases]
    _, _, _, canvas, (w, h) = min(windows)
    left = int(np.clip((x0 + x1 - w) // 2, 0, mask.shape[1] - w))
    top = int(np.clip((y0 + y1 - h) // 2, 0, mask.shape[0] - h))
    return Crop(left, top, w, h, canvas)


def _window(
    need: Canvas, canvas: Canvas, image: tuple[int, ...]
) -> tuple[float, float, int, Canvas, tuple[int, int]]:
    """How much a canvas would shrink and stretch what the image has of a window of the needed size, the
    canvas's area, the canvas, and the window.

    The window is never smaller than the canvas, since more context is better than enlarging, unless the
    image is; what the image cuts off is made up by stretching.
    """
    height, width = image
    scale = max(1.0, need[0] / canvas[0], need[1] / canvas[1])
    w, h = min(round(canvas[0] * scale), width), min(round(canvas[1] * scale), height)
    shrink = max(1.0, min(need[0], width) / canvas[0], min(need[1], height) / canvas[1])
    stretch = abs(np.log(w * canvas[1] / (h * canvas[0])))
    return shrink, float(stretch), canvas[0] * canvas[1], canvas, (w, h)


def cut(array: NDArray[S], crop: Crop) -> NDArray[S]:
    """The window of an HxW or HxWxC array."""
    return array[crop.y0 : crop.y0 + crop.height, crop.x0 : crop.x0 + crop.width]


def composite(original: Pixels, edited: Pixels, crop: Crop, alpha: NDArray[np.float32]) -> Pixels:
    """`original` with the window replaced by `edited` (same size as the window) where alpha allows it."""
    if edited.shape[:2] != (crop.height, crop.width):
        raise ValueError(f"edited crop is {edited.shape[:2]}, the window is {(crop.height, crop.width)}")
    result = original.copy()
    window = result[crop.y0 : crop.y0 + crop.height, crop.x0 : crop.x0 + crop.width]
    weight = cut(alpha, crop)[..., None].astype(np.float32)
    blended = np.rint(weight * edited + (1 - weight) * window).astype(np.uint8)
    np.copyto(window, blended, where=weight > 0)
    return result


def parts(mask: Mask) -> list[Mask]:
    """The connected parts of a mask, largest first."""
    from scipy.ndimage import label

    box = around(mask, 0)
    labels, count = label(mask[box], structure=np.ones((3, 3)))
    sizes = np.bincount(labels.ravel())
    found = []
    for index in sorted(range(1, count + 1), key=lambda part: -sizes[part]):
        found.append(np.zeros_like(mask))
        found[-1][box] = labels == index
    return found
