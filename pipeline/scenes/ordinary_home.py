"""Ordinary things of house, street and garden: every policy allows them."""

from __future__ import annotations

import math
from random import Random

from .colour import (
    BLACK,
    BLUE,
    BROWN,
    CREAM,
    GREY,
    RED,
    STEEL,
    WHITE,
    WOOD,
    YELLOW,
    darker,
    hsv,
    lighter,
    vary,
)
from .drawing import Drawing, Part, Variant, fill, stroke
from .shapes import circle, ellipse, line, outline, poly, rect


def book(rng: Random) -> Drawing:
    cover = hsv(rng.random(), 0.55, 0.65)
    parts = (
        fill(poly((-44, -22), (36, -22), (48, -34), (-30, -34)), cover),
        fill(poly((36, -22), (48, -34), (48, -12), (36, 0)), CREAM),
        fill(rect(-44, -4, 82, 5, 1), darker(cover, 0.25)),
        fill(rect(-44, -22, 80, 19), CREAM),
        *(stroke(line((-40, -18 + i * 4), (34, -18 + i * 4)), (206, 196, 172), 1.2) for i in range(4)),
        fill(rect(-46, -24, 84, 5, 1), darker(cover, 0.1)),
        fill(rect(-48, -24, 8, 25, 4), darker(cover, 0.3), "bar"),
        stroke(poly((-18, -26), (24, -26), (32, -31), (-8, -31)), lighter(cover, 0.5), 1.6),
    )
    return Drawing(parts, "stand", 84)


def ball(rng: Random) -> Drawing:
    first, second = hsv(rng.random(), 0.7, 0.9), rng.choice([WHITE, YELLOW, BLUE])
    parts = (
        fill(circle(0, -36, 36), second, "ball", "gloss"),
        fill(
            outline("M-8 -71 C-34 -50 -34 -22 -8 -1 C-20 -2 -36 -14 -36 -36 C-36 -58 -20 -70 -8 -71 Z"),
            first,
            "ball",
        ),
        fill(
            outline("M10 -71 C30 -50 30 -22 10 -1 C22 -4 36 -16 36 -36 C36 -56 22 -68 10 -71 Z"),
            first,
            "ball",
        ),
        fill(circle(0, -64, 6), first),
    )
    return Drawing(parts, "stand", 68)


def plant(rng: Random) -> Drawing:
    pot, leaf = vary(rng, rng.choice([(190, 96, 60), WHITE, (70, 110, 150)])), vary(rng, (70, 140, 70))
    leaves: list[Part] = []
    for turn in (-62, -34, -8, 20, 48, 72):
        angle = math.radians(turn - 90)
        x, y = 52 * math.cos(angle), -38 + 58 * math.sin(angle)
        side = (12 * math.cos(angle + 1.57), 12 * math.sin(angle + 1.57))
        blade = outline(
            f"M0 -38 Q{x * 0.5 + side[0]} {(-38 + y) / 2 + side[1]} {x} "
            f"{y} Q{x * 0.5 - side[0]} {(-38 + y) / 2 - side[1]} 0 -38 Z"
        )
        leaves += [
            fill(blade, vary(rng, leaf, 0.08)),
            stroke(line((0, -38), (x * 0.9, -38 + (y + 38) * 0.9)), darker(leaf, 0.3), 1.6),
        ]
    parts = (
        *leaves,
        fill(poly((-24, -34), (24, -34), (17, 0), (-17, 0)), pot, "column"),
        fill(rect(-28, -42, 56, 11, 2), lighter(pot, 0.12), "column"),
    )
    return Drawing(parts, "stand", 92)


def lamp(rng: Random) -> Drawing:
    shade = vary(rng, rng.choice([CREAM, (226, 120, 90), (120, 160, 180)]))
    parts = (
        fill(circle(0, -76, 52), YELLOW, "plane", "glow", 0.22),
        fill(ellipse(0, -4, 24, 6), BROWN, "column", "gloss"),
        fill(rect(-4, -58, 8, 54), BROWN, "column", "gloss"),
        fill(poly((-20, -104), (20, -104), (40, -56), (-40, -56)), shade, "column"),
        stroke(line((-40, -56), (40, -56)), darker(shade, 0.3), 2.4),
    )
    return Drawing(parts, "stand", 92)


def chair(rng: Random) -> Drawing:
    wood = vary(rng, rng.choice([WOOD, (206, 170, 120), (70, 110, 130)]))
    parts = (
        *(fill(rect(x, -44, 6, 40, 1), darker(wood, 0.35), "column") for x in (-16, 26)),
        *(fill(rect(x, -112, 7, 68, 2), wood, "column") for x in (-24, 20)),
        *(fill(rect(-22, y, 46, 9, 2), lighter(wood, 0.08), "bar") for y in (-108, -90, -72)),
        fill(poly((-26, -52), (30, -52), (38, -40), (-34, -40)), lighter(wood, 0.18)),
        fill(rect(-34, -40, 72, 6, 1), darker(wood, 0.2), "bar"),
        *(fill(rect(x, -36, 7, 36, 1), wood, "column") for x in (-32, 29)),
    )
    return Drawing(parts, "stand", 94)


def pencil(rng: Random) -> Drawing:
    paint = hsv(rng.random(), 0.75, 0.9)
    parts = (
        fill(rect(-62, -6, 12, 12, 3), (236, 140, 150), "bar"),
        fill(rect(-51, -6.5, 9, 13), STEEL, "bar", "metal"),
        fill(rect(-42, -6, 80, 12), paint, "bar"),
        stroke(line((-42, -2), (38, -2)), darker(paint, 0.25), 1.4),
        fill(poly((38, -6), (60, 0), (38, 6)), (232, 196, 146), "bar"),
        fill(poly((53, -2), (60, 0), (53, 2)), BLACK),
    )
    return Drawing(parts, "lie", 82)


def shoe(rng: Random) -> Drawing:
    upper = hsv(rng.random(), 0.6, 0.75)
    parts = (
        fill(outline("M-54 -8 H56 Q60 0 52 0 H-50 Q-58 0 -54 -8 Z"), WHITE, "bar"),
        fill(
            outline(
                "M-54 -8 C-56 -30 -52 -48 -46 -52 C-34 -44 -26 -46 -18 -54 L8 -34 C30 -28 56 -26 56 -8 Z"
            ),
            upper,
            "ball",
        ),
        fill(outline("M56 -8 C56 -24 42 -26 32 -27 Q28 -16 34 -8 Z"), lighter(upper, 0.55)),
        *(stroke(line((-10 + i * 9, -44 + i * 7), (-2 + i * 9, -30 + i * 4)), WHITE, 3.4) for i in range(3)),
        stroke(outline("M-44 -24 Q-20 -10 6 -22"), WHITE, 4),
    )
    return Drawing(parts, "stand", 80)


def hat(rng: Random) -> Drawing:
    straw = vary(rng, rng.choice([(226, 194, 130), (90, 76, 66), (60, 80, 120)]))
    parts = (
        fill(ellipse(0, -10, 60, 12), straw, "column"),
        fill(
            outline("M-32 -14 C-34 -56 -18 -62 0 -56 C18 -62 34 -56 32 -14 Q0 -4 -32 -14 Z"),
            lighter(straw, 0.08),
            "column",
        ),
        fill(outline("M-33 -26 Q0 -14 33 -26 V-15 Q0 -4 -33 -15 Z"), hsv(rng.random(), 0.7, 0.6), "column"),
    )
    return Drawing(parts, "stand", 76)


def umbrella(rng: Random) -> Drawing:
    cloth = hsv(rng.random(), 0.7, 0.8)
    parts = (
        stroke(outline("M0 -96 V-12 C0 4 18 4 18 -10"), BROWN, 4.5),
        fill(
            outline(
                "M-58 -62 C-54 -118 54 -118 58 -62 Q44 -74 30 -62 "
                "Q15 -74 0 -62 Q-15 -74 -30 -62 Q-44 -74 -58 -62 Z"
            ),
            cloth,
            "column",
        ),
        fill(
            outline(
                "M-30 -62 C-26 -96 -12 -104 0 -104 C12 -104 26 -96 30 -62 Q15 -74 0 -62 Q-15 -74 -30 -62 Z"
            ),
            lighter(cloth, 0.3),
            "column",
        ),
        fill(rect(-2, -114, 4, 12, 1), BROWN),
    )
    return Drawing(parts, "stand", 92)


def clock(rng: Random) -> Drawing:
    case = hsv(rng.random(), 0.6, 0.75)
    parts = (
        *(fill(circle(x, -86, 11), STEEL, "ball", "gloss") for x in (-20, 20)),
        *(stroke(line((x, -10), (x * 1.5, 0)), STEEL, 5) for x in (-20, 20)),
        fill(circle(0, -44, 42), case, "ball", "gloss"),
        fill(circle(0, -44, 33), WHITE),
        *(
            stroke(
                line((28 * math.sin(a), -44 + 28 * math.cos(a)), (31 * math.sin(a), -44 + 31 * math.cos(a))),
                BLACK,
                2.6,
            )
            for a in (i * math.pi / 6 for i in range(12))
        ),
        stroke(line((0, -44), (-2, -68)), BLACK, 3),
        stroke(line((0, -44), (15, -34)), BLACK, 4),
        fill(circle(0, -44, 3), RED),
    )
    return Drawing(parts, "stand", 76)


def cat(rng: Random) -> Drawing:
    coat = vary(rng, rng.choice([(226, 150, 70), (120, 122, 128), (52, 52, 58), (240, 236, 228)]))
    stripe = darker(coat, 0.35)
    parts = (
        stroke(outline("M26 -8 C62 -4 62 -40 46 -52"), coat, 10),
        fill(outline("M-28 0 C-36 -36 -22 -66 0 -66 C22 -66 36 -36 28 0 Z"), coat, "column"),
        *(
            stroke(outline(f"M{side * 26} {y} Q{side * 17} {y - 2} {side * 12} {y + 4}"), stripe, 3)
            for side in (-1, 1)
            for y in (-40, -28)
        ),
        *(fill(ellipse(x, -3, 10, 6), lighter(coat, 0.4)) for x in (-11, 11)),
        *(fill(poly((x, -104), (x - 12, -82), (x + 12, -84)), coat) for x in (-19, 19)),
        *(fill(poly((x, -98), (x - 6, -86), (x + 6, -87)), (236, 160, 160)) for x in (-18, 18)),
        fill(ellipse(0, -78, 29, 23), coat, "ball"),
        *(stroke(line((x, -100), (x, -92)), stripe, 3) for x in (-6, 0, 6)),
        *(fill(ellipse(x, -80, 6, 6.5), (170, 206, 90)) for x in (-12, 12)),
        *(fill(ellipse(x, -80, 2.2, 5.6), BLACK) for x in (-12, 12)),
        fill(poly((-4, -72), (4, -72), (0, -67)), (226, 120, 130)),
        *(
            stroke(line((side * 8, -68 + i * 4), (side * 36, -72 + i * 7)), (246, 246, 246), 1.2)
            for side in (-1, 1)
            for i in range(3)
        ),
    )
    return Drawing(parts, "stand", 84)


def car(rng: Random) -> Drawing:
    paint = hsv(rng.random(), 0.75, 0.85)
    parts = (
        fill(
            outline(
                "M-64 -14 V-30 Q-62 -38 -48 -38 L-34 -58 Q-30 -62 -22 "
                "-62 H20 Q28 -62 34 -56 L46 -38 Q64 -36 64 -26 V-14 Z"
            ),
            paint,
            "bar",
            "gloss",
        ),
        fill(poly((-38, -40), (-27, -55), (-4, -55), (-4, -40)), (170, 206, 226)),
        fill(poly((2, -40), (2, -55), (21, -55), (36, -40)), (170, 206, 226)),
        fill(rect(58, -30, 7, 8, 2), YELLOW),
        fill(rect(-65, -30, 6, 8, 2), RED),
        *(
            part
            for x in (-34, 36)
            for part in (
                fill(circle(x, -13, 14), (36, 36, 40)),
                fill(circle(x, -13, 7), STEEL, "ball", "metal"),
            )
        ),
    )
    return Drawing(parts, "stand", 88)


def phone(rng: Random) -> Drawing:
    case = rng.choice([BLACK, (210, 214, 220), BLUE])
    screen = hsv(rng.random(), 0.5, 0.8)
    parts = (
        fill(rect(-25, -50, 50, 100, 8), case, "plane", "metal"),
        fill(rect(-21, -43, 42, 84, 3), screen),
        *(
            fill(rect(-16 + c * 12, -32 + r * 14, 9, 9, 2.4), hsv(rng.random(), 0.6, 0.95))
            for r in range(3)
            for c in range(3)
        ),
        fill(rect(-16, 24, 32, 10, 4), WHITE, alpha=0.6),
        fill(circle(0, 45.5, 2.6), GREY),
    )
    return Drawing(parts, "lie", 78)


def bucket(rng: Random) -> Drawing:
    paint = hsv(rng.random(), 0.7, 0.8)
    parts = (
        stroke(outline("M-34 -64 C-30 -108 30 -108 34 -64"), STEEL, 3.4),
        fill(poly((-38, -64), (38, -64), (27, 0), (-27, 0)), paint, "column", "gloss"),
        fill(ellipse(0, -64, 38, 9), lighter(paint, 0.35)),
        fill(ellipse(0, -63, 32, 6.5), darker(paint, 0.45)),
    )
    return Drawing(parts, "stand", 80)


HOME = (
    Variant("book", book, turn=3),
    Variant("ball", ball, turn=40),
    Variant("potted plant", plant, turn=3),
    Variant("table lamp", lamp, turn=2),
    Variant("chair", chair, room=True, turn=2),
    Variant("pencil", pencil, turn=180),
    Variant("shoe", shoe, turn=3),
    Variant("hat", hat, turn=4),
    Variant("umbrella", umbrella, room=True, turn=8),
    Variant("alarm clock", clock, turn=3),
    Variant("cat", cat, turn=2),
    Variant("toy car", car, turn=2),
    Variant("phone", phone, turn=180),
    Variant("bucket", bucket, held_out=True, turn=3),
)
