"""Luxury and papers. Documents are invented and show a silhouette where a photograph would be."""

from __future__ import annotations

import math
from random import Random

from .colour import BLACK, CREAM, GOLD, RED, RGB, STEEL, WHITE, darker, hsv, lighter, vary
from .drawing import Drawing, Part, Variant, fill, stroke
from .lettering import written
from .shapes import circle, ellipse, line, outline, poly, rect, ring, star


def diamond_ring(rng: Random) -> Drawing:
    velvet = rng.choice([(110, 20, 50), (24, 40, 100), (20, 80, 70)])
    stone = rng.choice([(210, 236, 250), (230, 60, 90), (70, 200, 150)])
    parts = (
        fill(outline("M-44 -50 L-38 -92 Q0 -100 38 -92 L44 -50 Z"), darker(velvet, 0.25), "column"),
        fill(outline("M-36 -54 L-32 -86 Q0 -92 32 -86 L36 -54 Z"), lighter(velvet, 0.75), "column"),
        stroke(circle(0, -48, 22), darker(GOLD, 0.35), 9),
        stroke(circle(0, -48, 22), GOLD, 7, "metal"),
        fill(outline("M-46 -46 H46 V-4 Q0 6 -46 -4 Z"), velvet, "column", "gloss"),
        fill(rect(-48, -50, 96, 9, 3), lighter(velvet, 0.2), "column"),
        fill(poly((-17, -84), (-10, -96), (10, -96), (17, -84), (0, -66)), stone, "plane", "gloss"),
        stroke(line((-17, -84), (17, -84)), lighter(stone, 0.7), 1.4),
        stroke(line((-6, -84), (0, -66), (6, -84)), lighter(stone, 0.7), 1.4),
        *(fill(star(x, y, 8, 1.8, 4), WHITE) for x, y in ((20, -102), (-22, -98))),
    )
    return Drawing(parts, "stand", 88)


def gold_watch(rng: Random) -> Drawing:
    gold = vary(rng, rng.choice([GOLD, STEEL, (220, 160, 130)]))
    face = rng.choice([WHITE, (20, 40, 90), BLACK, (20, 90, 70)])
    ink = BLACK if face == WHITE else WHITE
    links = [
        fill(rect(-15 + abs(i) * 0.6, i * 12 - 5.5, 30 - abs(i) * 1.2, 11, 3), gold, "column", "metal")
        for i in (-5, -4, -3, 3, 4, 5)
    ]
    parts = (
        *links,
        fill(rect(29, -5, 8, 10, 2), gold, "bar", "metal"),
        fill(circle(0, 0, 32), gold, "ball", "metal"),
        fill(circle(0, 0, 25), face, "plane"),
        *(
            stroke(
                line((20 * math.cos(a), 20 * math.sin(a)), (23 * math.cos(a), 23 * math.sin(a))), gold, 2.4
            )
            for a in (i * math.pi / 6 for i in range(12))
        ),
        stroke(line((0, 0), (-8, -11)), ink, 3),
        stroke(line((0, 0), (13, -12)), ink, 2.2),
        fill(circle(0, 0, 2.6), RED),
    )
    return Drawing(parts, "lie", 86)


def gold_bars(rng: Random) -> Drawing:
    gold = vary(rng, GOLD, 0.03)
    parts: list[Part] = []
    for x, y in ((-30, 0), (30, 0), (0, -26)):
        parts += [
            fill(
                poly((x - 20, y - 26), (x - 14, y - 34), (x + 28, y - 34), (x + 22, y - 26)),
                lighter(gold, 0.45),
                "plane",
                "metal",
            ),
            fill(poly((x + 22, y - 26), (x + 28, y - 34), (x + 35, y - 8), (x + 29, y)), darker(gold, 0.4)),
            fill(poly((x - 20, y - 26), (x + 22, y - 26), (x + 29, y), (x - 27, y)), gold, "bar", "metal"),
            stroke(rect(x - 13, y - 18, 28, 10, 1), darker(gold, 0.35), 1.6),
        ]
    return Drawing(tuple(parts), "stand", 96)


def necklace(rng: Random) -> Drawing:
    stone = rng.choice([RED, (40, 150, 110), (50, 90, 200)])
    beads = [
        circle(-44 * math.cos(t), -96 + 66 * math.sin(t), 5.5) for t in (math.pi * i / 14 for i in range(15))
    ]
    parts = (
        fill(
            outline("M-40 0 C-50 -60 -30 -84 -14 -112 H14 C30 -84 50 -60 40 0 Z"),
            rng.choice([(34, 34, 40), (90, 20, 40)]),
            "column",
        ),
        *(fill(bead, (250, 244, 232) if i % 2 else GOLD, "ball", "gloss") for i, bead in enumerate(beads)),
        fill(circle(0, -20, 12), GOLD, "ball", "gloss"),
        fill(poly((0, -30), (9, -20), (0, -8), (-9, -20)), stone, "ball", "gloss"),
    )
    return Drawing(parts, "stand", 90)


def _portrait(x: float, y: float, width: float, height: float, tint: RGB) -> tuple[Part, ...]:
    """A photograph's place with a grey silhouette."""
    return (
        fill(rect(x, y, width, height, 2), lighter(tint, 0.55)),
        fill(ellipse(x + width / 2, y + height * 0.4, width * 0.2, height * 0.2), darker(tint, 0.35)),
        fill(
            outline(
                f"M{x + 2} {y + height} Q{x + width * 0.1} {y + height * 0.64} {x + width / 2} "
                f"{y + height * 0.64} Q{x + width * 0.9} {y + height * 0.64} {x + width - 2} {y + height} Z"
            ),
            darker(tint, 0.35),
        ),
    )


def identity_card(rng: Random) -> Drawing:
    tint = hsv(rng.choice([0.55, 0.6, 0.42, 0.92]), 0.4, 0.8)
    parts = (
        fill(rect(-58, -37, 116, 74, 6), lighter(tint, 0.72)),
        fill(rect(-58, -37, 116, 17, 6), tint),
        *written("ID CARD", 0, -33, 9, WHITE, 0.2),
        *_portrait(-51, -14, 34, 42, tint),
        fill(rect(34, -14, 17, 13, 2), GOLD, "plane", "metal"),
        *(
            stroke(line((-9, -10 + i * 9), (26 - 7 * (i % 2), -10 + i * 9)), (60, 64, 76), 3)
            for i in range(3)
        ),
        *(stroke(line((-9, 17 + i * 7), (50, 17 + i * 7)), (60, 64, 76), 2.2) for i in range(2)),
        stroke(rect(-58, -37, 116, 74, 6), darker(tint, 0.4), 1.6),
    )
    return Drawing(parts, "lie", 112)


def passport(rng: Random) -> Drawing:
    cover = rng.choice([(120, 24, 36), (24, 40, 86), (24, 76, 58)])
    parts = (
        fill(rect(-33, -46, 70, 96, 4), CREAM),
        fill(rect(-36, -48, 70, 96, 5), cover, "column"),
        *written("PASSPORT", -1, -38, 8.6, GOLD, 0.18),
        stroke(circle(-1, 0, 19), GOLD, 2.4),
        stroke(ellipse(-1, 0, 9, 19), GOLD, 1.8),
        stroke(line((-20, 0), (18, 0)), GOLD, 1.8),
        stroke(outline("M-17 -9 Q-1 -4 15 -9"), GOLD, 1.6),
        stroke(outline("M-17 9 Q-1 4 15 9"), GOLD, 1.6),
        fill(rect(-9, 30, 16, 9, 2), GOLD, "plane", "metal"),
    )
    return Drawing(parts, "lie", 98)


def open_passport(rng: Random) -> Drawing:
    tint = hsv(rng.choice([0.55, 0.42, 0.9]), 0.3, 0.8)
    parts = (
        fill(rect(-48, -54, 96, 108, 4), darker(tint, 0.6)),
        fill(rect(-45, -51, 90, 51), lighter(tint, 0.75)),
        fill(rect(-45, 0, 90, 51), lighter(tint, 0.62)),
        stroke(line((-46, 0), (46, 0)), darker(tint, 0.2), 2),
        fill(ring(16, -26, 15, 11), (160, 60, 70), alpha=0.8),
        *_portrait(-40, 5, 30, 34, tint),
        *(stroke(line((-4, 9 + i * 8), (38, 9 + i * 8)), (60, 64, 76), 2.4) for i in range(4)),
        *(stroke(line((-40, 43 + i * 4.5), (40, 43 + i * 4.5)), (40, 44, 52), 2) for i in range(2)),
    )
    return Drawing(parts, "lie", 98)


LUXURY_ITEM = (
    Variant("diamond ring", diamond_ring, turn=2),
    Variant("gold watch", gold_watch, turn=60, flips=False),
    Variant("gold bars", gold_bars, turn=2),
    Variant("necklace", necklace, held_out=True, turn=2),
)
IDENTITY_DOCUMENT = (
    Variant("identity card", identity_card, turn=30, flips=False),
    Variant("passport", passport, turn=30, flips=False),
    Variant("open passport", open_passport, held_out=True, turn=20, flips=False),
)
