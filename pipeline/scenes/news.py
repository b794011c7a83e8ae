"""The frame of a news broadcast, laid over a whole picture."""

from __future__ import annotations

from random import Random

import skia

from .canvas import filled, gradient, stroked
from .colour import RED, RGB, WHITE, YELLOW, darker, lighter
from .lettering import written
from .surfaces import box


def news_frame(canvas: skia.Canvas, rng: Random) -> None:
    """A lower third with a headline, a ticker, a LIVE mark and a thin frame."""
    colour: RGB = rng.choice([(24, 48, 110), (120, 20, 28), (20, 84, 96), (36, 36, 46)])
    canvas.drawRect(box(1.5, 1.5, 253, 253), stroked(darker(colour, 0.3), 5))
    canvas.drawRect(
        box(10, 196, 236, 34),
        gradient(
            box(10, 196, 236, 34), (0, 0), (0, 1), [lighter(colour, 0.2), darker(colour, 0.2)], None, 0.95
        ),
    )
    canvas.drawRect(box(10, 196, 66, 34), filled(RED))
    _write(canvas, "NEWS", 43, 205, 16, WHITE)
    for row, share in ((205, 1.0), (217, rng.uniform(0.5, 0.8))):
        canvas.drawRect(box(86, row, 148 * share, 6), filled(WHITE, 0.92))
    canvas.drawRect(box(10, 230, 236, 14), filled(YELLOW))
    for index in range(5):
        canvas.drawRect(box(16 + index * 46, 235, rng.uniform(24, 40), 4), filled((40, 40, 44)))
    canvas.drawRoundRect(box(12, 12, 50, 20), 3, 3, filled(RED))
    _write(canvas, "LIVE", 37, 16.5, 11, WHITE)


def _write(canvas: skia.Canvas, text: str, x: float, y: float, height: float, colour: RGB) -> None:
    for part in written(text, x, y, height, colour, 0.2):
        canvas.drawPath(part.shape, stroked(part.colour, part.width))
