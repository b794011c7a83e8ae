"""How much the border of a fill stands out: the jump across its ring, against random rings of the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.region_check import bounding_box

from .images import Mask, Pixels

SECTORS = 8
RINGS = 24  # random places a ring is compared with
FLOOR = 0.25  # levels a pixel, added on both sides, so that a plain picture divides by no rounding error


@dataclass(frozen=True, slots=True)
class Ring:
    """The N pixels of a ring relative to its bounding box (`height` x `width`), and for each the unit normal
    (Nx2: down, right) and the sector around the ring's centre, 0..7."""

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    normals: NDArray[np.float32]
    sectors: NDArray[np.intp]
    height: int
    width: int


def seam(pixels: Pixels, allowed: Mask, ring_px: int) -> float:
    """The jump across the ring over the mean jump of the same ring at random other places.

    The ring are the outermost `ring_px` pixels of `allowed`, where fill and picture are blended. Its jump is
    the colour gradient along the normal, averaged in each of 8 sectors, where texture cancels out and a step
    of tone does not; the length of that RGB vector, averaged over the sectors by their pixels. 1 means that
    the border stands out no more than any like border drawn into the picture, larger that it does. 1.0 where
    no other place is free. The places are drawn with a fixed seed; at least half of a ring must lie on
    pixels that the edit left alone.
    """
    if not allowed.any() or allowed.all():
        return 1.0
    ring, (left, top, _, _) = ring_of(allowed, ring_px), bounding_box(allowed)
    mine = _jump(pixels, ring, top, left, np.ones(len(ring.rows), bool))
    others = [
        _jump(pixels, ring, y, x, free)
        for y, x in _places(ring, allowed.shape)
        if (free := ~allowed[ring.rows + y, ring.columns + x]).mean() >= 0.5
    ][:RINGS]
    return float((mine + FLOOR) / (np.mean(others) + FLOOR)) if others else 1.0


def ring_of(allowed: Mask, ring_px: int) -> Ring:
    """The ring of a region with at least one pixel."""
    from scipy.ndimage import distance_transform_edt, gaussian_filter

    x0, y0, x1, y1 = bounding_box(allowed)
    shape = np.pad(allowed[y0:y1, x0:x1], 2)
    inside = distance_transform_edt(shape)
    slope = np.stack(np.gradient(gaussian_filter(inside - distance_transform_edt(~shape), 1)), axis=-1)
    ring = (inside > 0) & (inside <= ring_px)
    rows, columns = np.nonzero(ring)
    normals = slope[ring] / (np.linalg.norm(slope[ring], axis=1, keepdims=True) + 1e-6)
    angle = np.arctan2(rows - rows.mean(), columns - columns.mean())
    sectors = ((angle + np.pi) / (2 * np.pi) * SECTORS).astype(np.intp) % SECTORS
    return Ring(rows - 2, columns - 2, normals.astype(np.float32), sectors, y1 - y0, x1 - x0)


def _places(ring: Ring, image: tuple[int, ...]) -> NDArray[np.int64]:
    """Where the ring's box may lie, as (top, left), four times as many as are needed."""
    rng = np.random.default_rng(0)
    room = (image[0] - ring.height + 1, image[1] - ring.width + 1)
    return rng.integers(0, room, (4 * RINGS, 2))


def _jump(pixels: Pixels, ring: Ring, top: int, left: int, use: NDArray[np.bool_]) -> float:
    """Levels a pixel, of the ring's pixels that are to be used."""
    rows, columns, sectors = ring.rows[use] + top, ring.columns[use] + left, ring.sectors[use]
    along = _gradient(pixels, rows, columns, axis=0) * ring.normals[use, :1]
    along += _gradient(pixels, rows, columns, axis=1) * ring.normals[use, 1:]
    sums = np.stack([np.bincount(sectors, channel, SECTORS) for channel in along.T])
    return float(np.linalg.norm(sums, axis=0).sum() / len(rows))


def _gradient(
    pixels: Pixels, rows: NDArray[np.intp], columns: NDArray[np.intp], axis: int
) -> NDArray[np.float32]:
    """The central difference along an axis at some pixels, Nx3; one-sided at the picture's border."""
    last = pixels.shape[axis] - 1
    place = (rows, columns)[axis]
    after, before = np.minimum(place + 1, last), np.maximum(place - 1, 0)
    ahead, behind = ((after, columns), (before, columns)) if axis == 0 else ((rows, after), (rows, before))
    difference = pixels[ahead].astype(np.float32) - pixels[behind]
    slope: NDArray[np.float32] = difference / np.maximum(after - before, 1).astype(np.float32)[:, None]
    return slope
