"""Firearms, blades and explosives: side views, harmless as pictures and plain to name."""

from __future__ import annotations

from random import Random

from .colour import (
    BLACK,
    BRASS,
    DARK_WOOD,
    GOLD,
    GREY,
    GUNMETAL,
    RED,
    RGB,
    STEEL,
    WOOD,
    YELLOW,
    darker,
    lighter,
    vary,
)
from .drawing import Drawing, Part, Variant, fill, stroke
from .shapes import circle, ellipse, line, outline, poly, rect, star


def pistol(rng: Random) -> Drawing:
    metal = vary(rng, rng.choice([GUNMETAL, (52, 54, 60), (150, 154, 162)]))
    frame = darker(metal, rng.choice([0.2, 0.35]))
    grip = rng.choice([BLACK, DARK_WOOD, (58, 60, 50)])
    end = rng.uniform(-54, -46)
    parts = (
        stroke(outline("M-6 -4 C-6 14 4 20 20 16"), frame, 4),
        stroke(outline("M6 -4 Q4 6 9 10"), darker(frame, 0.2), 3.5),
        fill(poly((10, -8), (42, -10), (56, 38), (50, 42), (26, 42), (20, 18)), grip),
        *(
            stroke(line((21 + i * 1.5, 8 + i * 7), (44 + i * 2, 5 + i * 7)), lighter(grip, 0.2), 1.6)
            for i in range(5)
        ),
        fill(rect(end + 3, -14, 52 - end - 6, 12, 2), frame, "bar"),
        fill(rect(end - 4, -25, 8, 8, 1), darker(metal, 0.5), "bar", "metal"),
        fill(outline(f"M{end} -31 H48 Q52 -30 52 -24 L50 -11 H{end} Z"), metal, "bar", "metal"),
        fill(rect(-8, -29, 19, 8, 1), darker(metal, 0.6)),
        *(stroke(line((27 + i * 4, -28), (27 + i * 4, -15)), darker(metal, 0.55), 1.8) for i in range(5)),
        fill(rect(end + 3, -35, 5, 5), darker(metal, 0.4)),
        fill(rect(38, -35, 8, 5), darker(metal, 0.4)),
    )
    return Drawing(parts, "lie", 112, (end, -21, 8))


def revolver(rng: Random) -> Drawing:
    metal = vary(rng, rng.choice([STEEL, GUNMETAL, (60, 66, 84)]))
    grip = vary(rng, rng.choice([WOOD, DARK_WOOD, (224, 212, 190)]))
    end = rng.uniform(-58, -44)
    dark = darker(metal, 0.35)
    parts = (
        stroke(outline("M4 2 C2 18 14 22 24 12"), dark, 4),
        stroke(outline("M13 2 Q10 9 14 14"), dark, 3.5),
        fill(
            outline("M24 -6 C36 -12 44 -10 46 -4 C48 12 58 26 60 38 C54 46 44 46 38 42 C36 24 30 14 22 6 Z"),
            grip,
        ),
        fill(circle(47, 22, 2.6), BRASS),
        fill(outline("M36 -18 L46 -34 L52 -32 L48 -24 L46 -8 Z"), dark, "plane", "metal"),
        fill(rect(-4, -27, 46, 32, 6), dark, "bar", "metal"),
        fill(rect(end, -26, -2 - end, 13, 1), metal, "bar", "metal"),
        fill(rect(end + 16, -14, -18 - end, 8, 3), dark, "bar", "metal"),
        fill(outline(f"M{end + 2} -26 L{end + 5} -32 H{end + 11} L{end + 13} -26 Z"), dark),
        fill(rect(0, -25, 27, 26, 5), metal, "bar", "metal"),
        *(fill(rect(3, -22 + i * 9, 15, 4.5, 2.2), darker(metal, 0.55), "bar") for i in range(3)),
    )
    return Drawing(parts, "lie", 110, (end, -20, 7))


def rifle(rng: Random) -> Drawing:
    metal = vary(rng, GUNMETAL)
    wood = vary(rng, rng.choice([WOOD, DARK_WOOD, (70, 74, 60), (48, 48, 52)]))
    parts = (
        fill(rect(-74, -9, 50, 5, 1), metal, "bar", "metal"),
        fill(rect(-78, -10.5, 9, 8, 1), darker(metal, 0.3), "bar", "metal"),
        fill(poly((-68, -9), (-66, -19), (-63, -19), (-62, -9)), metal),
        fill(outline("M26 -6 L70 0 Q74 1 74 6 L72 22 Q71 25 66 24 L24 6 Z"), wood, "bar"),
        fill(outline("M10 4 L20 4 L28 26 Q22 30 17 27 Z"), darker(wood, 0.2)),
        fill(
            outline("M-14 4 H2 Q2 24 -10 38 L-24 33 Q-14 20 -14 4 Z"), darker(metal, 0.15), "column", "metal"
        ),
        *(
            stroke(
                outline(f"M{-12 - i * 3} {12 + i * 8} L{0 - i * 3.2} {13 + i * 8.4}"), darker(metal, 0.5), 1.4
            )
            for i in range(3)
        ),
        stroke(outline("M2 5 Q3 15 12 13"), metal, 2.6),
        fill(rect(-46, -13, 28, 13, 3), wood, "bar"),
        fill(rect(-20, -14, 50, 20, 3), metal, "bar", "metal"),
        fill(rect(-12, -17, 34, 4, 1.5), darker(metal, 0.2)),
        fill(rect(0, -10, 16, 5, 1), darker(metal, 0.6)),
        fill(rect(-26, -20, 8, 7, 1), darker(metal, 0.2)),
    )
    return Drawing(parts, "lie", 108, (-76, -6.5, 5))


def shotgun(rng: Random) -> Drawing:
    metal, wood = vary(rng, (96, 100, 110)), vary(rng, WOOD)
    parts = (
        fill(outline("M20 -10 C34 -8 36 2 44 2 L76 4 Q80 6 79 12 L76 26 C60 24 40 16 18 6 Z"), wood, "bar"),
        stroke(outline("M6 4 C6 16 18 18 24 8"), metal, 3),
        stroke(outline("M13 4 Q12 9 14 12"), metal, 2.6),
        fill(rect(-80, -4, 84, 6, 1), darker(metal, 0.15), "bar", "metal"),
        fill(rect(-80, -11, 84, 7, 1), metal, "bar", "metal"),
        fill(outline("M-50 0 H-4 V7 H-44 Q-50 6 -50 0 Z"), wood, "bar"),
        fill(outline("M-2 -12 H22 L24 6 H-2 Z"), lighter(metal, 0.25), "bar", "metal"),
        fill(circle(10, -3, 3), darker(metal, 0.4)),
        fill(circle(-76, -13, 2), BRASS),
    )
    return Drawing(parts, "lie", 106, (-80, -5, 7))


def kitchen_knife(rng: Random) -> Drawing:
    handle = vary(rng, rng.choice([BLACK, WOOD, (150, 40, 40), DARK_WOOD]))
    tall = rng.uniform(8, 12)
    parts = (
        fill(
            outline(
                f"M-62 {tall} C-40 {tall + 2} 0 {tall + 1} 14 {tall} V-10 L-30 -8 C-48 -6 -58 2 -62 {tall} Z"
            ),
            STEEL,
            "bar",
            "metal",
        ),
        fill(
            outline(
                f"M-62 {tall} C-40 {tall + 2} 0 {tall + 1} 14 {tall} "
                f"V{tall - 4} C-10 {tall - 3} -42 {tall - 3} -62 {tall} Z"
            ),
            (230, 234, 240),
        ),
        fill(rect(12, -11, 8, 20, 2), darker(STEEL, 0.25), "bar", "metal"),
        fill(outline("M19 -11 H54 Q64 -10 62 0 Q60 8 52 6 Q34 2 19 8 Z"), handle, "bar", "gloss"),
        *(fill(circle(27 + i * 12, -3, 2.2), lighter(STEEL, 0.4)) for i in range(3)),
    )
    return Drawing(parts, "lie", 112)


def dagger(rng: Random) -> Drawing:
    grip = vary(rng, rng.choice([DARK_WOOD, BLACK, (110, 30, 40), (40, 50, 100)]))
    metal = vary(rng, rng.choice([GOLD, BRASS, STEEL]))
    parts = (
        fill(poly((-64, 0), (-50, -8), (10, -9), (10, 0)), lighter(STEEL, 0.3), "bar", "metal"),
        fill(poly((-64, 0), (-50, 8), (10, 9), (10, 0)), darker(STEEL, 0.22), "bar", "metal"),
        stroke(line((-44, 0), (8, 0)), darker(STEEL, 0.45), 1.8),
        fill(rect(18, -6, 34, 12, 3), grip, "bar"),
        *(stroke(line((23 + i * 6, -6), (21 + i * 6, 6)), metal, 1.6) for i in range(5)),
        fill(outline("M9 -24 Q17 -22 17 -12 V12 Q17 22 9 24 Q12 0 9 -24 Z"), metal, "bar", "metal"),
        fill(circle(57, 0, 8), metal, "ball", "gloss"),
        fill(circle(57, 0, 3.4), RED, "ball", "gloss"),
    )
    return Drawing(parts, "lie", 106)


def sword(rng: Random) -> Drawing:
    metal = vary(rng, rng.choice([GOLD, BRASS, STEEL, (90, 94, 104)]))
    grip = vary(rng, rng.choice([(120, 30, 36), BLACK, (38, 60, 110), DARK_WOOD]))
    parts = (
        fill(poly((-82, 0), (-72, -6), (30, -7), (30, 0)), lighter(STEEL, 0.3), "bar", "metal"),
        fill(poly((-82, 0), (-72, 6), (30, 7), (30, 0)), darker(STEEL, 0.2), "bar", "metal"),
        stroke(line((-60, 0), (26, 0)), darker(STEEL, 0.4), 2),
        fill(rect(36, -5, 30, 10, 2), grip, "bar"),
        *(stroke(line((40 + i * 5, -5), (38 + i * 5, 5)), lighter(grip, 0.35), 1.4) for i in range(5)),
        fill(rect(29, -24, 8, 48, 4), metal, "column", "metal"),
        fill(circle(33, -24, 5), metal, "ball", "gloss"),
        fill(circle(33, 24, 5), metal, "ball", "gloss"),
        fill(circle(71, 0, 7.5), metal, "ball", "gloss"),
    )
    return Drawing(parts, "lie", 104)


def cleaver(rng: Random) -> Drawing:
    handle = vary(rng, rng.choice([WOOD, BLACK]))
    parts = (
        fill(outline("M-52 -20 Q-54 -22 -50 -22 H10 L14 -14 V18 Q-20 26 -52 22 Z"), STEEL, "bar", "metal"),
        fill(outline("M14 12 V18 Q-20 26 -52 22 V16 Q-20 19 14 12 Z"), (232, 236, 242)),
        fill(circle(-44, -14, 3.4), darker(STEEL, 0.7)),
        fill(outline("M14 -16 H50 Q60 -14 58 -6 Q56 0 48 -2 H14 Z"), handle, "bar", "gloss"),
        *(fill(circle(24 + i * 12, -9, 2.2), BRASS) for i in range(3)),
    )
    return Drawing(parts, "lie", 106)


def _spark(x: float, y: float) -> tuple[Part, ...]:
    return (
        fill(circle(x, y, 15), YELLOW, "plane", "glow", 0.45),
        fill(star(x, y, 14, 5, 8), YELLOW),
        fill(star(x, y, 8, 3, 8, 20), RED),
    )


def round_bomb(rng: Random) -> Drawing:
    body: RGB = rng.choice([(34, 36, 44), (44, 46, 50), (60, 34, 34)])
    parts = (
        stroke(outline("M20 -70 C26 -92 44 -92 46 -82"), (176, 150, 108), 4.5),
        fill(circle(0, -38, 38), body, "ball", "gloss"),
        fill(outline("M6 -74 L22 -82 L32 -64 L18 -54 Z"), lighter(body, 0.22), "bar", "metal"),
        *_spark(47, -80),
    )
    return Drawing(parts, "stand", 84)


def dynamite(rng: Random) -> Drawing:
    red = vary(rng, RED)
    sticks = []
    for x in (-26, 8, -9):
        sticks += [
            fill(rect(x, -72, 18, 72, 2), red if x != -9 else lighter(red, 0.08), "column"),
            fill(ellipse(x + 9, -72, 9, 3.2), (222, 186, 140)),
        ]
    parts = (
        stroke(outline("M0 -72 C-2 -92 18 -100 28 -90"), (70, 64, 58), 3.5),
        *sticks,
        fill(rect(-28, -54, 56, 8, 1), BLACK, "column"),
        fill(rect(-28, -20, 56, 8, 1), BLACK, "column"),
        *_spark(29, -90),
    )
    return Drawing(parts, "stand", 90)


def grenade(rng: Random) -> Drawing:
    green = vary(rng, rng.choice([(86, 100, 58), (70, 84, 62), (98, 96, 66)]))
    dark = darker(green, 0.45)
    parts = (
        fill(ellipse(0, -33, 27, 33), green, "ball"),
        *(
            stroke(
                outline(
                    f"M{-25 + abs(i) * 3} {-33 + i * 12} Q0 {-27 + i * 13} {25 - abs(i) * 3} {-33 + i * 12}"
                ),
                dark,
                2.6,
            )
            for i in (-2, -1, 0, 1, 2)
        ),
        *(stroke(outline(f"M{i * 8} -64 Q{i * 15} -33 {i * 8} -2"), dark, 2.6) for i in (-1, 0, 1)),
        fill(rect(-11, -76, 22, 14, 2), darker(STEEL, 0.3), "column", "metal"),
        fill(
            outline("M-8 -84 H14 C28 -82 34 -64 33 -40 L27 -40 C27 -60 22 -72 10 -75 H-8 Z"),
            STEEL,
            "bar",
            "metal",
        ),
        stroke(circle(-20, -76, 9), BRASS, 3.4, "metal"),
    )
    return Drawing(parts, "stand", 96)


def time_bomb(rng: Random) -> Drawing:
    brick = vary(rng, rng.choice([(196, 170, 120), RED]))
    parts = (
        *(fill(rect(-46 + i * 31, -52, 30, 52, 4), brick, "column") for i in range(3)),
        fill(rect(-48, -16, 96, 7), BLACK),
        fill(rect(-26, -44, 52, 26, 3), (46, 48, 54)),
        fill(rect(-21, -40, 42, 18, 1), (20, 8, 8)),
        *(stroke(line((x, -37), (x, -25)), (255, 50, 40), 3.2) for x in (-15, -6, 6, 15)),
        *(fill(circle(0, y, 1.8), (255, 60, 50)) for y in (-34, -28)),
        stroke(outline("M-22 -44 C-40 -76 -20 -78 -14 -44"), RED, 3),
        stroke(outline("M22 -44 C40 -80 8 -76 4 -44"), (50, 110, 200), 3),
        stroke(outline("M14 -44 C22 -66 34 -60 38 -50"), YELLOW, 3),
        fill(rect(-1, -17, 2, 2), GREY),
    )
    return Drawing(parts, "stand", 92)


FIREARM = (
    Variant("pistol", pistol, turn=180),
    Variant("revolver", revolver, turn=180),
    Variant("rifle", rifle, turn=35),
    Variant("shotgun", shotgun, held_out=True, turn=35),
)
BLADE = (
    Variant("kitchen knife", kitchen_knife, turn=180),
    Variant("dagger", dagger, turn=180),
    Variant("sword", sword, turn=35),
    Variant("cleaver", cleaver, held_out=True, turn=180),
)
EXPLOSIVE = (
    Variant("round bomb", round_bomb),
    Variant("dynamite", dynamite),
    Variant("grenade", grenade),
    Variant("time bomb", time_bomb, held_out=True, flips=False),
)
