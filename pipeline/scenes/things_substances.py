"""Tobacco, alcohol, syringes and pills."""

from __future__ import annotations

from random import Random

from .colour import (
    BLACK,
    BLUE,
    BRASS,
    CREAM,
    DARK_WOOD,
    GOLD,
    GREEN,
    GREY,
    ORANGE,
    RED,
    RGB,
    STEEL,
    WHITE,
    YELLOW,
    darker,
    hsv,
    lighter,
    mix,
    vary,
)
from .drawing import Drawing, Part, Variant, fill, shifted, stroke
from .shapes import circle, ellipse, line, outline, poly, rect, star


def _cigarette(lit: bool) -> tuple[Part, ...]:
    """A cigarette along x, its filter at the left."""
    end = (
        (fill(rect(36, -4, 5, 8), (70, 66, 64), "bar"), fill(rect(33, -4, 4, 8), ORANGE, "bar"))
        if lit
        else ()
    )
    return (
        fill(rect(-36, -4, 72, 8, 1), WHITE, "bar"),
        fill(rect(-36, -4, 22, 8, 1), (222, 156, 84), "bar"),
        stroke(line((-14, -4), (-14, 4)), GOLD, 1.4),
        *end,
    )


def _smoke(x: float, y: float) -> tuple[Part, ...]:
    curve = (
        f"M{x} {y} C{x - 12} {y - 14} {x + 14} {y - 24} {x + 2} "
        f"{y - 40} C{x - 6} {y - 52} {x + 8} {y - 58} {x + 4} {y - 66}"
    )
    return (stroke(outline(curve), (226, 228, 232), 4.0, "glow", 0.75),)


def cigarette_pack(rng: Random) -> Drawing:
    band = rng.choice([RED, BLUE, GREEN, (40, 40, 44), GOLD])
    parts = (
        fill(rect(-18, -104, 9, 42, 1), WHITE, "column"),
        fill(rect(-18, -104, 9, 20, 1), (222, 156, 84), "column"),
        fill(rect(-6, -98, 9, 42, 1), WHITE, "column"),
        fill(rect(-6, -98, 9, 18, 1), (222, 156, 84), "column"),
        fill(rect(6, -92, 9, 40, 1), WHITE, "column"),
        fill(rect(6, -92, 9, 14, 1), (222, 156, 84), "column"),
        fill(rect(-26, -78, 52, 78, 2), WHITE),
        fill(outline("M-26 -78 H26 V-46 L0 -30 L-26 -46 Z"), band),
        fill(rect(-26, -84, 52, 10, 1), lighter(GREY, 0.5), "plane", "metal"),
        fill(circle(0, -54, 8), GOLD),
        fill(rect(-18, -24, 36, 6), darker(band, 0.1)),
        fill(rect(-14, -12, 28, 4), lighter(BLACK, 0.4)),
    )
    return Drawing(parts, "stand", 86)


def ashtray(rng: Random) -> Drawing:
    glass = vary(rng, rng.choice([(120, 150, 170), (84, 88, 96), (150, 96, 60)]))
    parts = (
        fill(outline("M-52 -22 Q-46 0 -34 0 H34 Q46 0 52 -22 Z"), glass, "column", "gloss"),
        fill(ellipse(0, -22, 52, 13), lighter(glass, 0.25)),
        fill(ellipse(0, -20, 42, 9), darker(glass, 0.45)),
        fill(ellipse(-8, -18, 24, 5), (108, 104, 102)),
        *shifted(_cigarette(False), -20, -22, 0.55, -24),
        *_smoke(60, -50),
        *shifted(_cigarette(True), 22, -34, 1.05, -24),
    )
    return Drawing(parts, "stand", 96)


def cigar(rng: Random) -> Drawing:
    leaf = vary(rng, (112, 70, 40))
    parts = (
        fill(outline("M-62 0 Q-62 -10 -50 -10 H48 V10 H-50 Q-62 10 -62 0 Z"), leaf, "bar"),
        *(stroke(line((-40 + i * 22, -9), (-30 + i * 22, 9)), darker(leaf, 0.3), 1.4) for i in range(4)),
        fill(rect(-36, -10.5, 15, 21), rng.choice([RED, GOLD, GREEN]), "bar"),
        fill(circle(-28.5, 0, 5), GOLD),
        fill(outline("M48 -10 H58 Q63 -4 60 2 Q64 8 57 10 H48 Z"), (120, 116, 112), "bar"),
        fill(rect(46, -10, 4, 20), ORANGE, "bar"),
        *_smoke(62, -12),
    )
    return Drawing(parts, "lie", 100)


def pipe(rng: Random) -> Drawing:
    wood = vary(rng, DARK_WOOD)
    parts = (
        *_smoke(-34, -52),
        fill(
            outline("M-6 -2 C10 4 26 -14 60 -18 L62 -24 L56 -26 C26 -24 14 -14 -10 -16 Z"),
            BLACK,
            "bar",
            "gloss",
        ),
        fill(rect(-8, -17, 10, 17, 2), BRASS, "column", "metal"),
        fill(
            outline("M-56 -48 C-54 -20 -50 2 -30 2 C-14 2 -8 -2 -6 -16 L-14 -18 L-16 -48 Z"),
            wood,
            "column",
            "gloss",
        ),
        fill(ellipse(-36, -48, 20, 6), darker(wood, 0.45)),
        fill(ellipse(-36, -47, 14, 4), (60, 40, 30)),
        fill(ellipse(-36, -46, 7, 2), ORANGE),
    )
    return Drawing(parts, "lie", 92)


def wine_bottle(rng: Random) -> Drawing:
    glass = vary(rng, rng.choice([(38, 78, 48), (84, 28, 40), (96, 66, 30)]))
    label = rng.choice([CREAM, WHITE, (34, 34, 38)])
    foil = rng.choice([(130, 26, 40), GOLD, BLACK])
    parts = (
        fill(
            outline(
                "M-20 0 Q-21 0 -21 -4 V-64 C-21 -80 -8 -84 -8 -98 "
                "V-124 H8 V-98 C8 -84 21 -80 21 -64 V-4 Q21 0 20 0 Z"
            ),
            glass,
            "column",
            "gloss",
        ),
        fill(rect(-8.5, -126, 17, 26, 2), foil, "column", "gloss"),
        fill(rect(-21, -58, 42, 38), label, "column"),
        fill(circle(0, -44, 8), foil),
        fill(rect(-14, -32, 28, 3), GREY),
        fill(rect(-10, -27, 20, 3), GREY),
    )
    return Drawing(parts, "stand", 98)


def wine_glass(rng: Random) -> Drawing:
    wine = rng.choice([(120, 12, 40), (140, 20, 30), (228, 200, 110)])
    parts = (
        fill(ellipse(0, -3, 24, 5), (200, 212, 222), "plane", "glass"),
        fill(rect(-2.5, -48, 5, 46, 2), (206, 218, 228), "column", "gloss"),
        fill(
            outline("M-26 -100 C-32 -66 -22 -46 0 -46 C22 -46 32 -66 26 -100 Z"),
            (214, 226, 236),
            "column",
            "glass",
        ),
        fill(outline("M-28 -78 C-28 -58 -18 -49 0 -49 C18 -49 28 -58 28 -78 Z"), wine, "column", "gloss"),
        fill(ellipse(0, -78, 28, 5.5), lighter(wine, 0.25)),
        stroke(ellipse(0, -100, 26, 5), (230, 238, 244), 1.6),
    )
    return Drawing(parts, "stand", 100)


def beer_mug(rng: Random) -> Drawing:
    beer = vary(rng, rng.choice([(232, 160, 30), (206, 116, 26), (240, 186, 60)]))
    parts = (
        stroke(outline("M28 -62 C58 -66 58 -14 27 -18"), (206, 220, 228), 8, "gloss"),
        fill(outline("M-30 -76 H30 L27 0 H-27 Z"), beer, "column", "gloss"),
        *(
            stroke(line((x, -66), (x * 0.93, -8)), lighter(beer, 0.5), 2.6, "matte", 0.7)
            for x in (-16, -2, 13)
        ),
        fill(rect(-28, -7, 56, 8, 3), (214, 224, 230), "column", "gloss"),
        *(
            fill(circle(x, y, r), (252, 248, 236), "ball")
            for x, y, r in ((-22, -80, 13), (22, -80, 13), (-6, -86, 14), (10, -85, 12))
        ),
        fill(
            outline("M-31 -78 H31 V-68 Q24 -58 18 -68 Q8 -62 0 -68 Q-12 -54 -18 -68 Q-26 -62 -31 -70 Z"),
            (252, 248, 236),
        ),
    )
    return Drawing(parts, "stand", 92)


def martini(rng: Random) -> Drawing:
    drink = rng.choice([(206, 226, 190), (236, 120, 140), (120, 190, 226), (246, 190, 80)])
    parts = (
        fill(ellipse(0, -3, 24, 5), (206, 218, 228), "plane", "glass"),
        fill(rect(-2.5, -54, 5, 52, 2), (206, 218, 228), "column", "gloss"),
        fill(poly((-44, -98), (44, -98), (2, -50), (-2, -50)), (216, 228, 238), "column", "glass"),
        fill(poly((-36, -88), (36, -88), (2, -52), (-2, -52)), drink, "column", "gloss", 0.9),
        fill(ellipse(0, -88, 36, 4.5), lighter(drink, 0.35)),
        stroke(line((-8, -80), (34, -114)), BRASS, 2.4),
        fill(ellipse(-4, -82, 8, 6.5), (120, 140, 50), "ball", "gloss"),
        fill(circle(-8, -80, 2.2), RED),
        stroke(line((-44, -98), (44, -98)), (236, 242, 248), 1.8),
    )
    return Drawing(parts, "stand", 94)


def whisky(rng: Random) -> Drawing:
    amber = vary(rng, (196, 110, 34))
    tumbler: tuple[Part, ...] = (
        fill(outline("M-20 -44 H20 L17 0 H-17 Z"), (220, 228, 234), "column", "glass"),
        fill(outline("M-18 -24 H18 L16 -4 H-16 Z"), amber, "column", "gloss"),
        fill(rect(-11, -32, 14, 13, 2), (236, 246, 250), "plane", "glass"),
        stroke(ellipse(0, -44, 20, 4), (236, 242, 246), 1.4),
    )
    parts = (
        fill(rect(-46, -84, 52, 84, 6), (214, 206, 190), "column", "glass"),
        fill(rect(-43, -62, 46, 59, 4), amber, "column", "gloss"),
        fill(rect(-28, -102, 16, 20, 2), (214, 206, 190), "column", "glass"),
        fill(rect(-30, -114, 20, 14, 3), BLACK, "column"),
        fill(rect(-40, -52, 40, 34), CREAM),
        fill(star(-20, -38, 9, 4), DARK_WOOD),
        fill(rect(-34, -26, 28, 3), GREY),
        *shifted(tumbler, 32, 2),
    )
    return Drawing(parts, "stand", 94)


def _syringe(liquid: RGB, push: float) -> tuple[Part, ...]:
    return (
        stroke(line((-80, 0), (-44, 0)), STEEL, 2.2),
        fill(poly((-48, -4), (-36, -8), (-36, 8), (-48, 4)), (230, 130, 50), "bar"),
        fill(rect(36 + push, -3.5, 32, 7), (232, 236, 240), "bar"),
        fill(rect(66 + push, -13, 6, 26, 2), (226, 230, 234), "bar"),
        fill(rect(-37, -12, 76, 24, 3), (222, 234, 242), "bar", "glass"),
        fill(rect(-34, -9.5, 42 + push, 19, 2), liquid, "bar", "gloss", 0.92),
        fill(rect(8 + push, -10.5, 9, 21, 2), (44, 46, 52), "bar"),
        *(stroke(line((-26 + i * 10, -12), (-26 + i * 10, -5)), (40, 60, 90), 1.5) for i in range(6)),
        fill(rect(37, -18, 6, 36, 2), (226, 232, 238), "bar"),
        stroke(rect(-37, -12, 76, 24, 3), (120, 142, 160), 1.6),
    )


def syringe(rng: Random) -> Drawing:
    liquid = rng.choice([(110, 190, 230), (240, 150, 90), (150, 220, 140), (232, 210, 110)])
    return Drawing(_syringe(liquid, rng.uniform(0, 12)), "lie", 104)


def syringe_and_vial(rng: Random) -> Drawing:
    liquid = rng.choice([(110, 190, 230), (240, 190, 90), (150, 220, 140)])
    vial = (
        fill(rect(-16, -40, 32, 40, 5), (220, 232, 240), "column", "glass"),
        fill(rect(-14, -24, 28, 22, 4), liquid, "column", "gloss"),
        fill(rect(-16, -32, 32, 17), WHITE, "column"),
        fill(rect(-9, -50, 18, 12, 1), (206, 214, 222), "column", "metal"),
        fill(rect(-12, -58, 24, 10, 2), BLUE, "column"),
        fill(rect(-10, -27, 20, 3), RED),
    )
    return Drawing(
        (*shifted(vial, 26, -12, 1.1), *shifted(_syringe(liquid, 6), -4, 8, 0.95, -10)), "lie", 100
    )


def blood_draw_syringe(rng: Random) -> Drawing:
    cap = (fill(rect(-84, -6, 40, 12, 4), (240, 120, 40), "bar"),)
    return Drawing((*_syringe(vary(rng, (90, 170, 210)), 22), *cap), "lie", 100)


def pill_bottle(rng: Random) -> Drawing:
    body = vary(rng, rng.choice([(232, 126, 30), (228, 140, 40), (240, 240, 238)]))
    pill = rng.choice([RED, BLUE, YELLOW, (240, 130, 160)])
    spilled = [
        part
        for x, y, turn in ((-46, -6, 20), (40, -6, -30), (58, -9, 60), (-62, -9, -50), (24, 3, 10))
        for part in shifted(_capsule(pill), x, y, 0.5, turn)
    ]
    parts = (
        fill(rect(-27, -68, 54, 68, 6), body, "column", "gloss"),
        fill(rect(-30, -88, 60, 22, 4), WHITE, "column"),
        *(stroke(line((x, -86), (x, -70)), (190, 194, 198), 1.6) for x in range(-24, 25, 8)),
        fill(rect(-27, -54, 54, 36), WHITE, "column"),
        fill(rect(-20, -48, 26, 4), BLUE),
        *(fill(rect(-20, -39 + i * 7, 38, 2.6), GREY) for i in range(3)),
        fill(poly((10, -51), (16, -51), (16, -45), (10, -45)), RED),
        *spilled,
    )
    return Drawing(parts, "stand", 92)


def _capsule(colour: RGB) -> tuple[Part, ...]:
    return (
        fill(outline("M0 -11 H20 Q31 -11 31 0 Q31 11 20 11 H0 Z"), WHITE, "bar", "gloss"),
        fill(outline("M0 -11 H-20 Q-31 -11 -31 0 Q-31 11 -20 11 H0 Z"), colour, "bar", "gloss"),
    )


def blister_pack(rng: Random) -> Drawing:
    pill = rng.choice([RED, YELLOW, (240, 130, 160), BLUE, WHITE])
    parts: list[Part] = [fill(rect(-50, -32, 100, 64, 5), (192, 198, 206), "plane", "metal")]
    for row in (-15, 15):
        for column in (-34, -11.5, 11.5, 34):
            parts.append(fill(ellipse(column, row, 10.5, 11.5), (220, 226, 232), "ball", "glass"))
            parts.append(fill(ellipse(column, row, 7.5, 8.5), pill, "ball", "gloss"))
    return Drawing(tuple(parts), "lie", 92)


def capsules(rng: Random) -> Drawing:
    first = hsv(rng.random(), 0.75, 0.85)
    second = rng.choice([RED, BLUE, YELLOW])
    spots = ((-30, -20, 15), (22, -24, -35), (-8, 8, 70), (40, 14, 20), (-44, 22, -20))
    parts = [
        part
        for i, (x, y, turn) in enumerate(spots)
        for part in shifted(_capsule((first, second)[i % 2]), x, y, 0.72, turn)
    ]
    for x, y in ((12, 30), (-20, 40), (54, -10)):
        parts.append(fill(ellipse(x, y, 11, 9), WHITE, "ball", "gloss"))
        parts.append(stroke(line((x - 7, y), (x + 7, y)), mix(GREY, WHITE, 0.3), 1.6))
    return Drawing(tuple(parts), "lie", 88)


TOBACCO = (
    Variant("cigarette pack", cigarette_pack),
    Variant("ashtray with a lit cigarette", ashtray, turn=4),
    Variant("cigar", cigar, turn=25),
    Variant("tobacco pipe", pipe, held_out=True, turn=15),
)
ALCOHOL = (
    Variant("wine bottle", wine_bottle, turn=4),
    Variant("glass of wine", wine_glass, turn=3),
    Variant("mug of beer", beer_mug, turn=4),
    Variant("martini", martini, turn=3),
    Variant("whisky", whisky, held_out=True, turn=3),
)
SYRINGE = (
    Variant("syringe", syringe, turn=180),
    Variant("syringe with a vial", syringe_and_vial, turn=15),
    Variant("capped syringe", blood_draw_syringe, held_out=True, turn=180),
)
PILLS = (
    Variant("pill bottle", pill_bottle, turn=4),
    Variant("blister pack", blister_pack, turn=180),
    Variant("capsules", capsules, held_out=True, turn=180),
)
