"""Things pasted into training pictures: drawings, places, sizes and backgrounds that no scene has.

`paste` puts one thing into each chosen picture, on a place where nothing regulated is, and says in the
cells what it shows. It draws from the step's generator only, so a batch stays a function of seed and step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

MOST_TURNED = 25.0  # degrees
COVERED = 0.4  # of a cell, from where on it shows the thing
TRIES = 8  # places looked at before a picture is left as it is
SHADOWED, CUT = 0.4, 0.2  # shares of things that cast a shadow, and of those that are partly hidden


@dataclass(frozen=True, slots=True)
class Piece:
    """A thing to paste: straight RGBA uint8 (H, W, 4), its longer side in pixels once pasted, and what it
    writes into cells (0: it is ordinary)."""

    rgba: Pixels
    longest: float
    number: int


Supply = Callable[[np.random.Generator, float], Piece | None]  # the float: the picture's mean grey level


def paste(
    images: Pixels, cells: Pixels, supply: Supply, chosen: NDArray[np.bool_], generator: np.random.Generator
) -> tuple[Pixels, Pixels, list[int]]:
    """Paste one piece of `supply` into each chosen picture of (B, S, S, 3) with cells (B, T).

    Returns new pictures, new cells and the number written into each picture's cells, 0 where none was.
    """
    images, cells, written = images.copy(), cells.copy(), [0] * len(images)
    for i in np.flatnonzero(chosen):
        piece = supply(generator, float(images[i].mean()))
        if piece is not None:
            layer = partly_hidden(warped(piece, generator), generator)
            corner = free_place(cells[i], layer.shape[:2], images.shape[1], generator)
            if corner is not None:
                covered = lay(images[i], layer, corner, int(cells.shape[1] ** 0.5), generator)
                cells[i, covered] = piece.number
                written[i] = piece.number
    return images, cells, written


def warped(piece: Piece, generator: np.random.Generator) -> Floats:
    """The piece sized, mirrored half of the time, sheared and turned: premultiplied RGBA, 0..1."""
    size = np.array(piece.rgba.shape[1::-1]) * piece.longest / max(piece.rgba.shape[:2])
    alpha = piece.rgba[..., 3:].astype(np.uint16)
    solid = np.concatenate([(piece.rgba[..., :3] * alpha + 127) // 255, alpha], axis=-1).astype(np.uint8)
    small = Image.fromarray(solid).resize(
        (max(2, round(size[0])), max(2, round(size[1]))), Image.Resampling.BOX
    )
    angle = radians(generator.uniform(-MOST_TURNED, MOST_TURNED))
    turn = np.array([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]])
    shear = np.array(
        [[generator.choice([-1.0, 1.0]), generator.uniform(-0.2, 0.2)], [0, generator.uniform(0.8, 1.2)]]
    )
    matrix = turn @ shear
    width, height = np.ceil(np.abs(matrix) @ small.size).astype(int) + 2
    back = np.linalg.inv(matrix)
    offset = np.array(small.size) / 2 - back @ (np.array([width, height]) / 2)
    coefficients = (*back[0], offset[0], *back[1], offset[1])
    turned = small.transform(
        (int(width), int(height)), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR
    )
    return np.asarray(np.asarray(turned) / np.float32(255), dtype=np.float32)


def partly_hidden(layer: Floats, generator: np.random.Generator) -> Floats:
    """One layer in five loses up to a third of itself behind a straight edge."""
    if generator.random() >= CUT:
        return layer
    angle = generator.uniform(0, 2 * np.pi)
    rows, columns = np.indices(layer.shape[:2])
    along = columns * cos(angle) + rows * sin(angle)
    edge = (
        np.quantile(along[layer[..., 3] > 0.5], generator.uniform(0.66, 1))
        if layer[..., 3].max() > 0.5
        else 0
    )
    return np.asarray(layer * (along <= edge)[..., None]) if edge else layer


def free_place(
    cells: Pixels, size: tuple[int, ...], side: int, generator: np.random.Generator
) -> tuple[int, int] | None:
    """A corner (y, x) where a layer of `size` touches no regulated cell of one picture (T), or None. A
    seventh of the layer may lie outside the picture."""
    grid = int(len(cells) ** 0.5)
    taken, pixels = cells.reshape(grid, grid) > 0, side // grid
    for _ in range(TRIES):
        y, x = (int(generator.uniform(-n / 7, max(side - n * 6 / 7, 1 - n / 7))) for n in size)
        rows = slice(max(y, 0) // pixels, (y + size[0] - 1) // pixels + 1)
        columns = slice(max(x, 0) // pixels, (x + size[1] - 1) // pixels + 1)
        if not taken[rows, columns].any():
            return y, x
    return None


def lay(
    image: Pixels, layer: Floats, corner: tuple[int, int], grid: int, generator: np.random.Generator
) -> NDArray[np.bool_]:
    """Lay a layer over the picture (S, S, 3), in place; returns which cells (T) it covers."""
    side = image.shape[0]
    whole = np.zeros((side, side, 4), dtype=np.float32)
    (y, x), (height, width) = corner, layer.shape[:2]
    top, left, bottom, right = max(y, 0), max(x, 0), min(y + height, side), min(x + width, side)
    whole[top:bottom, left:right] = layer[top - y : bottom - y, left - x : right - x]
    ground = image.astype(np.float32)
    if generator.random() < SHADOWED:
        ground *= 1 - shadow(whole[..., 3], generator)[..., None]
    image[:] = ground * (1 - whole[..., 3:]) + whole[..., :3] * 255 + 0.5
    return covered_cells(whole[..., 3], grid)


def shadow(alpha: Floats, generator: np.random.Generator) -> Floats:
    """How much darker a soft shadow of alpha (S, S) makes the picture, 0..1: moved by up to six pixels."""
    soft = Image.fromarray((alpha * 255).astype(np.uint8)).filter(
        ImageFilter.BoxBlur(generator.uniform(1, 4))
    )
    dark = np.asarray(soft, dtype=np.float32) / 255 * np.float32(generator.uniform(0.2, 0.6))
    return np.roll(dark, generator.integers(-6, 7, 2), axis=(0, 1))


def covered_cells(alpha: Floats, grid: int) -> NDArray[np.bool_]:
    """The cells (grid * grid) of which alpha (S, S) covers COVERED, counted as what lies within its outline.

    A thing too thin for that covers the cells it fills half as much as the one it fills most.
    """
    within = enclosed(alpha > 0.5)
    shares = within.reshape(grid, within.shape[0] // grid, grid, -1).mean((1, 3)).ravel()
    return np.asarray((shares > 0) & (shares >= min(COVERED, shares.max() / 2)))


def enclosed(solid: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels (S, S) between solid ones both in their row and in their column."""
    spans = [
        np.maximum.accumulate(solid, axis) & np.maximum.accumulate(solid[::-1, ::-1], axis)[::-1, ::-1]
        for axis in (0, 1)
    ]
    return np.asarray(spans[0] & spans[1])
