"""Colours as RGB triples of 0..255, and the few mixes the drawings need."""

from __future__ import annotations

import colorsys
from random import Random

RGB = tuple[int, int, int]

BLACK: RGB = (18, 18, 22)
WHITE: RGB = (248, 248, 246)
STEEL: RGB = (176, 184, 194)
GUNMETAL: RGB = (74, 78, 86)
GOLD: RGB = (226, 176, 58)
BRASS: RGB = (198, 158, 84)
WOOD: RGB = (146, 92, 48)
DARK_WOOD: RGB = (94, 56, 32)
RED: RGB = (204, 40, 40)
BLOOD: RGB = (138, 8, 14)
GREEN: RGB = (62, 138, 70)
BLUE: RGB = (52, 96, 178)
TEAL: RGB = (56, 150, 150)
YELLOW: RGB = (246, 204, 58)
ORANGE: RGB = (248, 126, 24)
CREAM: RGB = (242, 230, 204)
BONE: RGB = (232, 220, 190)
PINK: RGB = (232, 150, 150)
GREY: RGB = (140, 142, 146)
BROWN: RGB = (120, 78, 48)
PURPLE: RGB = (112, 70, 150)


def mix(first: RGB, second: RGB, share: float) -> RGB:
    """`share` of the second colour in the first; 0 gives the first."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def lighter(colour: RGB, share: float) -> RGB:
    return mix(colour, (255, 255, 255), share)


def darker(colour: RGB, share: float) -> RGB:
    return mix(colour, (0, 0, 0), share)


def luminance(colour: RGB) -> float:
    """Perceived brightness in 0..1 (Rec. 601 weights)."""
    return (0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]) / 255


def hsv(hue: float, saturation: float, value: float) -> RGB:
    """Hue in turns (0 red, 1/3 green, 2/3 blue), the others in 0..1."""
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def saturated(colour: RGB, factor: float, lift: float = 0.0) -> RGB:
    """The colour with its saturation times `factor` and its value raised by `lift`, both kept in 0..1."""
    hue, saturation, value = colorsys.rgb_to_hsv(*(channel / 255 for channel in colour))
    return hsv(hue, min(1.0, saturation * factor), min(1.0, value + lift))


def vary(rng: Random, colour: RGB, amount: float = 0.06) -> RGB:
    """A neighbour of the colour: hue, saturation and value each moved a little."""
    hue, saturation, value = colorsys.rgb_to_hsv(*(channel / 255 for channel in colour))
    return hsv(
        hue + rng.uniform(-amount, amount) * 0.4,
        min(1.0, max(0.0, saturation + rng.uniform(-amount, amount))),
        min(1.0, max(0.05, value + rng.uniform(-amount, amount))),
    )
