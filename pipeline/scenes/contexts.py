"""Contexts a policy can depend on, drawn so that a viewer reads them at a glance.

A context turns one drawing into a `Group`: props behind, the thing itself, props in front. Props stay in
the clean picture (an empty plinth, a blank sign); only the thing goes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from .colour import (
    BLACK,
    CREAM,
    GOLD,
    GREEN,
    ORANGE,
    RED,
    RGB,
    STEEL,
    TEAL,
    WHITE,
    YELLOW,
    darker,
    hsv,
    lighter,
    luminance,
    vary,
)
from .drawing import Drawing, Part, Pose, fill, recoloured, shifted, stroke
from .lettering import written
from .shapes import circle, ellipse, line, outline, poly, rect, ring, star


@dataclass(frozen=True, slots=True)
class Group:
    """A thing with its props, all in the units of one frame (base at y = 0 when it stands)."""

    thing: tuple[Part, ...]
    pose: Pose
    size: float
    behind: tuple[Part, ...] = ()
    front: tuple[Part, ...] = ()
    upright: bool = False  # props forbid turning it
    icon: bool = False  # drawn as a sign's icon, whatever the style

    @property
    def drawing(self) -> Drawing:
        """Everything together, for its extent."""
        return Drawing((*self.behind, *self.thing, *self.front), self.pose, self.size)


def bare(drawing: Drawing) -> Group:
    return Group(drawing.parts, drawing.pose, drawing.size)


def toy(drawing: Drawing, rng: Random) -> Group:
    """Bright plastic, a bright end, a wind-up key; on a toy shop's card or among letter blocks."""
    hues = [rng.random() for _ in range(3)]
    plastic = recoloured(drawing, lambda colour: _plastic(colour, hues))
    left, top, right, bottom = plastic.box
    tip: tuple[Part, ...] = ()
    if drawing.tip:
        x, y, half = drawing.tip
        tip = (fill(rect(x - 9, y - half, 18, 2 * half, 3), ORANGE, "bar", "gloss"),)
    thing = (
        *_key(right - 4, (top + bottom) / 2),
        *(replace(p, finish="gloss") if p.finish == "metal" else p for p in plastic.parts),
        *tip,
    )
    if rng.random() < 0.6:
        card = _toy_card(
            left - 22, top - 34, right + 28, bottom + (0 if drawing.pose == "stand" else 14), rng
        )
        gleam = fill(
            poly((left + 4, bottom - 8), (left + 26, top - 4), (left + 38, top - 4), (left + 16, bottom - 8)),
            WHITE,
            alpha=0.28,
        )
        return Group(thing, drawing.pose, drawing.size * 0.98, card, (gleam,), True)
    blocks = (*_block(left - 22, bottom, "A", rng), *_block(right + 24, bottom, "B", rng))
    return Group(thing, drawing.pose, drawing.size * 0.92, (), blocks, True)


def _plastic(colour: RGB, hues: list[float]) -> RGB:
    light = luminance(colour)
    if light > 0.85:
        return colour
    hue = hues[0] if light < 0.3 else hues[1] if light < 0.6 else hues[2]
    return hsv(hue, 0.78, 0.72 + 0.26 * light)


def _key(x: float, y: float) -> tuple[Part, ...]:
    return (
        fill(rect(x, y - 3, 18, 6), GOLD, "bar", "metal"),
        fill(ring(x + 24, y - 8, 9, 3.6), GOLD, "ball", "gloss"),
        fill(ring(x + 24, y + 8, 9, 3.6), GOLD, "ball", "gloss"),
    )


def _toy_card(left: float, top: float, right: float, bottom: float, rng: Random) -> tuple[Part, ...]:
    colour = hsv(rng.random(), 0.6, 0.95)
    middle, height = (left + right) / 2, min(24.0, (right - left) * 0.2)
    return (
        fill(rect(left, top - height, right - left, bottom - top + height, 6), colour),
        fill(rect(left, top - height, right - left, height + 10, 6), darker(colour, 0.35)),
        *written("TOY", middle, top - height + 7, height * 0.8, YELLOW, 0.24),
        fill(star(left + 14, top - height + 17, 10, 4), WHITE),
        fill(star(right - 14, top - height + 17, 10, 4), WHITE),
        fill(rect(left + 8, top + 18, right - left - 16, bottom - top - 26, 8), lighter(colour, 0.62)),
    )


def _block(x: float, base: float, letter: str, rng: Random) -> tuple[Part, ...]:
    colour = hsv(rng.random(), 0.65, 0.95)
    return (
        fill(rect(x - 13, base - 26, 26, 26, 3), colour),
        fill(rect(x - 10, base - 23, 20, 20, 2), lighter(colour, 0.7)),
        *written(letter, x, base - 20, 14, darker(colour, 0.3), 0.2),
    )


def museum(drawing: Drawing, rng: Random) -> Group:
    """On a plinth with a plaque, under glass."""
    left, top, right, bottom = drawing.box
    half = max(36.0, (right - left) / 2 + 9)
    tall = bottom - top + 18
    stone = vary(rng, rng.choice([(222, 216, 204), (96, 84, 78), (128, 84, 54)]), 0.03)
    plinth = (
        fill(rect(-half - 4, -40, 2 * half + 8, 40), stone, "column"),
        fill(rect(-half - 9, -47, 2 * half + 18, 9, 1), lighter(stone, 0.25), "column"),
        fill(rect(-half - 8, -8, 2 * half + 16, 8), darker(stone, 0.15), "column"),
        fill(rect(-26, -34, 52, 22, 2), GOLD, "plane", "metal"),
        *(
            stroke(line((-19, -29 + i * 5.5), (19 - 8 * (i == 2), -29 + i * 5.5)), (70, 50, 20), 2.2)
            for i in range(3)
        ),
    )
    back = (
        fill(
            rect(-half, -46 - tall, 2 * half, tall),
            rng.choice([(176, 196, 214), (222, 206, 180), (230, 226, 218)]),
            alpha=0.55,
        ),
    )
    case = (
        fill(rect(-half, -46 - tall, 2 * half, tall), (196, 220, 230), alpha=0.13),
        fill(
            poly(
                (-half + 8, -48),
                (half * 0.05, -44 - tall),
                (half * 0.4, -44 - tall),
                (-half + 8 + half * 0.35, -48),
            ),
            WHITE,
            alpha=0.2,
        ),
        stroke(rect(-half, -46 - tall, 2 * half, tall), (226, 240, 246), 2.6, alpha=0.9),
        fill(rect(-half - 3, -50 - tall, 2 * half + 6, 6, 1), (150, 130, 90), "column", "metal"),
    )
    held = shifted(drawing.parts, -(left + right) / 2, -bottom - 47 - (0 if drawing.pose == "stand" else 8))
    return Group(held, "stand", drawing.size * 0.94, (*back, *plinth), case, True)


def sign(drawing: Drawing, rng: Random) -> Group:
    """A round sign on a post: the thing as an icon, ringed and struck through."""
    icon = recoloured(drawing, lambda colour: BLACK if luminance(colour) < 0.5 else (244, 244, 242))
    left, top, right, bottom = icon.box
    scale = 82 / max(1.0, ((right - left) ** 2 + (bottom - top) ** 2) ** 0.5)
    middle = -104.0
    placed = shifted(icon.parts, -(left + right) / 2 * scale, middle - (top + bottom) / 2 * scale, scale)
    red = vary(rng, (208, 28, 32), 0.03)
    behind = (
        fill(rect(-4, -60, 8, 60), (132, 138, 146), "column", "metal"),
        fill(ellipse(0, -1, 22, 5), (92, 96, 104), "column"),
        fill(circle(0, middle, 58), (236, 236, 234)),
        fill(circle(0, middle, 55), WHITE),
    )
    front = (
        stroke(line((-34, middle - 34), (34, middle + 34)), red, 9),
        fill(ring(0, middle, 55, 44), red),
    )
    return Group(placed, "stand", 96, behind, front, True, True)


def medical(drawing: Drawing, rng: Random) -> Group:
    """On a teal cloth in a steel tray, with a first-aid box that shows a cross."""
    left, _, right, bottom = drawing.box
    half = (right - left) / 2 + 16
    middle = (left + right) / 2
    if drawing.pose == "stand":
        tray = (
            fill(
                outline(
                    f"M{middle - half - 16} 12 L{middle - half} -10 "
                    f"H{middle + half} L{middle + half + 16} 12 Z"
                ),
                TEAL,
            ),
            fill(
                outline(
                    f"M{middle - half + 2} 6 Q{middle} 18 {middle + half - 2} 6 "
                    f"L{middle + half + 8} -4 Q{middle} 2 {middle - half - 8} -4 Z"
                ),
                STEEL,
                "column",
                "metal",
            ),
            fill(ellipse(middle, -4, half + 8, 6), lighter(STEEL, 0.35)),
        )
        return Group(
            drawing.parts, "stand", drawing.size * 0.98, (*_aid_box(right + 30, 0, rng), *tray), (), True
        )
    top = drawing.box[1]
    cloth = poly(
        (left - 30, top - 16), (right + 18, top - 22), (right + 30, bottom + 16), (left - 18, bottom + 22)
    )
    behind = (
        fill(cloth, vary(rng, TEAL, 0.04)),
        stroke(line((left - 10, top - 18), (left - 4, bottom + 18)), darker(TEAL, 0.15), 1.6),
        fill(rect(left - 12, top - 10, right - left + 24, bottom - top + 20, 14), STEEL, "bar", "metal"),
        fill(rect(left - 7, top - 5, right - left + 14, bottom - top + 10, 10), lighter(STEEL, 0.3)),
        *_aid_box(left + 4, top - 6, rng),
    )
    return Group(drawing.parts, "lie", drawing.size * 0.98, behind, (), True)


def _aid_box(x: float, base: float, rng: Random) -> tuple[Part, ...]:
    green = vary(rng, (24, 140, 84), 0.04)
    return (
        fill(rect(x - 26, base - 48, 52, 48, 5), WHITE, "column"),
        fill(rect(x - 26, base - 10, 52, 10, 3), green, "column"),
        fill(rect(x - 5, base - 43, 10, 28), green),
        fill(rect(x - 14, base - 34, 28, 10), green),
        stroke(outline(f"M{x - 10} {base - 48} Q{x} {base - 60} {x + 10} {base - 48}"), (150, 156, 160), 3),
    )


def kitchen(drawing: Drawing, rng: Random) -> Group:
    """On a wooden chopping board with sliced vegetables."""
    left, top, right, bottom = drawing.box
    board = vary(rng, rng.choice([(206, 160, 104), (176, 124, 74)]))
    if drawing.pose == "stand":
        top, bottom = bottom - 16, bottom + 8
        shape = outline(f"M{left - 16} {top} H{right + 34} L{right + 50} {bottom + 10} H{left - 32} Z")
    else:
        top, bottom = top - 22, bottom + 22
        shape = rect(left - 20, top, right - left + 62, bottom - top, 10)
    behind: list[Part] = [
        fill(shape, board),
        *(
            stroke(line((left - 10, y), (right + 26, y + 1)), darker(board, 0.16), 1.3)
            for y in _rows(top + 5, bottom - 4)
        ),
        fill(circle(right + 33, (top + bottom) / 2, 3.5), darker(board, 0.6)),
    ]
    slices: list[Part] = []
    for index in range(3):
        slices += _slice(right + 2 + index * 9, bottom - 4 - index * 4, index)
    return Group(
        drawing.parts,
        drawing.pose,
        drawing.size * 0.92,
        tuple(behind),
        (*slices, *_herb(left - 6, bottom - 2)),
        True,
    )


def _rows(top: float, bottom: float) -> list[float]:
    return [top + (bottom - top) * index / 4 for index in range(5)]


def _slice(x: float, y: float, kind: int) -> tuple[Part, ...]:
    colour = ((214, 52, 40), ORANGE, (214, 52, 40))[kind]
    return (
        fill(ellipse(x, y, 12, 10), darker(colour, 0.1)),
        fill(ellipse(x, y, 9.5, 7.6), lighter(colour, 0.35)),
        fill(star(x, y, 7, 2.5, 6), lighter(colour, 0.6)),
    )


def _herb(x: float, y: float) -> tuple[Part, ...]:
    return (
        stroke(outline(f"M{x - 12} {y} Q{x} {y - 6} {x + 14} {y - 8}"), darker(GREEN, 0.2), 2),
        *(fill(ellipse(x + dx, y + dy, 6, 4), GREEN) for dx, dy in ((-6, -5), (2, 0), (8, -12), (14, -4))),
    )


def ceremonial(drawing: Drawing, rng: Random) -> Group:
    """On an embroidered cloth between two burning candles, with a ribbon."""
    left, top, right, bottom = drawing.box
    cloth = hsv(rng.choice([0.98, 0.76, 0.62, 0.4]), 0.75, 0.5)
    if drawing.pose == "stand":
        top, bottom = -14, 14
        area = poly((left - 18, top), (right + 18, top), (right + 34, bottom), (left - 34, bottom))
        inner = poly(
            (left - 14, top + 4), (right + 14, top + 4), (right + 25, bottom - 5), (left - 25, bottom - 5)
        )
        foot = 2.0
    else:
        top, bottom = top - 18, bottom + 18
        area = rect(left - 26, top, right - left + 52, bottom - top)
        inner = rect(left - 20, top + 6, right - left + 40, bottom - top - 12)
        foot = top + 12
    fringe = [
        stroke(line((x, bottom), (x - 1, bottom + 8)), GOLD, 2) for x in _spread(left - 28, right + 28, 18)
    ]
    behind = (
        *fringe,
        fill(area, cloth),
        stroke(inner, GOLD, 3),
        *(fill(star(x, bottom - 6, 4.5, 2, 4), GOLD) for x in _spread(left - 8, right + 8, 6)),
        *_candle(left - 24, foot),
        *_candle(right + 24, foot),
    )
    ribbon = (
        fill(
            poly(
                (right + 6, bottom - 4),
                (right - 2, bottom + 20),
                (right + 6, bottom + 15),
                (right + 11, bottom + 22),
                (right + 14, bottom - 4),
            ),
            RED,
        ),
        fill(circle(right + 10, bottom - 4, 8), RED, "ball"),
        fill(circle(right + 10, bottom - 4, 4), GOLD),
    )
    return Group(drawing.parts, drawing.pose, drawing.size * 0.96, behind, ribbon, True)


def _spread(first: float, last: float, count: int) -> list[float]:
    return [first + (last - first) * index / (count - 1) for index in range(count)]


def _candle(x: float, base: float) -> tuple[Part, ...]:
    return (
        fill(circle(x, base - 68, 22), YELLOW, "plane", "glow", 0.35),
        fill(ellipse(x, base, 13, 4.5), GOLD, "column", "metal"),
        fill(rect(x - 6, base - 52, 12, 52, 2), CREAM, "column"),
        stroke(line((x, base - 52), (x, base - 58)), BLACK, 1.6),
        fill(
            outline(
                f"M{x} {base - 78} C{x + 9} {base - 64} {x + 5} {base - 56} {x} "
                f"{base - 56} C{x - 5} {base - 56} {x - 9} {base - 64} {x} {base - 78} Z"
            ),
            ORANGE,
        ),
        fill(
            outline(
                f"M{x} {base - 70} C{x + 4} {base - 62} {x + 2} {base - 57} {x} "
                f"{base - 57} C{x - 2} {base - 57} {x - 4} {base - 62} {x} {base - 70} Z"
            ),
            YELLOW,
        ),
    )


Dress = Callable[[Drawing, Random], Group]
# "news" is not here: it frames the whole picture (see `news.py`).
DRESSES: dict[str, Dress] = {
    "toy_or_cartoon": toy,
    "museum_or_education": museum,
    "warning_sign": sign,
    "medical": medical,
    "kitchen": kitchen,
    "ceremonial": ceremonial,
}
