"""Grain for drawn surfaces: tileable noise, made once a process and laid over paint."""

from __future__ import annotations

import functools

import numpy as np
import skia
from numpy.typing import NDArray

from .canvas import picture, tiled
from .shapes import Shape

TILE = 256


@functools.cache
def noise(roughness: float, stretch: float, seed: int) -> NDArray[np.float32]:
    """Tileable noise TILE x TILE of mean 0.5 and deviation 0.2, clipped to 0..1.

    Its spectrum falls as frequency ** -roughness (0 is sand, 2 is cloud); features are `stretch` times
    as long as high.
    """
    rows = np.fft.fftfreq(TILE)[:, None] * TILE
    columns = np.fft.rfftfreq(TILE)[None, :] * TILE * stretch
    reach = np.hypot(rows, columns)
    reach[0, 0] = 1.0
    white = np.fft.rfft2(np.random.default_rng(seed).standard_normal((TILE, TILE)))
    field = np.fft.irfft2(white / reach**roughness, s=(TILE, TILE))
    field = (field - field.mean()) / field.std()
    grey: NDArray[np.float32] = np.clip(0.5 + 0.2 * field, 0.0, 1.0).astype(np.float32)
    return grey


@functools.cache
def _tile(roughness: float, stretch: float, seed: int) -> skia.Image:
    grey = np.round(noise(roughness, stretch, seed) * 255).astype(np.uint8)
    return picture(np.dstack([grey, grey, grey, np.full_like(grey, 255)]))


def grain(
    canvas: skia.Canvas,
    shape: Shape,
    roughness: float = 1.0,
    stretch: float = 1.0,
    scale: float = 1.0,
    alpha: float = 0.5,
    seed: int = 1,
) -> None:
    """Lays noise over a shape as soft light: it darkens and lightens what is there.

    `alpha` is its strength in 0..1, `scale` the width of one of its pixels in units; see `noise`.
    """
    canvas.drawPath(shape, _grain_paint(roughness, stretch, scale, alpha, seed))


@functools.cache  # giving a paint an image shader takes 30 ms: the binding copies the image through PNG
def _grain_paint(roughness: float, stretch: float, scale: float, alpha: float, seed: int) -> skia.Paint:
    return tiled(_tile(roughness, stretch, seed), (scale, scale), skia.BlendMode.kOverlay, alpha)


@functools.cache
def film_grain(size: int) -> NDArray[np.int16]:
    """Sensor noise of a 2 x size square with deviation 1.0 in units of 1/16, to be rolled and scaled."""
    values = np.random.default_rng(9).standard_normal((size, size)) * 16
    return np.round(values).astype(np.int16)
