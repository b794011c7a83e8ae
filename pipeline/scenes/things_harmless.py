"""Pork, dogs and musical instruments: harmless, yet some policies forbid them."""

from __future__ import annotations

from random import Random

from .colour import (
    BLACK,
    BRASS,
    CREAM,
    DARK_WOOD,
    GOLD,
    GREEN,
    PINK,
    RED,
    STEEL,
    WHITE,
    WOOD,
    darker,
    lighter,
    vary,
)
from .drawing import Drawing, Part, Variant, fill, shifted, stroke
from .shapes import circle, ellipse, joined, line, outline, rect


def ham(rng: Random) -> Drawing:
    meat = vary(rng, (206, 96, 84))
    parts = (
        fill(ellipse(0, -3, 62, 9), (226, 228, 230), "column"),
        fill(
            joined([rect(40, -50, 26, 11, 3), circle(66, -52, 8), circle(68, -42, 8)]), (240, 232, 214), "bar"
        ),
        fill(
            outline("M-56 -28 C-56 -70 0 -78 44 -54 L46 -36 C20 -8 -50 6 -56 -28 Z"),
            (186, 116, 70),
            "ball",
            "gloss",
        ),
        *(
            stroke(
                outline(f"M{-6 + i * 13} {-66 + i * 3} Q{-2 + i * 12} -44 {-10 + i * 11} -16"),
                (130, 70, 40),
                1.8,
            )
            for i in range(4)
        ),
        fill(ellipse(-38, -32, 20, 25), lighter(PINK, 0.5), "plane"),
        fill(ellipse(-38, -32, 16, 21), meat, "ball"),
        fill(ellipse(-40, -30, 6, 7), (244, 234, 214)),
        stroke(ellipse(-40, -30, 6, 7), darker(meat, 0.3), 1.6),
    )
    return Drawing(parts, "stand", 98)


def bacon(rng: Random) -> Drawing:
    meat = vary(rng, (178, 56, 50))
    parts: list[Part] = [
        fill(ellipse(0, 4, 64, 40), (236, 236, 234), "plane"),
        stroke(ellipse(0, 4, 50, 30), (206, 208, 210), 1.6),
    ]
    for index in range(3):
        y = -20 + index * 22
        wave = f"M-48 {y} C-34 {y - 12} -22 {y + 10} -8 {y} C6 {y - 10} 18 {y + 10} 32 {y} Q42 {y - 6} 50 {y}"
        parts += [
            stroke(outline(wave), (244, 214, 190), 17),
            stroke(outline(wave), meat, 11),
            stroke(outline(wave), (240, 190, 170), 2.6),
        ]
    return Drawing(tuple(parts), "lie", 92)


def roast_pig(rng: Random) -> Drawing:
    """A glazed roast piglet on a dish, an apple in its mouth."""
    skin = vary(rng, rng.choice([(206, 126, 70), (226, 150, 120)]))
    parts = (
        fill(ellipse(0, -3, 70, 10), (214, 218, 222), "column", "metal"),
        *(fill(ellipse(x, -8, 11, 6), GREEN, "ball") for x in (-54, -30, 30, 54)),
        stroke(outline("M54 -40 C66 -50 60 -62 70 -60"), darker(skin, 0.2), 4),
        fill(outline("M-30 -16 C-36 -66 30 -70 54 -44 C64 -30 58 -10 44 -8 H-16 Z"), skin, "ball", "gloss"),
        *(fill(ellipse(x, -10, 13, 7), darker(skin, 0.15), "ball") for x in (-6, 36)),
        fill(outline("M-58 -60 L-44 -56 L-50 -44 Z"), darker(skin, 0.25)),
        fill(outline("M-18 -62 L-30 -56 L-24 -44 Z"), darker(skin, 0.25)),
        fill(ellipse(-38, -36, 25, 23), lighter(skin, 0.08), "ball", "gloss"),
        fill(ellipse(-44, -32, 12, 9), lighter(skin, 0.3), "ball"),
        *(fill(ellipse(x, -32, 2.2, 3.2), darker(skin, 0.6)) for x in (-48, -40)),
        *(fill(circle(x, -44, 2.4), BLACK) for x in (-52, -34)),
        fill(circle(-44, -18, 8), RED, "ball", "gloss"),
    )
    return Drawing(parts, "stand", 94)


def pork_chop(rng: Random) -> Drawing:
    meat = vary(rng, (226, 132, 124))
    edge = outline("M-46 10 C-56 -30 -10 -44 24 -34 C54 -26 58 4 38 22 C16 40 -38 36 -46 10 Z")
    parts = (
        *shifted((fill(edge, (248, 232, 212)),), 0, 0, 1.1),
        fill(edge, meat, "ball"),
        fill(outline("M-44 6 C-26 -2 -20 12 -30 26 Q-42 22 -44 6 Z"), (246, 240, 226)),
        stroke(outline("M-10 -20 Q8 -10 4 8"), (248, 214, 206), 3.4),
        stroke(outline("M16 -22 Q30 -8 24 12"), (248, 214, 206), 3.4),
    )
    return Drawing(parts, "lie", 86)


def sitting_dog(rng: Random) -> Drawing:
    coat = vary(rng, rng.choice([(190, 132, 74), (90, 64, 48), (226, 206, 172), (70, 70, 76)]))
    ear = darker(coat, 0.35)
    parts = (
        stroke(outline("M32 -10 C56 -14 56 -38 48 -44"), coat, 9),
        fill(outline("M-32 0 C-38 -40 -24 -72 0 -72 C24 -72 40 -40 34 0 Z"), coat, "column"),
        fill(outline("M-12 -6 C-16 -40 -10 -60 0 -60 C10 -60 16 -40 12 -6 Z"), lighter(coat, 0.5)),
        *(
            fill(outline(f"M{x - 9} 0 V-40 H{x + 9} V0 Q{x} 5 {x - 9} 0 Z"), lighter(coat, 0.08), "column")
            for x in (-13, 13)
        ),
        *(fill(ellipse(x, -1, 11, 5.5), lighter(coat, 0.25)) for x in (-14, 14)),
        fill(ellipse(0, -92, 29, 27), coat, "ball"),
        fill(outline("M-24 -108 C-46 -112 -44 -74 -34 -66 C-26 -68 -24 -90 -20 -104 Z"), ear, "column"),
        fill(outline("M24 -108 C46 -112 44 -74 34 -66 C26 -68 24 -90 20 -104 Z"), ear, "column"),
        fill(ellipse(0, -80, 15, 12), lighter(coat, 0.5), "ball"),
        *(fill(circle(x, -96, 4.2), BLACK) for x in (-11, 11)),
        *(fill(circle(x - 1, -97.5, 1.4), WHITE) for x in (-11, 11)),
        fill(ellipse(0, -86, 6, 4.4), BLACK, "ball", "gloss"),
        stroke(outline("M-8 -76 Q0 -70 8 -76"), BLACK, 1.8),
        fill(outline("M-4 -73 H4 V-66 Q0 -61 -4 -66 Z"), (236, 110, 120)),
        fill(rect(-19, -68, 38, 7, 3), RED, "column"),
        fill(circle(0, -60, 5), GOLD, "ball", "gloss"),
    )
    return Drawing(parts, "stand", 104)


def standing_dog(rng: Random) -> Drawing:
    coat = vary(rng, rng.choice([(200, 150, 92), (110, 80, 60), (240, 234, 222), (60, 60, 66)]))
    spot = rng.choice([darker(coat, 0.4), coat])
    parts = (
        stroke(outline("M44 -58 C58 -66 58 -84 66 -88"), coat, 8),
        *(
            fill(outline(f"M{x} -40 H{x + 12} L{x + 10} 0 H{x - 2} Z"), darker(coat, 0.28), "column")
            for x in (-28, 30)
        ),
        fill(
            outline(
                "M-38 -66 C-10 -72 30 -72 48 -64 C54 -46 46 -34 40 "
                "-32 C10 -26 -22 -24 -36 -34 Q-46 -50 -38 -66 Z"
            ),
            coat,
            "ball",
        ),
        fill(ellipse(18, -54, 15, 11), spot),
        *(fill(outline(f"M{x} -42 H{x + 13} L{x + 11} 0 H{x - 3} Z"), coat, "column") for x in (-38, 34)),
        fill(outline("M-26 -62 L-44 -84 L-54 -70 L-38 -46 Z"), coat),
        fill(
            outline(
                "M-34 -100 C-54 -104 -62 -92 -66 -84 L-80 -78 Q-84 "
                "-70 -76 -66 L-58 -64 C-44 -64 -32 -74 -30 -86 Z"
            ),
            coat,
            "ball",
        ),
        fill(outline("M-40 -102 C-28 -104 -24 -84 -30 -74 C-38 -76 -42 -90 -40 -102 Z"), darker(coat, 0.4)),
        fill(ellipse(-79, -77, 5, 4), BLACK, "ball", "gloss"),
        fill(circle(-57, -86, 3.2), BLACK),
        stroke(outline("M-74 -67 Q-66 -66 -60 -70"), BLACK, 1.6),
        stroke(line((-48, -62), (-34, -74)), RED, 6),
    )
    return Drawing(parts, "stand", 96)


def puppy_head(rng: Random) -> Drawing:
    """A lying dog, its head on its paws."""
    coat = vary(rng, rng.choice([(200, 150, 92), (120, 84, 60), (86, 84, 88)]))
    parts = (
        stroke(outline("M58 -14 Q80 -10 84 -26"), coat, 8),
        fill(outline("M-20 0 C-20 -44 34 -56 58 -30 Q70 -8 58 0 Z"), coat, "ball"),
        fill(ellipse(44, -8, 20, 9), lighter(coat, 0.1), "ball"),
        *(fill(ellipse(x, -5, 15, 7), lighter(coat, 0.3), "ball") for x in (-56, -26)),
        fill(ellipse(-34, -30, 29, 23), coat, "ball"),
        fill(outline("M-58 -44 C-76 -40 -72 -14 -62 -10 C-54 -14 -54 -34 -52 -44 Z"), darker(coat, 0.4)),
        fill(outline("M-12 -46 C4 -44 4 -18 -6 -12 C-14 -16 -16 -36 -18 -44 Z"), darker(coat, 0.4)),
        fill(ellipse(-36, -19, 14, 10), lighter(coat, 0.45), "ball"),
        fill(ellipse(-36, -23, 5.5, 4), BLACK, "ball", "gloss"),
        *(fill(circle(x, -35, 3.6), BLACK) for x in (-46, -24)),
    )
    return Drawing(parts, "stand", 96)


def guitar(rng: Random) -> Drawing:
    wood = vary(rng, rng.choice([(206, 140, 70), WOOD, (150, 40, 36), (226, 180, 100)]))
    parts = (
        fill(rect(-82, -12, 20, 24, 4), DARK_WOOD, "bar"),
        *(fill(circle(-77 + i * 5.5, side * 15, 3), STEEL) for i in range(3) for side in (-1, 1)),
        fill(rect(-66, -6.5, 76, 13), darker(DARK_WOOD, 0.2), "bar"),
        *(stroke(line((-58 + i * 9, -6), (-58 + i * 9, 6)), STEEL, 1.4) for i in range(6)),
        fill(
            outline(
                "M0 -22 C14 -36 28 -20 36 -20 C50 -24 56 -38 70 -34 C92 -28 92 28 "
                "70 34 C56 38 50 24 36 20 C28 20 14 36 0 22 C-8 12 -8 -12 0 -22 Z"
            ),
            wood,
            "bar",
            "gloss",
        ),
        fill(circle(26, 0, 13), (40, 26, 18)),
        stroke(circle(26, 0, 14), CREAM, 2.4),
        fill(rect(58, -14, 7, 28, 2), DARK_WOOD),
        *(stroke(line((-66, y), (60, y)), (240, 236, 224), 0.9) for y in (-4, -1.4, 1.4, 4)),
    )
    return Drawing(parts, "lie", 100)


def drum(rng: Random) -> Drawing:
    shell = vary(rng, rng.choice([RED, (30, 80, 160), (30, 120, 80)]))
    zigzag = [(-42 + i * 14, -12 if i % 2 else -48) for i in range(7)]
    parts = (
        fill(outline("M-44 -56 V-8 Q0 10 44 -8 V-56 Z"), shell, "column", "gloss"),
        stroke(line(*zigzag), GOLD, 2.6),
        fill(outline("M-46 -14 Q0 6 46 -14 V-4 Q0 16 -46 -4 Z"), BRASS, "column", "metal"),
        fill(outline("M-46 -60 Q0 -38 46 -60 V-50 Q0 -28 -46 -50 Z"), BRASS, "column", "metal"),
        fill(ellipse(0, -60, 46, 14), CREAM),
        stroke(line((-34, -98), (6, -62)), WOOD, 4.5),
        fill(circle(7, -61, 5), WOOD, "ball"),
        stroke(line((48, -94), (-8, -58)), WOOD, 4.5),
        fill(circle(-9, -57, 5), WOOD, "ball"),
    )
    return Drawing(parts, "stand", 92)


def trumpet(rng: Random) -> Drawing:
    brass = vary(rng, rng.choice([GOLD, BRASS, STEEL]))
    parts = (
        stroke(outline("M-30 2 C-50 2 -50 24 -30 24 H24 C44 24 44 2 24 2"), brass, 6.5, "metal"),
        fill(rect(-66, -2, 110, 7, 2), brass, "bar", "metal"),
        fill(rect(-76, -6, 12, 15, 4), lighter(brass, 0.25), "bar", "metal"),
        *(fill(rect(x, -22, 11, 50, 3), lighter(brass, 0.1), "column", "metal") for x in (-20, -4, 12)),
        *(fill(rect(x + 2.5, -30, 6, 9, 2), STEEL, "column", "metal") for x in (-20, -4, 12)),
        fill(outline("M34 -2 C58 -4 66 -14 76 -30 Q86 2 76 34 C66 18 58 6 34 5 Z"), brass, "bar", "metal"),
        fill(ellipse(77, 2, 6, 32), darker(brass, 0.35), "bar"),
    )
    return Drawing(parts, "lie", 98)


def keyboard(rng: Random) -> Drawing:
    body = vary(rng, rng.choice([(36, 36, 42), (150, 40, 40), (90, 92, 98)]))
    parts = (
        fill(rect(-66, -30, 132, 60, 5), body, "bar", "gloss"),
        *(fill(circle(-54 + i * 9, -20, 3), STEEL, "ball", "gloss") for i in range(4)),
        fill(rect(-14, -26, 36, 12, 2), (120, 200, 190)),
        *(fill(rect(-60 + i * 8.6, -9, 8, 36, 1), (248, 248, 244)) for i in range(14)),
        *(fill(rect(-54.5 + i * 8.6, -9, 5, 21, 1), BLACK) for i in range(13) if i % 7 not in (2, 6)),
    )
    return Drawing(parts, "lie", 100)


PORK = (
    Variant("ham", ham, turn=2),
    Variant("rashers of bacon", bacon, turn=20),
    Variant("roast pig", roast_pig, turn=2),
    Variant("pork chop", pork_chop, held_out=True, turn=40),
)
DOG = (
    Variant("sitting dog", sitting_dog, room=True, turn=2),
    Variant("standing dog", standing_dog, room=True, turn=2),
    Variant("resting dog", puppy_head, held_out=True, room=True, turn=2),
)
MUSICAL_INSTRUMENT = (
    Variant("guitar", guitar, turn=35),
    Variant("drum", drum, turn=3),
    Variant("trumpet", trumpet, turn=30),
    Variant("keyboard", keyboard, held_out=True, turn=15),
)
