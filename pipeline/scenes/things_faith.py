"""Religious symbols and idols. The idols are invented figures; no living faith's image is used as one."""

from __future__ import annotations

import math
from random import Random

from .colour import (
    BLACK,
    BRASS,
    DARK_WOOD,
    GOLD,
    GREEN,
    RED,
    RGB,
    STEEL,
    TEAL,
    WOOD,
    YELLOW,
    darker,
    lighter,
    vary,
)
from .drawing import Drawing, Part, Variant, fill, stroke
from .shapes import circle, ellipse, joined, line, outline, poly, rect, ring, star


def _foot(colour: RGB) -> tuple[Part, ...]:
    return (
        fill(rect(-30, -9, 60, 9, 2), colour, "column", "metal"),
        fill(rect(-20, -17, 40, 9, 2), lighter(colour, 0.15), "column", "metal"),
    )


def cross(rng: Random) -> Drawing:
    colour = vary(rng, rng.choice([GOLD, WOOD, DARK_WOOD, STEEL]))
    beam = joined([rect(-8, -118, 16, 104, 2), rect(-36, -92, 72, 16, 2)])
    parts = (
        *_foot(darker(colour, 0.2)),
        fill(beam, colour, "column", "gloss"),
        stroke(line((0, -112), (0, -18)), lighter(colour, 0.35), 2),
        stroke(line((-31, -84), (31, -84)), lighter(colour, 0.35), 2),
        fill(circle(0, -84, 6), RED, "ball", "gloss"),
    )
    return Drawing(parts, "stand", 90)


def crescent(rng: Random) -> Drawing:
    colour = vary(rng, rng.choice([GOLD, STEEL, (70, 150, 110)]))
    moon = outline(
        "M16 -112 C-34 -112 -46 -46 4 -38 C20 -36 32 -44 38 "
        "-54 C10 -44 -10 -60 -8 -80 C-6 -98 8 -106 16 -112 Z"
    )
    parts = (
        *_foot(darker(colour, 0.2)),
        fill(rect(-3.5, -42, 7, 28), colour, "column", "metal"),
        fill(moon, colour, "ball", "metal"),
        fill(star(20, -80, 15, 6.4), colour, "ball", "gloss"),
    )
    return Drawing(parts, "stand", 96)


def hexagram(rng: Random) -> Drawing:
    colour = vary(rng, rng.choice([GOLD, STEEL, (60, 100, 190)]))
    triangles = [
        poly(
            *(
                (44 * math.cos(math.radians(a)), -68 + 44 * math.sin(math.radians(a)))
                for a in (turn, turn + 120, turn + 240)
            )
        )
        for turn in (-90, 90)
    ]
    parts = (
        *_foot(darker(colour, 0.2)),
        fill(rect(-3.5, -30, 7, 16), colour, "column", "metal"),
        *(stroke(triangle, darker(colour, 0.5), 11) for triangle in triangles),
        *(stroke(triangle, colour, 8, "metal") for triangle in triangles),
    )
    return Drawing(parts, "stand", 96)


def prayer_wheel(rng: Random) -> Drawing:
    colour = vary(rng, rng.choice([GOLD, BRASS]))
    spokes = [
        line((0, -66), (40 * math.cos(i * math.pi / 4), -66 + 40 * math.sin(i * math.pi / 4)))
        for i in range(8)
    ]
    parts = (
        *_foot(darker(colour, 0.25)),
        fill(rect(-4, -30, 8, 16), colour, "column", "metal"),
        *(stroke(spoke, colour, 5, "metal") for spoke in spokes),
        *(
            fill(
                circle(46 * math.cos(i * math.pi / 4), -66 + 46 * math.sin(i * math.pi / 4), 5.5),
                colour,
                "ball",
                "gloss",
            )
            for i in range(8)
        ),
        fill(ring(0, -66, 42, 32), colour, "ball", "metal"),
        fill(circle(0, -66, 11), RED, "ball", "gloss"),
    )
    return Drawing(parts, "stand", 92)


def seated_idol(rng: Random) -> Drawing:
    """A seated golden figure with a high crown and folded hands."""
    gold = vary(rng, rng.choice([GOLD, (120, 160, 130), BRASS]))
    jewel = rng.choice([RED, TEAL, (110, 60, 160)])
    parts = (
        fill(outline("M-46 0 L-40 -16 H40 L46 0 Z"), darker(gold, 0.35), "column", "metal"),
        fill(circle(0, -92, 30), lighter(gold, 0.45), "plane", "matte", 0.85),
        stroke(circle(0, -92, 30), gold, 3),
        fill(
            outline("M-44 -18 C-46 -36 -22 -36 0 -32 C22 -36 46 -36 44 -18 Q0 -10 -44 -18 Z"),
            gold,
            "ball",
            "gloss",
        ),
        fill(outline("M-26 -30 C-30 -64 -20 -76 0 -76 C20 -76 30 -64 26 -30 Z"), gold, "column", "gloss"),
        stroke(outline("M-24 -66 C-40 -54 -34 -42 -4 -40"), darker(gold, 0.18), 10, "metal"),
        stroke(outline("M24 -66 C40 -54 34 -42 4 -40"), darker(gold, 0.18), 10, "metal"),
        fill(ellipse(0, -40, 9, 6), lighter(gold, 0.2), "ball", "gloss"),
        fill(ellipse(0, -88, 15, 17), lighter(gold, 0.1), "ball", "gloss"),
        fill(
            outline("M-16 -96 L-13 -112 L-6 -104 L0 -126 L6 -104 L13 -112 L16 -96 Z"), gold, "column", "metal"
        ),
        fill(circle(0, -102, 4), jewel, "ball", "gloss"),
        fill(circle(0, -62, 6), jewel, "ball", "gloss"),
        *(stroke(outline(f"M{x - 4} -88 Q{x} -85 {x + 4} -88"), darker(gold, 0.65), 1.8) for x in (-6, 6)),
        stroke(outline("M-4 -79 Q0 -76 4 -79"), darker(gold, 0.65), 1.8),
    )
    return Drawing(parts, "stand", 96)


def totem(rng: Random) -> Drawing:
    """Three carved heads, one on the other."""
    wood = vary(rng, rng.choice([WOOD, (150, 140, 130), DARK_WOOD]))
    paints = rng.sample([RED, TEAL, YELLOW, GREEN], 3)
    parts: list[Part] = [fill(rect(-34, -7, 68, 7, 2), darker(wood, 0.4), "column")]
    for level, paint in enumerate(paints):
        base = -7 - level * 40
        parts += [
            fill(rect(-25, base - 40, 50, 40, 5), wood, "column"),
            fill(
                outline(
                    f"M-25 {base - 38} Q0 {base - 26} 25 {base - 38} "
                    f"V{base - 30} Q0 {base - 18} -25 {base - 30} Z"
                ),
                paint,
            ),
            *(fill(ellipse(x, base - 24, 6.5, 5.5), (244, 236, 214)) for x in (-11, 11)),
            *(fill(circle(x, base - 24, 2.6), BLACK) for x in (-11, 11)),
            fill(poly((0, base - 25), (5, base - 14), (-5, base - 14)), darker(wood, 0.35)),
            fill(rect(-14, base - 11, 28, 7, 2), (54, 26, 20)),
            *(fill(rect(x, base - 11, 4, 3.4), (244, 236, 214)) for x in (-11, -5, 1, 7)),
        ]
    parts.append(fill(poly((-25, -118), (-44, -104), (-40, -84), (-25, -96)), paints[0]))
    parts.append(fill(poly((25, -118), (44, -104), (40, -84), (25, -96)), paints[0]))
    return Drawing(tuple(parts), "stand", 98)


def golden_bull(rng: Random) -> Drawing:
    gold = vary(rng, rng.choice([GOLD, BRASS]))
    parts = (
        fill(
            rect(-58, -14, 116, 14, 2), rng.choice([(120, 40, 46), (60, 62, 70), (220, 214, 204)]), "column"
        ),
        fill(rect(-52, -20, 104, 7, 1), darker(gold, 0.2), "column", "metal"),
        stroke(outline("M44 -72 C58 -66 54 -40 50 -32"), darker(gold, 0.2), 4),
        *(
            fill(
                outline(f"M{x} -52 H{x + 13} L{x + 11} -20 H{x + 1} Z"),
                darker(gold, shade),
                "column",
                "metal",
            )
            for x, shade in ((-30, 0.35), (26, 0.35), (-18, 0.0), (36, 0.0))
        ),
        fill(
            outline("M-36 -84 C-10 -92 30 -86 48 -76 C54 -62 52 -48 44 -46 H-28 C-38 -52 -42 -70 -36 -84 Z"),
            gold,
            "ball",
            "metal",
        ),
        fill(
            outline(
                "M-30 -92 C-44 -104 -62 -96 -64 -82 L-66 -70 Q-62 -62 -54 -64 C-44 -64 -32 -66 -28 -76 Z"
            ),
            gold,
            "ball",
            "gloss",
        ),
        stroke(outline("M-44 -96 C-52 -104 -58 -114 -52 -122"), lighter(gold, 0.4), 5),
        stroke(outline("M-38 -96 C-30 -106 -28 -112 -32 -122"), lighter(gold, 0.4), 5),
        fill(circle(-53, -84, 2.6), BLACK),
        fill(ellipse(-36, -90, 7, 4), darker(gold, 0.25)),
        stroke(outline("M-36 -66 Q-24 -60 -22 -50"), RED, 5),
    )
    return Drawing(parts, "stand", 94)


RELIGIOUS_SYMBOL = (
    Variant("cross on a foot", cross, turn=2),
    Variant("crescent and star", crescent, turn=2),
    Variant("six-pointed star", hexagram, turn=2),
    Variant("wheel of prayer", prayer_wheel, held_out=True, turn=2),
)
IDOL = (
    Variant("seated golden figure", seated_idol, turn=2),
    Variant("totem", totem, turn=3),
    Variant("golden bull", golden_bull, held_out=True, turn=2),
)
