"""From parts to paint: five visibly different ways to draw the same thing.

`shaded` has gradients and highlights, `flat` two hard tones, `cartoon` thick outlines and strong
colours; `engraving` (a printed cut-out, hatched) and `clay` (soft and rounded) are kept for the split
"test", so that figures on drawings never seen in training exist.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import skia

from .canvas import blurred, filled, gradient, hatch, radial, stroked
from .colour import CREAM, RGB, WHITE, darker, lighter, luminance, mix, saturated
from .drawing import Drawing, Part
from .shapes import joined

Style = Literal["shaded", "flat", "cartoon", "engraving", "clay"]
TRAIN_STYLES: tuple[Style, ...] = ("shaded", "flat", "cartoon")
HELD_OUT_STYLES: tuple[Style, ...] = ("engraving", "clay")
STYLES: tuple[Style, ...] = TRAIN_STYLES + HELD_OUT_STYLES

_INK: RGB = (34, 28, 30)


def paint_drawing(canvas: skia.Canvas, drawing: Drawing, style: Style, light: float) -> None:
    """Draws in thing units. `light` is -1 when it comes from the left of the drawing, 1 from the right."""
    _BEFORE[style](canvas, drawing)
    painter = _PAINTERS[style]
    for part in drawing.parts:
        painter(canvas, part, light)


def paint_silhouette(canvas: skia.Canvas, drawing: Drawing, colour: RGB, alpha: float = 1.0) -> None:
    """All parts in one colour: shadows, and the icon of a sign."""
    for part in drawing.parts:
        if part.finish == "glow" or part.alpha < 0.3:
            continue
        if part.width:
            canvas.drawPath(part.shape, stroked(colour, part.width, alpha))
        else:
            canvas.drawPath(part.shape, filled(colour, alpha))


def _nothing(canvas: skia.Canvas, drawing: Drawing) -> None:
    return None


def _bold_outline(canvas: skia.Canvas, drawing: Drawing) -> None:
    for part in drawing.parts:
        if part.finish != "glow" and part.alpha > 0.5:
            canvas.drawPath(part.shape, stroked(_INK, part.width + 6.0))


def _sticker_border(canvas: skia.Canvas, drawing: Drawing) -> None:
    shape = joined(part.shape for part in drawing.parts if part.finish != "glow")
    canvas.drawPath(shape, stroked(darker(CREAM, 0.35), 12.0))
    canvas.drawPath(shape, stroked(WHITE, 10.5))


def _line_or_glow(canvas: skia.Canvas, part: Part, colour: RGB) -> bool:
    """Paints what is the same in most styles: strokes and glowing parts. False when it was neither."""
    if part.finish == "glow":
        sigma = 3.0 if part.width else part.shape.getBounds().width() * 0.12
        canvas.drawPath(part.shape, blurred(colour, sigma, part.alpha, width=part.width))
        return True
    if part.width:
        canvas.drawPath(part.shape, stroked(colour, part.width, part.alpha))
        return True
    return False


def _shaded(canvas: skia.Canvas, part: Part, light: float) -> None:
    if part.width and part.finish in ("metal", "gloss"):
        _shaded_tube(canvas, part)
        return
    if _line_or_glow(canvas, part, part.colour):
        return
    bounds = part.shape.getBounds()
    canvas.drawPath(part.shape, _shaded_fill(part, bounds, light))
    if part.finish == "glass":
        canvas.drawPath(part.shape, stroked(lighter(part.colour, 0.6), 1.6, 0.7))
    elif part.alpha > 0.8:
        canvas.drawPath(part.shape, stroked(darker(part.colour, 0.55), 1.1, 0.55))
    if part.finish in ("gloss", "glass") and part.form == "ball":
        _spot(canvas, bounds, light)


def _shaded_tube(canvas: skia.Canvas, part: Part) -> None:
    canvas.drawPath(part.shape, stroked(darker(part.colour, 0.45), part.width))
    canvas.drawPath(part.shape, stroked(part.colour, part.width * 0.7))
    canvas.drawPath(part.shape, stroked(lighter(part.colour, 0.55), part.width * 0.25))


def _shaded_fill(part: Part, bounds: skia.Rect, light: float) -> skia.Paint:
    colour, alpha = part.colour, part.alpha * (0.5 if part.finish == "glass" else 1.0)
    if part.form == "ball":
        centre = (0.5 + 0.2 * light, 0.3)
        stops = [lighter(colour, 0.5), colour, darker(colour, 0.28), darker(colour, 0.58)]
        return radial(bounds, centre, stops, [0.0, 0.4, 0.75, 1.0], alpha)
    if part.form == "plane":
        stops = [lighter(colour, 0.16), colour, darker(colour, 0.24)]
        if part.finish == "metal":
            stops = [lighter(colour, 0.55), colour, lighter(colour, 0.25), darker(colour, 0.35)]
        return gradient(bounds, (light > 0, 0), (light < 0, 1), stops, None, alpha)
    stops, places = _cylinder(colour, part.finish)
    if part.form == "bar":
        return gradient(bounds, (0, 0), (0, 1), stops, places, alpha)
    return gradient(bounds, (light > 0, 0), (light < 0, 0), stops, places, alpha)


def _cylinder(colour: RGB, finish: str) -> tuple[list[RGB], list[float]]:
    if finish == "metal":
        stops = [
            darker(colour, 0.4),
            lighter(colour, 0.75),
            colour,
            darker(colour, 0.5),
            lighter(colour, 0.1),
        ]
        return stops, [0.0, 0.22, 0.45, 0.82, 1.0]
    if finish in ("gloss", "glass"):
        stops = [darker(colour, 0.25), colour, lighter(colour, 0.8), colour, darker(colour, 0.5)]
        return stops, [0.0, 0.16, 0.24, 0.36, 1.0]
    stops = [darker(colour, 0.14), lighter(colour, 0.22), colour, darker(colour, 0.48)]
    return stops, [0.0, 0.28, 0.5, 1.0]


def _spot(canvas: skia.Canvas, bounds: skia.Rect, light: float) -> None:
    x = bounds.centerX() + bounds.width() * 0.22 * light
    y = bounds.top() + bounds.height() * 0.26
    oval = skia.Rect.MakeXYWH(
        x - bounds.width() * 0.09, y - bounds.height() * 0.06, bounds.width() * 0.18, bounds.height() * 0.12
    )
    canvas.drawOval(oval, blurred(WHITE, min(bounds.width(), bounds.height()) * 0.03, 0.85))


def _flat(canvas: skia.Canvas, part: Part, light: float) -> None:
    colour = saturated(part.colour, 1.1, 0.05)
    if _line_or_glow(canvas, part, colour):
        return
    dark, alpha = mix(colour, (40, 30, 80), 0.24), part.alpha * (0.62 if part.finish == "glass" else 1.0)
    stops, places = [colour, colour, dark, dark], [0.0, 0.52, 0.52, 1.0]
    if part.finish == "metal":
        stops = [lighter(colour, 0.5), lighter(colour, 0.5), colour, colour, dark, dark]
        places = [0.0, 0.24, 0.24, 0.55, 0.55, 1.0]
    start, end = ((0, 0), (0, 1)) if part.form == "bar" else ((light > 0, 0), (light < 0, 0))
    canvas.drawPath(part.shape, gradient(part.shape.getBounds(), start, end, stops, places, alpha))


def _cartoon(canvas: skia.Canvas, part: Part, light: float) -> None:
    colour = saturated(part.colour, 1.35, 0.12)
    if part.width and part.finish != "glow":
        canvas.drawPath(part.shape, stroked(colour, part.width, part.alpha))
        return
    if _line_or_glow(canvas, part, colour):
        return
    alpha = part.alpha * (0.72 if part.finish == "glass" else 1.0)
    bounds = part.shape.getBounds()
    stops = [lighter(colour, 0.35), colour, darker(colour, 0.22)]
    canvas.drawPath(part.shape, radial(bounds, (0.5 + 0.25 * light, 0.2), stops, [0.0, 0.5, 1.0], alpha))
    slender = min(bounds.width(), bounds.height())
    canvas.drawPath(part.shape, stroked(_INK, min(2.6, 0.6 + 0.12 * slender), 0.9 * part.alpha))


def _engraving(canvas: skia.Canvas, part: Part, light: float) -> None:
    ink = mix(darker(part.colour, 0.5), _INK, 0.45)
    if part.finish == "glow":
        return
    paper = mix(CREAM, part.colour, 0.55)
    if part.width:
        canvas.drawPath(
            part.shape, stroked(paper if luminance(part.colour) > 0.6 else ink, part.width, part.alpha)
        )
        return
    canvas.drawPath(part.shape, filled(paper, part.alpha))
    canvas.save()
    canvas.clipPath(part.shape, True)
    bounds = part.shape.getBounds()
    shade = 1 - luminance(part.colour)
    canvas.drawPath(hatch(45 if light < 0 else -45, 5.5), stroked(ink, 0.5 + 1.9 * shade))
    if part.form != "plane" or shade > 0.6:
        side = bounds.centerX() if light < 0 else bounds.left() - bounds.width() / 2
        canvas.clipRect(skia.Rect.MakeXYWH(side, bounds.top(), bounds.width(), bounds.height()))
        canvas.drawPath(hatch(-20 if light < 0 else 20, 5.0), stroked(ink, 0.8 + 0.7 * shade))
    canvas.restore()
    canvas.drawPath(part.shape, stroked(ink, 1.7))


def _clay(canvas: skia.Canvas, part: Part, light: float) -> None:
    colour = lighter(saturated(part.colour, 1.0, 0.08), 0.08)
    if _line_or_glow(canvas, part, colour):
        return
    alpha = part.alpha * (0.75 if part.finish == "glass" else 1.0)
    bounds = part.shape.getBounds()
    rim = min(max(1.0, min(bounds.width(), bounds.height()) * 0.16), 9.0)
    canvas.drawPath(part.shape, filled(colour, alpha))
    canvas.save()
    canvas.clipPath(part.shape, True)
    canvas.translate(-light * rim * 0.3, -rim * 0.35)
    canvas.drawPath(part.shape, blurred(darker(colour, 0.55), rim * 0.5, 0.8 * alpha, width=rim))
    canvas.translate(light * rim * 0.6, rim * 0.75)
    canvas.drawPath(part.shape, blurred(lighter(colour, 0.8), rim * 0.3, 0.7 * alpha, width=rim * 0.45))
    canvas.restore()


_Painter = Callable[[skia.Canvas, Part, float], None]
_PAINTERS: dict[Style, _Painter] = {
    "shaded": _shaded,
    "flat": _flat,
    "cartoon": _cartoon,
    "engraving": _engraving,
    "clay": _clay,
}
_BEFORE: dict[Style, Callable[[skia.Canvas, Drawing], None]] = {
    "shaded": _nothing,
    "flat": _nothing,
    "cartoon": _bold_outline,
    "engraving": _sticker_border,
    "clay": _nothing,
}
