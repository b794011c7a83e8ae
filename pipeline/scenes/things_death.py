"""Blood (drawn as paint, never with a body), skulls and coffins."""

from __future__ import annotations

import math
from random import Random

from .colour import (
    BLOOD,
    BONE,
    BRASS,
    CREAM,
    DARK_WOOD,
    GOLD,
    RED,
    RGB,
    WHITE,
    WOOD,
    darker,
    lighter,
    mix,
    vary,
)
from .drawing import Drawing, Part, Variant, fill, shifted, stroke
from .lettering import written
from .shapes import Point, Shape, blob, circle, ellipse, joined, line, outline, poly, rect


def blood_pool(rng: Random) -> Drawing:
    red = vary(rng, BLOOD, 0.04)
    edge: list[Point] = []
    for index in range(13):
        angle, reach = index * math.tau / 13, rng.uniform(24, 48)
        edge.append((reach * 1.25 * math.cos(angle), reach * 0.8 * math.sin(angle)))
    drops = []
    for _ in range(9):
        angle, reach, radius = rng.uniform(0, math.tau), rng.uniform(46, 66), rng.uniform(2, 6)
        drops.append(
            ellipse(reach * 1.1 * math.cos(angle), reach * 0.75 * math.sin(angle), radius * 1.2, radius)
        )
    parts = (
        fill(joined([blob(edge), *drops]), red, "plane", "matte"),
        fill(_shrunk(edge, 0.72), lighter(red, 0.1)),
        fill(ellipse(-14, -10, 9, 3), (236, 150, 150), "plane", "matte", 0.65),
        fill(ellipse(10, -4, 4, 1.6), (236, 150, 150), "plane", "matte", 0.5),
    )
    return Drawing(parts, "lie", 104)


def _shrunk(points: list[Point], share: float) -> Shape:
    return blob([(x * share, y * share) for x, y in points])


def blood_splatter(rng: Random) -> Drawing:
    red = vary(rng, (156, 10, 18), 0.04)
    spots = [blob([(math.cos(a) * r, math.sin(a) * r * 0.8) for a, r in _spikes(rng)])]
    for _ in range(26):
        angle, reach = rng.uniform(0, math.tau), rng.uniform(26, 64)
        radius = rng.uniform(1.5, 7) * (1.2 - reach / 90)
        spots.append(
            ellipse(reach * math.cos(angle) * 1.1, reach * math.sin(angle) * 0.75, radius * 1.3, radius)
        )
    runs = [
        stroke(line((x, 0), (x + 1, rng.uniform(26, 58))), red, rng.uniform(3, 5.5)) for x in (-16, 2, 17)
    ]
    drips = [
        fill(circle(run.shape.getBounds().right(), run.shape.getBounds().bottom(), run.width * 0.75), red)
        for run in runs
    ]
    return Drawing(
        (*runs, *drips, fill(joined(spots), red), fill(ellipse(-8, -9, 7, 2.6), (240, 150, 150), alpha=0.6)),
        "lie",
        100,
    )


def _spikes(rng: Random) -> list[tuple[float, float]]:
    return [
        (index * math.tau / 22, rng.uniform(18, 24) if index % 2 else rng.uniform(28, 50))
        for index in range(22)
    ]


def blood_bag(rng: Random) -> Drawing:
    red = vary(rng, BLOOD, 0.03)
    parts = (
        stroke(outline("M0 40 C0 62 30 50 26 66"), red, 3.6),
        fill(
            outline("M-34 -40 Q-34 -50 -24 -50 H24 Q34 -50 34 -40 V30 Q34 42 22 42 H-22 Q-34 42 -34 30 Z"),
            (226, 214, 214),
            "column",
            "glass",
        ),
        fill(outline("M-30 -26 H30 V28 Q30 38 20 38 H-20 Q-30 38 -30 28 Z"), red, "column", "gloss"),
        fill(rect(-20, -14, 40, 32, 2), CREAM),
        fill(outline("M0 -12 C10 2 8 14 0 14 C-8 14 -10 2 0 -12 Z"), RED),
        fill(circle(0, -43, 3.4), (120, 120, 126)),
    )
    return Drawing(parts, "lie", 98)


def _skull(bone: RGB) -> tuple[Part, ...]:
    """A skull from the front, about 60 wide and 76 high, its chin at y = 0."""
    dark: RGB = mix(darker(bone, 0.82), (30, 20, 20), 0.5)
    teeth = [stroke(line((x, -16), (x, -4)), darker(bone, 0.6), 1.8) for x in (-12, -6, 0, 6, 12)]
    return (
        fill(outline("M-20 -22 H20 L17 -3 Q0 4 -17 -3 Z"), darker(bone, 0.1), "column"),
        *teeth,
        stroke(line((-17, -10), (17, -10)), darker(bone, 0.6), 1.6),
        fill(
            outline(
                "M-34 -50 C-36 -88 36 -88 34 -50 C34 -36 28 -34 26 -26 Q24 "
                "-18 16 -18 H-16 Q-24 -18 -26 -26 C-28 -34 -34 -36 -34 -50 Z"
            ),
            bone,
            "ball",
        ),
        fill(ellipse(-14, -44, 10, 10.5), dark),
        fill(ellipse(14, -44, 10, 10.5), dark),
        fill(outline("M0 -36 L6 -24 Q0 -21 -6 -24 Z"), dark),
        stroke(outline("M-27 -28 Q-20 -30 -18 -22"), darker(bone, 0.35), 1.8),
        stroke(outline("M27 -28 Q20 -30 18 -22"), darker(bone, 0.35), 1.8),
    )


def skull(rng: Random) -> Drawing:
    return Drawing(_skull(vary(rng, BONE)), "stand", 112)


def skull_and_bones(rng: Random) -> Drawing:
    bone = vary(rng, BONE)
    bones: list[Part] = []
    for turn in (-24, 24):
        one = (
            fill(
                joined([circle(-52, -5, 7), circle(-52, 5, 7), circle(52, -5, 7), circle(52, 5, 7)]),
                bone,
                "bar",
            ),
            fill(rect(-52, -5.5, 104, 11, 4), bone, "bar"),
        )
        bones += shifted(one, 0, -22, 1.0, turn)
    return Drawing((*bones, *shifted(_skull(bone), 0, -8)), "stand", 94)


def skull_side(rng: Random) -> Drawing:
    bone = vary(rng, BONE)
    dark = darker(bone, 0.8)
    parts = (
        fill(outline("M-30 -14 L6 -20 L8 -6 Q-8 2 -28 0 Q-34 -4 -30 -14 Z"), darker(bone, 0.12), "bar"),
        fill(
            outline(
                "M-36 -40 C-40 -84 40 -88 42 -50 C42 -34 32 -26 "
                "14 -24 L-6 -18 H-34 L-32 -26 Q-38 -30 -36 -40 Z"
            ),
            bone,
            "ball",
        ),
        fill(ellipse(-20, -44, 9, 9), dark),
        fill(poly((-36, -34), (-29, -30), (-35, -25)), dark),
        *(stroke(line((x, -22), (x, -8)), darker(bone, 0.6), 1.6) for x in (-30, -24, -18, -12)),
        stroke(outline("M4 -30 Q14 -34 20 -28"), darker(bone, 0.4), 2),
        stroke(outline("M12 -74 Q10 -64 16 -58 Q12 -52 18 -46"), darker(bone, 0.35), 1.4),
    )
    return Drawing(parts, "stand", 108)


def coffin(rng: Random) -> Drawing:
    wood = vary(rng, rng.choice([WOOD, DARK_WOOD, (60, 44, 40)]))
    metal = rng.choice([GOLD, BRASS, (190, 194, 200)])
    body = poly((-18, -128), (18, -128), (34, -92), (18, 0), (-18, 0), (-34, -92))
    lid = poly((-13, -121), (13, -121), (27, -91), (13.5, -7), (-13.5, -7), (-27, -91))
    cross = joined([rect(-3.4, -112, 6.8, 50), rect(-15, -98, 30, 6.8)])
    parts = (
        fill(poly((18, -128), (26, -124), (42, -90), (26, 2), (18, 0), (34, -92)), darker(wood, 0.5)),
        fill(body, wood, "column"),
        fill(lid, lighter(wood, 0.14), "column", "gloss"),
        stroke(lid, darker(wood, 0.45), 2),
        fill(cross, metal, "plane", "metal"),
        *(stroke(line((x, -44), (x * 0.86, -30)), metal, 3.6, "metal") for x in (-23, 23)),
    )
    return Drawing(parts, "stand", 88)


def casket(rng: Random) -> Drawing:
    wood = vary(rng, rng.choice([DARK_WOOD, WOOD, (236, 234, 230), (52, 52, 60)]))
    metal = rng.choice([GOLD, (196, 200, 206)])
    flowers = [
        fill(circle(x, y, 6), colour, "ball")
        for x, y, colour in ((-14, -54, RED), (0, -58, WHITE), (13, -54, (232, 120, 150)))
    ]
    parts = (
        fill(rect(-70, -7, 140, 7, 1), darker(wood, 0.4), "bar"),
        fill(poly((-66, -32), (66, -32), (60, -7), (-60, -7)), wood, "bar", "gloss"),
        fill(
            outline("M-66 -36 C-60 -52 -46 -54 -36 -54 H36 C46 -54 60 -52 66 -36 Z"),
            lighter(wood, 0.1),
            "bar",
            "gloss",
        ),
        fill(rect(-69, -38, 138, 7, 2), lighter(wood, 0.2), "bar", "gloss"),
        stroke(line((-54, -19), (54, -19)), metal, 3.6, "metal"),
        *(fill(rect(x - 3, -25, 6, 9, 1), metal, "plane", "metal") for x in (-48, -16, 16, 48)),
        stroke(line((0, -52), (0, -37)), darker(wood, 0.5), 1.6),
        fill(ellipse(0, -53, 26, 5), (50, 110, 60)),
        *flowers,
    )
    return Drawing(parts, "stand", 96)


def tombstone_coffin(rng: Random) -> Drawing:
    stone = vary(rng, (150, 152, 154))
    grave = (
        fill(outline("M-28 0 V-58 Q-28 -84 0 -84 Q28 -84 28 -58 V0 Z"), stone, "column"),
        *written("RIP", 0, -60, 14, darker(stone, 0.6), 0.2),
        stroke(line((-16, -34), (16, -34)), darker(stone, 0.5), 2.4),
    )
    small = shifted(casket(rng).parts, 10, 6, 0.62)
    return Drawing((*shifted(grave, -24, -14), *small), "stand", 100)


BLOOD_THINGS = (
    Variant("pool of blood", blood_pool, turn=180),
    Variant("blood splatter", blood_splatter, turn=20),
    Variant("blood bag", blood_bag, held_out=True, turn=15),
)
SKULL = (
    Variant("skull", skull, turn=5),
    Variant("skull and crossbones", skull_and_bones, turn=4),
    Variant("skull from the side", skull_side, held_out=True, turn=5),
)
COFFIN = (
    Variant("coffin", coffin, room=True, turn=3),
    Variant("casket with flowers", casket, room=True, turn=2),
    Variant("coffin by a gravestone", tombstone_coffin, held_out=True, room=True, turn=2, flips=False),
)
