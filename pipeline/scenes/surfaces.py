"""Walls, floors and furniture that the drawn places share."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import skia

from .canvas import blurred, fading, filled, gradient, halo, placed, quad, stroked
from .colour import RGB, darker, lighter, mix, vary
from .shapes import circle, line, poly, rect
from .textures import grain

_ALL = skia.Rect.MakeWH(256, 256)


def box(x: float, y: float, width: float, height: float) -> skia.Rect:
    return skia.Rect.MakeXYWH(x, y, width, height)


def wash(canvas: skia.Canvas, area: skia.Rect, stops: Sequence[RGB]) -> None:
    """A vertical gradient."""
    canvas.drawRect(area, gradient(area, (0, 0), (0, 1), stops))


def plaster(canvas: skia.Canvas, rng: Random, colour: RGB, bottom: float) -> None:
    """A painted wall from the top down to `bottom`, lit from one side."""
    area = box(0, 0, 256, bottom)
    side = rng.random() < 0.5
    canvas.drawRect(
        area, gradient(area, (side, 0), (not side, 1), [lighter(colour, 0.22), colour, darker(colour, 0.22)])
    )
    grain(canvas, rect(0, 0, 256, bottom), 1.3, 1.0, 1.3, 0.22, 1)


def bricks(canvas: skia.Canvas, rng: Random, colour: RGB, area: skia.Rect, height: float = 13.0) -> None:
    canvas.save()
    canvas.clipRect(area)
    canvas.drawRect(area, filled(mix(colour, (200, 196, 190), 0.62)))
    width, row, y = height * 2.4, 0, area.top()
    while y < area.bottom():
        x = area.left() - (row % 2) * width / 2
        while x < area.right():
            canvas.drawRect(box(x + 0.8, y + 0.8, width - 1.6, height - 1.6), filled(vary(rng, colour, 0.08)))
            x += width
        y, row = y + height, row + 1
    canvas.restore()
    grain(canvas, _rect_shape(area), 0.7, 1.0, 0.8, 0.45, 2)


def tiles(canvas: skia.Canvas, rng: Random, colour: RGB, grout: RGB, area: skia.Rect, size: float) -> None:
    """Glazed wall tiles, each with a light upper edge."""
    canvas.save()
    canvas.clipRect(area)
    canvas.drawRect(area, filled(grout))
    y = area.top()
    while y < area.bottom():
        x = area.left()
        while x < area.right():
            tile = box(x + 0.7, y + 0.7, size - 1.4, size - 1.4)
            shade = vary(rng, colour, 0.03)
            canvas.drawRect(
                tile, gradient(tile, (0, 0), (1, 1), [lighter(shade, 0.3), shade, darker(shade, 0.08)])
            )
            x += size
        y += size
    canvas.restore()


def _rect_shape(area: skia.Rect) -> skia.Path:
    return rect(area.left(), area.top(), area.width(), area.height())


def floor_map(top: float, narrow: float = 0.45) -> skia.Matrix:
    """From a floor of 256 x 256 units to the picture below `top`; `narrow` is how strongly it recedes."""
    inset = 128 * (1 - narrow)
    return quad(
        [(0, 0), (256, 0), (256, 256), (0, 256)],
        [(-40 + inset, top), (296 - inset, top), (256 + 110, 256), (-110, 256)],
    )


def planks(
    canvas: skia.Canvas, rng: Random, colour: RGB, top: float, count: int = 9, across: bool = False
) -> None:
    """Boards below `top`, running away from the viewer or `across` the picture."""
    canvas.save()
    canvas.clipRect(box(0, top, 256, 256 - top))
    canvas.drawRect(box(0, top, 256, 256 - top), filled(darker(colour, 0.3)))
    with placed(canvas, floor_map(top, 0.75 if across else 0.45)):
        step = 256 / count
        for index in range(count):
            shade = vary(rng, colour, 0.05)
            board = (
                box(-40, index * step + 0.4, 336, step - 0.8)
                if across
                else box(index * step + 0.4, 0, step - 0.8, 256)
            )
            canvas.drawRect(board, filled(shade))
            for _ in range(3):
                place = rng.uniform(0.15, 0.85) * step + index * step
                ends = ((-40, place), (296, place)) if across else ((place, 0), (place, 256))
                canvas.drawPath(line(*ends), stroked(darker(shade, 0.25), 0.5, 0.5))
        grain(canvas, rect(-60, 0, 376, 256), 1.0, 9.0 if across else 0.11, 1.0, 0.5, 3)
    canvas.restore()
    sheen(canvas, top)


def tiled_floor(
    canvas: skia.Canvas, rng: Random, first: RGB, second: RGB, top: float, count: int = 8
) -> None:
    """A chequered floor below `top`."""
    canvas.save()
    canvas.clipRect(box(0, top, 256, 256 - top))
    with placed(canvas, floor_map(top)):
        step = 256 / count
        for row in range(count):
            for column in range(-2, count + 2):
                shade = vary(rng, first if (row + column) % 2 else second, 0.02)
                canvas.drawRect(box(column * step, row * step, step, step), filled(shade))
        grain(canvas, rect(-100, 0, 456, 256), 1.2, 1.0, 1.0, 0.25, 4)
    canvas.restore()
    sheen(canvas, top)


def ground(
    canvas: skia.Canvas, colour: RGB, top: float, roughness: float, alpha: float = 0.6, scale: float = 1.0
) -> None:
    """Sand, gravel, grass or carpet below `top`, its grain growing towards the viewer."""
    area = box(0, top, 256, 256 - top)
    canvas.save()
    canvas.clipRect(area)
    canvas.drawRect(
        area, gradient(area, (0, 0), (0, 1), [lighter(colour, 0.14), colour, darker(colour, 0.16)])
    )
    with placed(canvas, floor_map(top)):
        grain(canvas, rect(-200, 0, 656, 256), roughness, 1.0, scale, alpha, 5)
    canvas.restore()


def counter(canvas: skia.Canvas, rng: Random, colour: RGB, top: float, edge: float, body: RGB) -> None:
    """A worktop from `top` to `edge` seen from slightly above, its front below."""
    area = box(0, top, 256, edge - top)
    canvas.drawRect(
        area, gradient(area, (0, 0), (0, 1), [darker(colour, 0.12), colour, lighter(colour, 0.2)])
    )
    grain(canvas, rect(0, top, 256, edge - top), 0.6, 2.0, 0.9, 0.4, 6)
    canvas.drawRect(box(0, edge, 256, 5), filled(darker(colour, 0.3)))
    front = box(0, edge + 5, 256, 256)
    canvas.drawRect(front, gradient(box(0, edge, 256, 40), (0, 0), (0, 1), [darker(body, 0.45), body]))
    contact_line(canvas, top)


def contact_line(canvas: skia.Canvas, y: float) -> None:
    """The dark seam where a wall meets what stands before it."""
    canvas.drawRect(
        box(0, y - 7, 256, 7), fading(box(0, y - 7, 256, 7), (0, 0), (0, 1), (0, 0, 0), 0.0, 0.22)
    )
    canvas.drawRect(box(0, y, 256, 10), fading(box(0, y, 256, 10), (0, 0), (0, 1), (0, 0, 0), 0.34, 0.0))


def sheen(canvas: skia.Canvas, top: float) -> None:
    """Far floor brighter, near floor darker, and the seam to the wall."""
    area = box(0, top, 256, 256 - top)
    canvas.drawRect(area, fading(area, (0, 0), (0, 1), (255, 246, 230), 0.16, 0.0))
    canvas.drawRect(area, fading(area, (0, 0.3), (0, 1), (0, 0, 0), 0.0, 0.16))
    contact_line(canvas, top)


def window(canvas: skia.Canvas, x: float, y: float, width: float, height: float, sky: Sequence[RGB]) -> None:
    frame = box(x - 4, y - 4, width + 8, height + 8)
    canvas.drawRect(frame.makeOffset(2, 3), blurred((0, 0, 0), 3, 0.3))
    canvas.drawRect(frame, filled((236, 234, 228)))
    glass = box(x, y, width, height)
    canvas.drawRect(glass, gradient(glass, (0, 0), (0, 1), sky))
    canvas.drawPath(circle(x + width * 0.25, y + height, height * 0.35), filled(darker(sky[-1], 0.35), 0.6))
    canvas.drawPath(
        circle(x + width * 0.7, y + height * 1.05, height * 0.4), filled(darker(sky[-1], 0.45), 0.6)
    )
    canvas.save()
    canvas.restore()
    for bar in (box(x + width / 2 - 1.5, y, 3, height), box(x, y + height * 0.45, width, 3)):
        canvas.drawRect(bar, filled((236, 234, 228)))
    canvas.drawPath(
        poly((x, y + height), (x + width * 0.35, y), (x + width * 0.5, y), (x + width * 0.15, y + height)),
        filled((255, 255, 255), 0.16),
    )
    canvas.drawRect(box(x - 7, y + height + 4, width + 14, 5), filled((214, 210, 202)))


def framed_picture(canvas: skia.Canvas, rng: Random, x: float, y: float, width: float, height: float) -> None:
    """A landscape in a frame on the wall."""
    frame = rng.choice([(110, 74, 40), (190, 152, 74), (48, 46, 48)])
    canvas.drawRect(box(x + 2, y + 3, width, height), blurred((0, 0, 0), 3, 0.4))
    canvas.drawRect(
        box(x, y, width, height),
        gradient(box(x, y, width, height), (0, 0), (1, 1), [lighter(frame, 0.3), frame, darker(frame, 0.3)]),
    )
    inner = box(x + 5, y + 5, width - 10, height - 10)
    sky: RGB = rng.choice([(168, 200, 226), (236, 190, 140), (190, 206, 200)])
    canvas.save()
    canvas.clipRect(inner)
    canvas.drawRect(inner, gradient(inner, (0, 0), (0, 1), [sky, lighter(sky, 0.5)]))
    middle = y + height * 0.6
    for index, colour in enumerate(((96, 124, 130), (84, 116, 74), (66, 92, 52))):
        bump = rng.uniform(0, width)
        hill = poly(
            (x, y + height),
            (x, middle + index * 5),
            (x + bump, middle - 10 + index * 8),
            (x + width, middle + index * 6),
            (x + width, y + height),
        )
        canvas.drawPath(hill, filled(colour))
    canvas.restore()


def lamp_glow(
    canvas: skia.Canvas, x: float, y: float, radius: float, colour: RGB = (255, 226, 170), alpha: float = 0.5
) -> None:
    canvas.drawRect(_ALL, halo(x, y, radius, colour, alpha))
