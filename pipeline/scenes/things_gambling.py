"""Dice, playing cards and slot machines."""

from __future__ import annotations

from random import Random

from .colour import BLACK, BLUE, GOLD, GREEN, PURPLE, RED, RGB, STEEL, WHITE, YELLOW, darker, lighter, vary
from .drawing import Drawing, Part, Variant, fill, shifted, stroke
from .lettering import written
from .shapes import circle, ellipse, joined, outline, poly, rect, star

_PIPS = {
    1: ((0, 0),),
    2: ((-1, -1), (1, 1)),
    3: ((-1, -1), (0, 0), (1, 1)),
    4: ((-1, -1), (1, -1), (-1, 1), (1, 1)),
    5: ((-1, -1), (1, -1), (0, 0), (-1, 1), (1, 1)),
    6: ((-1, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (1, 1)),
}


def _die(rng: Random, colour: RGB, pip: RGB) -> tuple[Part, ...]:
    """A cube seen from a corner above, about 50 wide, its lowest corner at the origin."""
    top, left, right = rng.sample(range(1, 7), 3)
    faces = (
        (lighter(colour, 0.35), (0.0, -41.0), (11.5, 5.5), (-11.5, 5.5), top),
        (colour, (-12.0, -20.0), (6.5, 3.2), (0.0, 8.0), left),
        (darker(colour, 0.25), (12.0, -20.0), (6.5, -3.2), (0.0, 8.0), right),
    )
    parts: list[Part] = []
    for shade, (x, y), (ax, ay), (bx, by), count in faces:
        scale_a, scale_b = (1.05, 1.05) if count == top else (1.85, 1.65)
        ax, ay, bx, by = ax * scale_a, ay * scale_a, bx * scale_b, by * scale_b
        corners = [
            (x + i * ax + j * bx, y + i * ay + j * by) for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1))
        ]
        parts.append(fill(poly(*corners), shade))
        for i, j in _PIPS[count]:
            centre = (x + (i * ax + j * bx) * 0.55, y + (i * ay + j * by) * 0.55)
            parts.append(fill(ellipse(*centre, 3.3, 2.4 if count == top else 3.3), pip))
    return tuple(parts)


def two_dice(rng: Random) -> Drawing:
    colour, pip = rng.choice(
        [((240, 238, 232), BLACK), (RED, WHITE), ((240, 238, 232), RED), ((34, 34, 38), WHITE), (BLUE, WHITE)]
    )
    parts = (
        *shifted(_die(rng, colour, pip), -26, -10, 1.05, -8),
        *shifted(_die(rng, colour, pip), 26, 0, 1.15, 10),
    )
    return Drawing(parts, "stand", 92)


def dice_and_chips(rng: Random) -> Drawing:
    chips: list[Part] = []
    for stack, (x, count) in enumerate(((-34, 5), (-8, 3))):
        colour = rng.choice([RED, GREEN, BLUE, PURPLE, BLACK])
        for level in range(count):
            y = -level * 8.0 - stack * -4
            chips.append(
                fill(
                    outline(f"M{x - 20} {y - 8} V{y - 2} Q{x} {y + 9} {x + 20} {y - 2} V{y - 8} Z"),
                    colour,
                    "column",
                )
            )
            chips += [fill(rect(x + dx, y - 6 + dy, 6, 7), WHITE) for dx, dy in ((-14, 2), (-3, 4), (8, 2))]
        chips.append(fill(ellipse(x, y - 8, 20, 6.5), lighter(colour, 0.2)))
        chips.append(stroke(ellipse(x, y - 8, 13, 4), WHITE, 1.8))
    die = shifted(_die(rng, (240, 238, 232), RED), 32, 6, 1.05, 6)
    return Drawing((*chips, *die), "stand", 96)


def one_die(rng: Random) -> Drawing:
    return Drawing(shifted(_die(rng, rng.choice([GREEN, YELLOW, PURPLE]), WHITE), 0, 0, 1.7), "stand", 84)


def _heart() -> str:
    return "M0 6 C-14 -4 -10 -13 -4 -12 Q0 -11 0 -7 Q0 -11 4 -12 C10 -13 14 -4 0 6 Z"


def _suit(name: str, x: float, y: float, scale: float) -> tuple[Part, ...]:
    if name == "heart":
        parts: tuple[Part, ...] = (fill(outline(_heart()), RED),)
    elif name == "diamond":
        parts = (fill(poly((0, -13), (9, -2), (0, 9), (-9, -2)), RED),)
    elif name == "club":
        discs = joined(
            [circle(0, -8, 5.5), circle(-6, 0, 5.5), circle(6, 0, 5.5), poly((0, -4), (4, 10), (-4, 10))]
        )
        parts = (fill(discs, BLACK),)
    else:
        parts = (
            fill(
                joined(
                    [
                        outline("M0 -14 C14 -2 10 6 4 5 Q0 5 0 1 Q0 5 -4 5 C-10 6 -14 -2 0 -14 Z"),
                        poly((0, 0), (4, 10), (-4, 10)),
                    ]
                ),
                BLACK,
            ),
        )
    return shifted(parts, x, y, scale)


def _card(rank: str, suit: str) -> tuple[Part, ...]:
    """An upright card 50 x 70 around its middle."""
    colour = RED if suit in ("heart", "diamond") else BLACK
    return (
        fill(rect(-25, -35, 50, 70, 4), (250, 249, 245)),
        stroke(rect(-25, -35, 50, 70, 4), (150, 150, 152), 1.2),
        *written(rank, -16, -30, 11, colour, 0.22),
        *_suit(suit, -16, -11, 0.55),
        *_suit(suit, 2, 2, 1.5),
    )


def card_fan(rng: Random) -> Drawing:
    suits = rng.sample(["heart", "diamond", "club", "spade"], 4)
    ranks = rng.sample(["A", "K", "Q", "J", "7", "5"], 4)
    parts: list[Part] = []
    for index in range(4):
        turn = -33 + index * 22
        parts += shifted(
            _card(ranks[index], suits[index]), -33 + index * 22, abs(index - 1.5) * 6 - 6, 0.95, turn
        )
    return Drawing(tuple(parts), "lie", 92)


def two_aces(rng: Random) -> Drawing:
    suits = rng.sample(["heart", "diamond", "club", "spade"], 2)
    parts = (
        *shifted(_card("A", suits[0]), -16, 2, 1.15, -14),
        *shifted(_card(rng.choice("AK"), suits[1]), 20, 0, 1.15, 9),
    )
    return Drawing(parts, "lie", 86)


def card_deck(rng: Random) -> Drawing:
    back = rng.choice([RED, BLUE, GREEN])
    deck = (
        fill(poly((-26, 38), (24, 38), (30, 46), (-20, 46)), (222, 220, 214)),
        fill(rect(-27, -36, 52, 74, 4), WHITE),
        fill(rect(-22, -31, 42, 64, 3), back),
        *(fill(poly((-1, y - 8), (7, y), (-1, y + 8), (-9, y)), lighter(back, 0.5)) for y in (-18, 1, 20)),
    )
    return Drawing(
        (*shifted(deck, -26, 0), *shifted(_card("A", rng.choice(["heart", "spade"])), 32, 4, 1.1, 16)),
        "lie",
        84,
    )


def slot_machine(rng: Random) -> Drawing:
    body = vary(rng, rng.choice([RED, PURPLE, (30, 90, 160), (200, 120, 20)]))
    wheels: list[Part] = []
    for index, symbol in enumerate(rng.sample(["7", "cherry", "bar", "7", "star"], 3)):
        x = -24 + index * 24
        wheels.append(fill(rect(x - 10.5, -84, 21, 34, 1), WHITE, "bar"))
        wheels += _symbol(symbol, x, -67)
    bulbs = [
        fill(circle(-33 + i * 11, -124 + abs(i - 3) * 1.6, 3), YELLOW, "ball", "gloss") for i in range(7)
    ]
    parts = (
        fill(rect(44, -78, 6, 30, 3), STEEL, "column", "metal"),
        fill(circle(47, -82, 8), RED, "ball", "gloss"),
        fill(rect(38, -56, 10, 10, 2), darker(STEEL, 0.3)),
        fill(outline("M-42 0 V-100 Q-40 -128 0 -130 Q40 -128 42 -100 V0 Z"), body, "column", "gloss"),
        fill(rect(-36, -116, 72, 20, 4), GOLD, "bar", "metal"),
        *written("777", 0, -112, 12, (150, 16, 24), 0.24),
        fill(rect(-39, -90, 78, 46, 4), GOLD, "bar", "metal"),
        *wheels,
        fill(rect(-32, -38, 64, 12, 3), darker(body, 0.4)),
        *(
            fill(circle(x, -32, 4), colour, "ball", "gloss")
            for x, colour in ((-22, YELLOW), (-8, GREEN), (8, WHITE))
        ),
        fill(outline("M-34 -18 H34 L28 -4 H-28 Z"), (60, 62, 70), "bar", "metal"),
        *(fill(ellipse(x, -8, 7, 3), GOLD) for x in (-14, -4, 7, 15)),
        *bulbs,
    )
    return Drawing(parts, "stand", 90)


def _symbol(name: str, x: float, y: float) -> tuple[Part, ...]:
    if name == "7":
        return written("7", x, y - 9, 18, RED, 0.26)
    if name == "bar":
        return (fill(rect(x - 9, y - 5, 18, 10, 1), BLACK), *written("BAR", x, y - 2.6, 5.2, WHITE, 0.2))
    if name == "star":
        return (fill(star(x, y, 9, 4), YELLOW),)
    return (
        stroke(
            outline(f"M{x - 4} {y + 4} Q{x - 2} {y - 6} {x + 4} {y - 9} Q{x + 5} {y - 2} {x + 5} {y + 4}"),
            GREEN,
            1.8,
        ),
        fill(circle(x - 4, y + 5, 4.4), RED, "ball", "gloss"),
        fill(circle(x + 5, y + 5, 4.4), RED, "ball", "gloss"),
    )


DICE = (
    Variant("pair of dice", two_dice),
    Variant("die and chips", dice_and_chips, turn=3),
    Variant("single die", one_die, held_out=True),
)
CARDS = (
    Variant("fan of cards", card_fan, turn=25, flips=False),
    Variant("two playing cards", two_aces, turn=40, flips=False),
    Variant("deck of cards", card_deck, held_out=True, turn=30, flips=False),
)
SLOT_MACHINE = (Variant("slot machine", slot_machine, room=True, turn=2, flips=False),)
