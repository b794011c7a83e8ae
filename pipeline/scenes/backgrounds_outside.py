"""Drawn places under the sky: street, park, beach and square."""

from __future__ import annotations

from random import Random

import skia

from .backgrounds import Background
from .canvas import blurred, fading, filled, gradient, stroked
from .colour import RGB, darker, hsv, lighter, mix, vary
from .shapes import circle, line, outline, poly
from .surfaces import box, bricks, contact_line, ground, planks, tiled_floor, wash


def _sky(canvas: skia.Canvas, rng: Random, bottom: float) -> None:
    top: RGB = rng.choice([(96, 160, 224), (120, 176, 230), (150, 160, 196), (236, 168, 120)])
    wash(canvas, box(0, 0, 256, bottom), [top, mix(top, (244, 240, 232), 0.75)])
    for _ in range(rng.randint(2, 4)):
        x, y, width = rng.uniform(0, 256), rng.uniform(10, bottom * 0.5), rng.uniform(16, 30)
        for dx, dy, share in ((-1, 0.15, 0.5), (0, 0, 0.62), (0.9, 0.2, 0.46)):
            canvas.drawPath(
                circle(x + dx * width, y + dy * width, width * share * 0.6), blurred((255, 255, 255), 4, 0.5)
            )


def street(canvas: skia.Canvas, rng: Random) -> None:
    bricks(
        canvas,
        rng,
        vary(rng, rng.choice([(150, 76, 60), (168, 110, 80), (124, 70, 66), (176, 160, 140)])),
        box(0, 0, 256, 158),
        12.5,
    )
    x = rng.choice([20.0, 160.0])
    canvas.drawRect(box(x - 5, 20, 74, 80), filled((198, 192, 182)))
    pane = box(x, 25, 64, 66)
    canvas.drawRect(pane, gradient(pane, (0, 0), (1, 1), [(60, 76, 92), (130, 152, 170), (50, 62, 76)]))
    canvas.drawRect(box(x + 30, 25, 4, 66), filled((198, 192, 182)))
    canvas.drawRect(box(x - 9, 94, 82, 8), filled((170, 164, 154)))
    tiled_floor(canvas, rng, (166, 164, 160), (156, 154, 150), 158, 7)
    canvas.drawRect(
        box(0, 246, 256, 10), gradient(box(0, 246, 256, 10), (0, 0), (0, 1), [(190, 188, 182), (80, 80, 82)])
    )


def _tree(canvas: skia.Canvas, rng: Random, x: float, base: float, size: float) -> None:
    canvas.drawPath(
        poly(
            (x - size * 0.07, base),
            (x + size * 0.07, base),
            (x + size * 0.04, base - size * 0.6),
            (x - size * 0.04, base - size * 0.6),
        ),
        filled((96, 70, 48)),
    )
    leaf = vary(rng, (70, 118, 58), 0.08)
    for dx, dy, radius in ((-0.24, -0.62, 0.26), (0.24, -0.62, 0.26), (0, -0.84, 0.32), (0, -0.58, 0.28)):
        area = circle(x + dx * size, base + dy * size, radius * size)
        canvas.drawPath(
            area, gradient(area.getBounds(), (0, 0), (1, 1), [lighter(leaf, 0.3), leaf, darker(leaf, 0.35)])
        )


def park(canvas: skia.Canvas, rng: Random) -> None:
    _sky(canvas, rng, 150)
    hill = vary(rng, (112, 146, 108))
    canvas.drawPath(outline("M0 132 Q60 96 130 126 Q190 104 256 124 V160 H0 Z"), filled(hill))
    ground(canvas, vary(rng, (98, 146, 62)), 140, 0.35, 0.55, 0.7)
    for x in sorted(rng.uniform(0, 256) for _ in range(4)):
        _tree(canvas, rng, x, 146 + rng.uniform(0, 8), rng.uniform(60, 100))
    if rng.random() < 0.6:
        canvas.drawPath(outline("M120 150 Q90 190 -10 212 V240 Q120 206 146 150 Z"), filled((206, 188, 150)))
    for _ in range(40):
        x, y = rng.uniform(0, 256), rng.uniform(156, 254)
        reach = 2 + (y - 150) * 0.05
        canvas.drawPath(line((x, y), (x + rng.uniform(-2, 2), y - reach)), stroked((62, 108, 44), 1.0, 0.7))


def beach(canvas: skia.Canvas, rng: Random) -> None:
    _sky(canvas, rng, 112)
    sea = rng.choice([(40, 120, 160), (52, 146, 160), (70, 110, 150)])
    wash(canvas, box(0, 100, 256, 56), [darker(sea, 0.15), lighter(sea, 0.3)])
    for _ in range(14):
        x, y = rng.uniform(-20, 240), rng.uniform(104, 142)
        canvas.drawPath(line((x, y), (x + rng.uniform(14, 44), y)), stroked((230, 244, 246), 1.3, 0.5))
    ground(canvas, vary(rng, (226, 200, 150), 0.03), 150, 0.5, 0.4, 0.7)
    canvas.drawPath(
        outline(
            "M0 146 Q40 154 90 147 Q150 140 200 150 Q230 154 256 147 V153 Q200 160 150 150 Q80 156 0 153 Z"
        ),
        filled((246, 250, 250), 0.85),
    )


def square(canvas: skia.Canvas, rng: Random) -> None:
    _sky(canvas, rng, 130)
    x = -10.0
    while x < 256:
        width, height = rng.uniform(44, 70), rng.uniform(70, 122)
        _house(canvas, rng, x, 152 - height, width, height)
        x += width
    tiled_floor(canvas, rng, (178, 168, 154), (160, 150, 138), 150, 12)
    contact_line(canvas, 150)


def _house(canvas: skia.Canvas, rng: Random, x: float, y: float, width: float, height: float) -> None:
    wall = hsv(rng.choice([0.07, 0.1, 0.55, 0.02, 0.13]), rng.uniform(0.15, 0.4), rng.uniform(0.65, 0.9))
    area = box(x, y, width, height)
    canvas.drawRect(area, gradient(area, (0, 0), (1, 0), [lighter(wall, 0.15), darker(wall, 0.15)]))
    canvas.drawPath(poly((x - 2, y), (x + width / 2, y - 22), (x + width + 2, y)), filled((140, 74, 58)))
    row = y + 10
    while row < y + height - 22:
        for share in (0.16, 0.58):
            canvas.drawRect(box(x + width * share, row, width * 0.24, 14), filled((64, 78, 92)))
            canvas.drawRect(box(x + width * share, row, width * 0.24, 14), stroked((238, 234, 226), 1.6))
        row += 25


def garden_bench(canvas: skia.Canvas, rng: Random) -> None:
    wash(canvas, box(0, 0, 256, 160), [(120, 160, 96), (70, 110, 62)])
    for _ in range(60):
        leaf = vary(rng, (84, 132, 66), 0.12)
        canvas.drawPath(
            circle(rng.uniform(0, 256), rng.uniform(0, 150), rng.uniform(7, 18)), blurred(leaf, 2.5, 0.7)
        )
    for _ in range(10):
        canvas.drawPath(
            circle(rng.uniform(0, 256), rng.uniform(0, 130), rng.uniform(3, 6)),
            blurred(hsv(rng.choice([0.95, 0.13, 0.8]), 0.5, 0.95), 1.5, 0.8),
        )
    planks(canvas, rng, vary(rng, (150, 118, 86)), 156, 4, True)


def platform(canvas: skia.Canvas, rng: Random) -> None:
    wash(canvas, box(0, 0, 256, 150), [(206, 214, 220), (166, 174, 182)])
    for index in range(6):
        canvas.drawRect(box(index * 52 - 10, 0, 8, 150), filled((110, 118, 128)))
    train = box(-10, 36, 276, 96)
    colour = rng.choice([(190, 60, 50), (50, 96, 150), (60, 120, 90)])
    canvas.drawRect(
        train, gradient(train, (0, 0), (0, 1), [lighter(colour, 0.35), colour, darker(colour, 0.3)])
    )
    for index in range(4):
        pane = box(10 + index * 66, 52, 46, 32)
        canvas.drawRoundRect(pane, 5, 5, gradient(pane, (0, 0), (1, 1), [(70, 84, 98), (150, 168, 184)]))
    canvas.drawRect(box(0, 96, 256, 5), filled((240, 236, 226)))
    canvas.drawRect(box(0, 132, 256, 20), filled((46, 46, 50)))
    tiled_floor(canvas, rng, (150, 148, 146), (138, 136, 134), 150, 6)
    canvas.drawRect(box(0, 160, 256, 6), filled((236, 200, 70)))
    canvas.drawRect(box(0, 150, 256, 50), fading(box(0, 150, 256, 50), (0, 0), (0, 1), (0, 0, 0), 0.2, 0.0))


OUTSIDE = (
    Background("street", street, 180, 242, 0.76, (100, 10, 236, 120), room=True),
    Background("park", park, 176, 244, 0.7, room=True),
    Background("beach", beach, 176, 244, 0.72, room=True),
    Background("town square", square, 176, 244, 0.7, (30, 30, 226, 130), room=True),
    Background("garden bench", garden_bench, 180, 240, 0.84),
    Background("railway platform", platform, 184, 244, 0.74, (20, 6, 236, 100), room=True, held_out=True),
)
