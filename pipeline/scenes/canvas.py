"""The Skia calls behind the drawings: paints, gradients, blurs, layers and surfaces."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import skia
from numpy.typing import NDArray

from .colour import RGB
from .shapes import Shape

Corner = tuple[float, float]  # a place in a box, both in 0..1


def _argb(colour: RGB, alpha: float = 1.0) -> int:
    return int(skia.Color(*colour, round(255 * min(1.0, max(0.0, alpha)))))


def filled(colour: RGB, alpha: float = 1.0) -> skia.Paint:
    return skia.Paint(AntiAlias=True, Color=_argb(colour, alpha))


def stroked(colour: RGB, width: float, alpha: float = 1.0) -> skia.Paint:
    """A line with round ends and joins."""
    return skia.Paint(
        AntiAlias=True,
        Color=_argb(colour, alpha),
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=width,
        StrokeCap=skia.Paint.kRound_Cap,
        StrokeJoin=skia.Paint.kRound_Join,
    )


def blurred(colour: RGB, sigma: float, alpha: float = 1.0, width: float = 0.0) -> skia.Paint:
    """A fill (or a line of that width) with soft edges; `sigma` in the units of the drawing."""
    paint = stroked(colour, width, alpha) if width else filled(colour, alpha)
    paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, max(0.1, sigma)))
    return paint


def gradient(
    bounds: skia.Rect,
    start: Corner,
    end: Corner,
    stops: Sequence[RGB],
    places: Sequence[float] | None = None,
    alpha: float = 1.0,
) -> skia.Paint:
    """A linear gradient between two places of the box."""
    points = [_place(bounds, start), _place(bounds, end)]
    colours = [_argb(stop) for stop in stops]
    paint = filled((0, 0, 0), alpha)
    paint.setShader(skia.GradientShader.MakeLinear(points, colours, list(places) if places else []))
    return paint


def radial(
    bounds: skia.Rect,
    centre: Corner,
    stops: Sequence[RGB],
    places: Sequence[float] | None = None,
    alpha: float = 1.0,
) -> skia.Paint:
    """A round gradient from a place of the box to just beyond its farthest side."""
    radius = max(0.5, 0.8 * max(bounds.width(), bounds.height()))
    colours = [_argb(stop) for stop in stops]
    paint = filled((0, 0, 0), alpha)
    shader = skia.GradientShader.MakeRadial(
        _place(bounds, centre), radius, colours, list(places) if places else []
    )
    paint.setShader(shader)
    return paint


def fading(
    bounds: skia.Rect, start: Corner, end: Corner, colour: RGB, first: float, last: float
) -> skia.Paint:
    """One colour whose opacity runs from `first` to `last`."""
    points = [_place(bounds, start), _place(bounds, end)]
    paint = skia.Paint(AntiAlias=True)
    paint.setShader(skia.GradientShader.MakeLinear(points, [_argb(colour, first), _argb(colour, last)]))
    return paint


def halo(x: float, y: float, radius: float, colour: RGB, alpha: float) -> skia.Paint:
    """A round glow that fades to nothing at `radius`."""
    paint = skia.Paint(AntiAlias=True)
    paint.setShader(
        skia.GradientShader.MakeRadial(skia.Point(x, y), radius, [_argb(colour, alpha), _argb(colour, 0.0)])
    )
    return paint


def _place(bounds: skia.Rect, corner: Corner) -> skia.Point:
    return skia.Point(
        bounds.left() + float(corner[0]) * bounds.width(), bounds.top() + float(corner[1]) * bounds.height()
    )


@functools.lru_cache(maxsize=32)
def hatch(degrees: float, spacing: float) -> Shape:
    """Parallel lines over a square of 320 units around the origin, in that direction."""
    path, angle = skia.Path(), math.radians(degrees)
    along, across = (math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))
    for index in range(int(-160 / spacing), int(160 / spacing) + 1):
        x, y = across[0] * index * spacing, across[1] * index * spacing
        path.moveTo(x - 160 * along[0], y - 160 * along[1])
        path.lineTo(x + 160 * along[0], y + 160 * along[1])
    return path


@contextmanager
def layer(
    canvas: skia.Canvas, sigma: float = 0.0, alpha: float = 1.0, bounds: skia.Rect | None = None
) -> Iterator[None]:
    """What is drawn inside becomes one sheet: blurred by `sigma`, then laid on with `alpha`."""
    paint = skia.Paint(Color=_argb((0, 0, 0), alpha))
    if sigma > 0:
        paint.setImageFilter(skia.ImageFilters.Blur(sigma, sigma))
    canvas.saveLayer(bounds, paint)
    try:
        yield
    finally:
        canvas.restore()


@contextmanager
def placed(canvas: skia.Canvas, matrix: skia.Matrix) -> Iterator[None]:
    canvas.save()
    canvas.concat(matrix)
    try:
        yield
    finally:
        canvas.restore()


def sheet(size: int) -> tuple[NDArray[np.uint8], skia.Canvas]:
    """A white picture (uint8 size x size x 4, RGBA) and a canvas on it with 256 units across."""
    pixels = np.full((size, size, 4), 255, dtype=np.uint8)
    surface = skia.Surface(pixels, colorType=skia.kRGBA_8888_ColorType)
    canvas = surface.getCanvas()
    canvas.scale(size / 256, size / 256)
    return pixels, canvas


def picture(pixels: NDArray[np.uint8]) -> skia.Image:
    """A Skia image over an RGBA array."""
    return skia.Image.fromarray(np.ascontiguousarray(pixels), colorType=skia.kRGBA_8888_ColorType)


def tiled(image: skia.Image, scale: Corner, blend_mode: skia.BlendMode, alpha: float = 1.0) -> skia.Paint:
    """A paint that repeats an image, one of its pixels being `scale` units wide and high."""
    paint = skia.Paint(Color=_argb((0, 0, 0), alpha), BlendMode=blend_mode)
    matrix = skia.Matrix.Scale(*scale)
    sampling = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kNone)
    paint.setShader(image.makeShader(skia.TileMode.kRepeat, skia.TileMode.kRepeat, sampling, matrix))
    return paint


def quad(source: Sequence[Corner], target: Sequence[Corner]) -> skia.Matrix:
    """The perspective map that takes four corners to four corners."""
    matrix = skia.Matrix()
    matrix.setPolyToPoly([skia.Point(*p) for p in source], [skia.Point(*p) for p in target])
    return matrix


def lit(bounds: skia.Rect, light: float, strength: float, brightness: float) -> skia.Paint:
    """Light from one side over what the layer holds: `strength` of shade on the far side.

    `brightness` below 1 darkens all of it, for things in a dim place.
    """
    near = 1 - brightness
    far = min(1.0, near + strength)
    points = [_place(bounds, (light > 0, 0)), _place(bounds, (light < 0, 1))]
    shades = [_argb((10, 8, 24), near), _argb((10, 8, 24), near + strength * 0.2), _argb((10, 8, 24), far)]
    paint = skia.Paint(BlendMode=skia.BlendMode.kSrcATop)
    paint.setShader(skia.GradientShader.MakeLinear(points, shades, [0.0, 0.5, 1.0]))
    return paint
