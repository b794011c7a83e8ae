"""Ordinary things to eat, drink and cook with: every policy allows them."""

from __future__ import annotations

from random import Random

from .colour import (
    BLUE,
    BROWN,
    CREAM,
    GREEN,
    ORANGE,
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
from .drawing import Drawing, Variant, fill, stroke
from .shapes import circle, ellipse, line, outline, poly, rect


def apple(rng: Random) -> Drawing:
    skin = vary(rng, rng.choice([RED, (110, 170, 60), (226, 180, 60)]))
    parts = (
        fill(
            outline(
                "M0 -64 C-14 -76 -44 -72 -42 -38 C-40 -10 -20 4 "
                "0 -2 C20 4 40 -10 42 -38 C44 -72 14 -76 0 -64 Z"
            ),
            skin,
            "ball",
            "gloss",
        ),
        stroke(outline("M0 -62 Q0 -76 8 -84"), BROWN, 4),
        fill(outline("M6 -76 Q20 -94 38 -84 Q26 -68 6 -76 Z"), GREEN),
    )
    return Drawing(parts, "stand", 62)


def banana(rng: Random) -> Drawing:
    skin = vary(rng, (244, 208, 70))
    parts = (
        fill(outline("M-56 -14 C-40 30 30 40 58 -8 L50 -14 C30 10 -20 10 -46 -22 Z"), skin, "bar"),
        stroke(outline("M-50 -12 C-30 20 24 22 54 -10"), darker(skin, 0.22), 2),
        fill(poly((-58, -16), (-50, -28), (-44, -24), (-48, -12)), darker(skin, 0.4)),
        fill(circle(56, -10, 4), BROWN),
    )
    return Drawing(parts, "lie", 82)


def cup(rng: Random) -> Drawing:
    china = vary(rng, rng.choice([WHITE, BLUE, (190, 70, 60), (90, 140, 110), (230, 200, 120)]))
    parts = (
        stroke(outline("M28 -48 C56 -52 54 -12 24 -14"), china, 7, "gloss"),
        fill(
            outline("M-32 -60 H32 C32 -24 24 0 14 0 H-14 C-24 0 -32 -24 -32 -60 Z"), china, "column", "gloss"
        ),
        fill(ellipse(0, -60, 32, 8), lighter(china, 0.3)),
        fill(ellipse(0, -59, 27, 6), (92, 58, 36)),
    )
    return Drawing(parts, "stand", 76)


def water_bottle(rng: Random) -> Drawing:
    tint = rng.choice([(150, 204, 236), (160, 220, 226)])
    cap = rng.choice([BLUE, WHITE, (60, 160, 200)])
    parts = (
        fill(
            outline(
                "M-20 -2 Q-20 0 -16 0 H16 Q20 0 20 -2 V-40 L17 -46 L20 -52 V-78 C20 "
                "-92 8 -94 8 -104 H-8 C-8 -94 -20 -92 -20 -78 V-52 L-17 -46 L-20 -40 Z"
            ),
            tint,
            "column",
            "glass",
        ),
        fill(rect(-18, -86, 36, 84, 6), lighter(tint, 0.2), "column", "glass"),
        fill(rect(-9, -114, 18, 12, 2), cap, "column"),
        fill(rect(-20, -74, 40, 22), rng.choice([BLUE, (40, 140, 190)]), "column"),
        stroke(outline("M-14 -62 Q-7 -70 0 -62 Q7 -56 14 -62"), WHITE, 3),
    )
    return Drawing(parts, "stand", 86)


def bread(rng: Random) -> Drawing:
    crust = vary(rng, (190, 122, 58))
    parts = (
        fill(
            outline("M-52 -2 C-66 -30 -44 -48 -20 -44 H30 C60 -46 64 -18 52 -2 Q0 6 -52 -2 Z"), crust, "ball"
        ),
        *(
            stroke(outline(f"M{x} -42 Q{x + 12} -32 {x + 10} -20"), lighter(crust, 0.55), 4.5)
            for x in (-34, -12, 10, 32)
        ),
    )
    return Drawing(parts, "stand", 78)


def fish(rng: Random) -> Drawing:
    scale = vary(rng, rng.choice([(120, 160, 190), (226, 130, 70), (150, 170, 150)]))
    parts = (
        fill(poly((34, 0), (64, -22), (56, 0), (64, 22)), darker(scale, 0.2)),
        fill(outline("M-8 -20 Q10 -38 24 -16 Z"), darker(scale, 0.2)),
        fill(outline("M-60 0 C-44 -28 14 -30 42 0 C14 30 -44 28 -60 0 Z"), scale, "bar", "gloss"),
        stroke(outline("M-34 -17 Q-24 0 -34 17"), darker(scale, 0.4), 2.4),
        *(stroke(outline(f"M{x} -8 Q{x + 6} 0 {x} 8"), darker(scale, 0.25), 1.8) for x in (-16, -2, 12)),
        fill(circle(-44, -5, 5), WHITE),
        fill(circle(-45, -5, 2.6), (20, 20, 24)),
    )
    return Drawing(parts, "lie", 86)


def spoon(rng: Random) -> Drawing:
    metal = rng.choice([STEEL, (206, 176, 110), WOOD])
    finish = "matte" if metal == WOOD else "metal"
    parts = (
        fill(
            outline("M-22 -3 L56 -5 Q64 0 56 5 L-22 3 Z"),
            metal,
            "bar",
            "metal" if finish == "metal" else "matte",
        ),
        fill(ellipse(-38, 0, 22, 13), metal, "ball", "gloss"),
        fill(ellipse(-39, 1, 16, 8.5), darker(metal, 0.22), "plane"),
    )
    return Drawing(parts, "lie", 82)


def cheese(rng: Random) -> Drawing:
    yellow = vary(rng, YELLOW)
    parts = (
        fill(poly((-48, -30), (44, -44), (50, -30), (-48, -28)), lighter(yellow, 0.3)),
        fill(poly((-48, -30), (50, -32), (50, 0), (-48, 0)), yellow),
        *(
            fill(ellipse(x, y, r, r * 0.9), darker(yellow, 0.28))
            for x, y, r in ((-26, -14, 7), (4, -20, 5), (18, -8, 6), (36, -20, 4.5))
        ),
    )
    return Drawing(parts, "stand", 70)


def carrot(rng: Random) -> Drawing:
    orange = vary(rng, ORANGE)
    parts = (
        *(stroke(outline(f"M38 0 Q54 {y} 66 {y * 1.6}"), GREEN, 5) for y in (-12, 0, 11)),
        fill(outline("M-62 2 C-30 -8 20 -16 38 -14 Q48 0 38 13 C20 14 -30 10 -62 2 Z"), orange, "bar"),
        *(stroke(line((x, -9), (x + 4, -2)), darker(orange, 0.3), 1.8) for x in (-20, 2, 20)),
    )
    return Drawing(parts, "lie", 78)


def orange(rng: Random) -> Drawing:
    skin = vary(rng, rng.choice([(242, 146, 36), (246, 214, 70)]))
    parts = (
        fill(circle(0, -34, 34), skin, "ball", "gloss"),
        fill(circle(2, -64, 3), darker(GREEN, 0.3)),
        fill(outline("M4 -65 Q16 -80 32 -70 Q20 -58 4 -65 Z"), GREEN),
    )
    return Drawing(parts, "stand", 60)


def cake(rng: Random) -> Drawing:
    icing = hsv(rng.random(), 0.3, 0.95)
    parts = (
        fill(ellipse(0, -2, 50, 7), (222, 226, 232)),
        fill(rect(-40, -38, 80, 36, 4), (198, 140, 84), "column"),
        fill(rect(-40, -22, 80, 6), CREAM),
        fill(
            outline(
                "M-42 -44 H42 V-32 Q34 -20 28 -32 Q20 -40 12 -30 "
                "Q2 -18 -6 -30 Q-16 -40 -22 -28 Q-34 -20 -42 -32 Z"
            ),
            icing,
            "column",
            "gloss",
        ),
        fill(ellipse(0, -44, 42, 9), lighter(icing, 0.35)),
        *(fill(circle(x, -50, 5.5), RED, "ball", "gloss") for x in (-22, 0, 22)),
    )
    return Drawing(parts, "stand", 84)


def bowl(rng: Random) -> Drawing:
    china = vary(rng, rng.choice([WHITE, (80, 120, 170), (180, 90, 60)]))
    fruit = [
        fill(circle(x, y, r), c, "ball", "gloss")
        for x, y, r, c in ((-20, -44, 14, RED), (18, -44, 14, ORANGE), (0, -50, 14, (120, 176, 70)))
    ]
    parts = (
        *fruit,
        fill(
            outline("M-48 -36 H48 C46 -10 26 0 18 0 H-18 C-26 0 -46 -10 -48 -36 Z"), china, "column", "gloss"
        ),
        stroke(line((-47, -34), (47, -34)), lighter(china, 0.4), 3),
    )
    return Drawing(parts, "stand", 86)


KITCHEN = (
    Variant("apple", apple),
    Variant("banana", banana, turn=30),
    Variant("cup of coffee", cup, turn=3),
    Variant("bottle of water", water_bottle, turn=3),
    Variant("bread", bread, turn=4),
    Variant("fish", fish, turn=40),
    Variant("spoon", spoon, turn=180),
    Variant("cheese", cheese, turn=3),
    Variant("carrot", carrot, turn=180),
    Variant("orange", orange),
    Variant("cake", cake, turn=2),
    Variant("bowl of fruit", bowl, held_out=True, turn=2),
)
