"""Politics and brands. Every emblem, slogan, brand and name is invented."""

from __future__ import annotations

import math
from random import Random

from .colour import BLACK, BROWN, GOLD, ORANGE, RGB, WHITE, WOOD, YELLOW, darker, lighter, vary
from .drawing import Drawing, Part, Variant, fill, shifted, stroke
from .lettering import written
from .shapes import Shape, circle, ellipse, joined, line, outline, poly, rect, ring, star


def _gear(x: float, y: float, radius: float, teeth: int = 10) -> Shape:
    corners = []
    for index in range(teeth * 4):
        angle = index * math.tau / (teeth * 4)
        reach = radius if index % 4 in (0, 1) else radius * 0.78
        corners.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    return poly(*corners)


def _emblem(x: float, y: float, scale: float, ink: RGB, ground: RGB) -> tuple[Part, ...]:
    """The invented state's arms: a cog wheel, a torch and two ears of corn."""
    ears = [
        ellipse(side * (22 + 5 * math.sin(i * 0.8)), 16 - i * 9, 3.4, 5.4)
        for side in (-1, 1)
        for i in range(5)
    ]
    parts = (
        fill(_gear(0, 0, 17), ink),
        fill(circle(0, 0, 9.5), ground),
        fill(outline("M-3 14 L-5 -6 H5 L3 14 Z"), ink),
        fill(outline("M0 -27 C9 -18 7 -8 0 -7 C-7 -8 -9 -18 0 -27 Z"), ink),
        fill(joined(ears), ink),
        stroke(outline("M-24 -18 Q-31 8 -3 25"), ink, 2.2),
        stroke(outline("M24 -18 Q31 8 3 25"), ink, 2.2),
    )
    return shifted(parts, x, y, scale)


def _flag_colours(rng: Random) -> tuple[RGB, RGB]:
    return rng.choice(
        [((170, 24, 34), YELLOW), ((28, 60, 120), WHITE), ((24, 92, 70), YELLOW), ((40, 40, 46), ORANGE)]
    )


def flag(rng: Random) -> Drawing:
    cloth, ink = _flag_colours(rng)
    parts = (
        fill(ellipse(-40, -1, 22, 6), (70, 72, 78), "column", "metal"),
        fill(rect(-43, -138, 6, 138, 2), BROWN, "column", "gloss"),
        fill(circle(-40, -141, 6), GOLD, "ball", "gloss"),
        fill(outline("M-37 -134 C-14 -146 14 -122 50 -132 V-72 C14 -62 -14 -86 -37 -74 Z"), cloth, "column"),
        stroke(outline("M-8 -137 Q-12 -108 -8 -78"), darker(cloth, 0.25), 3, alpha=0.5),
        *_emblem(6, -103, 0.86, ink, cloth),
    )
    return Drawing(parts, "stand", 90)


def state_shield(rng: Random) -> Drawing:
    cloth, ink = _flag_colours(rng)
    shape = "M-42 -50 H42 V0 C42 30 16 46 0 54 C-16 46 -42 30 -42 0 Z"
    parts = (
        fill(outline(shape), GOLD, "plane", "metal"),
        *shifted((fill(outline(shape), cloth),), 0, -0.5, 0.88),
        *_emblem(0, -4, 1.05, ink, cloth),
    )
    return Drawing(parts, "hang", 84)


def party_banner(rng: Random) -> Drawing:
    cloth, ink = _flag_colours(rng)
    parts = (
        fill(rect(-40, -56, 80, 6, 3), BROWN, "bar"),
        fill(poly((-34, -50), (34, -50), (34, 44), (0, 60), (-34, 44)), cloth, "column"),
        stroke(line((-30, -44), (-30, 42)), ink, 2),
        stroke(line((30, -44), (30, 42)), ink, 2),
        *_emblem(0, -14, 0.92, ink, cloth),
        *written("UNITY", 0, 24, 10, ink, 0.2),
    )
    return Drawing(parts, "hang", 88)


_SLOGANS = (("NO", "MORE"), ("ACT", "NOW"), ("SAY", "NO!"), ("STOP", "IT!"), ("OUR", "VOTE"))


def placard(rng: Random) -> Drawing:
    board = vary(rng, rng.choice([WHITE, (246, 220, 90), (206, 162, 110)]))
    ink = rng.choice([BLACK, (190, 20, 30), (20, 50, 130)])
    first, second = rng.choice(_SLOGANS)
    parts = (
        fill(rect(-4, -70, 8, 70), WOOD, "column"),
        fill(poly((-47, -126), (47, -130), (48, -66), (-46, -62)), board),
        *shifted(written(first, 0, 0, 20, ink, 0.24), 0, -119, 1.0, -2),
        *shifted(written(second, 0, 0, 22, ink, 0.24), 1, -92, 1.0, -2),
    )
    return Drawing(parts, "stand", 92)


def fist_placard(rng: Random) -> Drawing:
    board, ink = rng.choice([((200, 30, 36), WHITE), (YELLOW, BLACK), (WHITE, (190, 20, 30))])
    knuckles = [rect(-20 + i * 10.4, -124, 9.4, 17, 4) for i in range(4)]
    fist = joined(
        [*knuckles, rect(-20, -112, 41, 18, 5), rect(-22, -104, 16, 14, 5), rect(-13, -98, 27, 16, 2)]
    )
    parts = (
        fill(rect(-4, -60, 8, 60), WOOD, "column"),
        fill(rect(-42, -134, 84, 80, 3), board),
        fill(fist, ink),
        *(stroke(line((-10 + i * 10.4, -122), (-10 + i * 10.4, -110)), board, 1.6) for i in range(3)),
        *written("RISE!", 0, -76, 15, ink, 0.24),
    )
    return Drawing(parts, "stand", 92)


def protest_banner(rng: Random) -> Drawing:
    cloth = rng.choice([WHITE, (246, 226, 120), (226, 90, 80)])
    parts = (
        fill(rect(-66, -84, 6, 84, 2), WOOD, "column"),
        fill(rect(60, -84, 6, 84, 2), WOOD, "column"),
        fill(outline("M-62 -82 Q0 -70 62 -82 V-38 Q0 -26 -62 -38 Z"), cloth, "column"),
        *written(rng.choice(["NO CUTS", "FREE US", "STRIKE"]), 0, -68, 19, BLACK, 0.22),
    )
    return Drawing(parts, "stand", 104)


_BRANDS = ("VEXO", "LUMO", "ZIRK", "BRAX", "QUOD")


def _mark(kind: int, x: float, y: float, size: float, colour: RGB) -> tuple[Part, ...]:
    """One of four invented marks."""
    if kind == 0:
        parts: tuple[Part, ...] = (
            fill(outline("M-20 14 C-6 -26 10 10 24 -18 C18 20 -2 -2 -20 14 Z"), colour),
        )
    elif kind == 1:
        parts = (fill(ring(0, 0, 18, 10), colour), fill(circle(0, 0, 5), colour))
    elif kind == 2:
        parts = (fill(poly((-18, 14), (-6, -16), (2, 4), (8, -8), (20, 14)), colour),)
    else:
        parts = (fill(star(0, 0, 19, 10, 6), colour), fill(circle(0, 0, 6), lighter(colour, 0.8)))
    return shifted(parts, x, y, size / 20)


def _brand(rng: Random) -> tuple[str, int, RGB, RGB]:
    ground, ink = rng.choice(
        [
            ((214, 36, 44), WHITE),
            ((20, 70, 170), YELLOW),
            (BLACK, WHITE),
            ((250, 190, 30), (60, 20, 90)),
            ((20, 130, 90), WHITE),
        ]
    )
    return rng.choice(_BRANDS), rng.randrange(4), ground, ink


def shop_sign(rng: Random) -> Drawing:
    name, kind, ground, ink = _brand(rng)
    parts = (
        fill(rect(-64, -34, 128, 68, 12), darker(ground, 0.35), "bar", "gloss"),
        fill(rect(-60, -30, 120, 60, 10), ground, "bar"),
        *_mark(kind, -40, 0, 17, ink),
        *written(name, 21, -10, 20, ink, 0.22),
    )
    return Drawing(parts, "hang", 92)


def shopping_bag(rng: Random) -> Drawing:
    name, kind, ground, ink = _brand(rng)
    parts = (
        stroke(outline("M-18 -82 C-18 -116 18 -116 18 -82"), darker(ground, 0.3), 4),
        fill(poly((34, -84), (46, -78), (44, 0), (34, 0)), darker(ground, 0.4)),
        fill(rect(-36, -84, 70, 84, 1), ground, "column"),
        *_mark(kind, 0, -54, 19, ink),
        *written(name, 0, -26, 15, ink, 0.24),
    )
    return Drawing(parts, "stand", 94)


def branded_box(rng: Random) -> Drawing:
    name, kind, ground, ink = _brand(rng)
    parts = (
        fill(poly((-48, -62), (-30, -80), (56, -80), (44, -62)), lighter(ground, 0.3)),
        fill(poly((44, -62), (56, -80), (56, -14), (44, 0)), darker(ground, 0.4)),
        fill(rect(-48, -62, 92, 62), ground),
        *_mark(kind, -2, -40, 16, ink),
        *written(name, -2, -19, 13, ink, 0.24),
    )
    return Drawing(parts, "stand", 92)


POLITICAL_EMBLEM = (
    Variant("flag with the state's arms", flag, turn=2),
    Variant("state shield", state_shield, turn=2, hangs=True),
    Variant("party banner", party_banner, held_out=True, turn=2, flips=False, hangs=True),
)
PROTEST_SIGN = (
    Variant("placard", placard, turn=6, flips=False),
    Variant("placard with a fist", fist_placard, turn=6, flips=False),
    Variant("protest banner", protest_banner, held_out=True, turn=2, flips=False),
)
BRAND_LOGO = (
    Variant("shop sign", shop_sign, turn=2, flips=False, hangs=True),
    Variant("branded shopping bag", shopping_bag, turn=2, flips=False),
    Variant("branded box", branded_box, held_out=True, turn=2, flips=False),
)
