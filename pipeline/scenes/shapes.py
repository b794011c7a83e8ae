"""Outlines: the geometry the drawings are made of, in the units of the thing (about 100 across, y down).

A `Shape` is a Skia path. This file and `canvas.py` build everything out of Skia; the drawings only
call the functions here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import skia

Shape: TypeAlias = skia.Path
Point = tuple[float, float]
_TOKEN = re.compile(r"[MLHVQCZ]|-?\d*\.?\d+(?:e-?\d+)?")


def outline(commands: str) -> Shape:
    """A shape from SVG path commands, absolute ones only: M, L, H, V, Q, C and Z.

    Raises:
        ValueError: another command, or numbers that do not fill a command.
    """
    path, verb = skia.Path(), ""
    numbers: list[float] = []
    for token in _TOKEN.findall(commands):
        if token.isalpha():
            _apply(path, verb, numbers, commands)
            verb, numbers = token, []
        else:
            numbers.append(float(token))
    _apply(path, verb, numbers, commands)
    return path


_ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "Q": 4, "C": 6}


def _apply(path: Shape, verb: str, numbers: list[float], commands: str) -> None:
    if verb == "Z":
        path.close()
    if verb in ("", "Z"):
        return
    step = _ARGUMENTS[verb]
    if not numbers or len(numbers) % step:
        raise ValueError(f"{len(numbers)} numbers after {verb} in {commands!r}: give a multiple of {step}")
    for start in range(0, len(numbers), step):
        _segment(path, verb if verb != "M" or start == 0 else "L", numbers[start : start + step])


def _segment(path: Shape, verb: str, numbers: list[float]) -> None:
    if verb == "M":
        path.moveTo(*numbers)
    elif verb == "L":
        path.lineTo(*numbers)
    elif verb == "H":
        path.lineTo(numbers[0], path.getPoint(path.countPoints() - 1).y())
    elif verb == "V":
        path.lineTo(path.getPoint(path.countPoints() - 1).x(), numbers[0])
    elif verb == "Q":
        path.quadTo(*numbers)
    else:
        path.cubicTo(*numbers)


def ellipse(x: float, y: float, rx: float, ry: float) -> Shape:
    """Centre and radii."""
    path = skia.Path()
    path.addOval(skia.Rect.MakeLTRB(x - rx, y - ry, x + rx, y + ry))
    return path


def circle(x: float, y: float, radius: float) -> Shape:
    return ellipse(x, y, radius, radius)


def rect(x: float, y: float, width: float, height: float, radius: float = 0.0) -> Shape:
    """Upper left corner, size, and the radius of the corners."""
    path = skia.Path()
    path.addRoundRect(skia.Rect.MakeXYWH(x, y, width, height), radius, radius)
    return path


def poly(*points: Point) -> Shape:
    """A closed polygon."""
    path = skia.Path()
    path.addPoly([skia.Point(*point) for point in points], True)
    return path


def line(*points: Point) -> Shape:
    """An open run of straight lines, to be stroked."""
    path = skia.Path()
    path.addPoly([skia.Point(*point) for point in points], False)
    return path


def star(x: float, y: float, outer: float, inner: float, points: int = 5, turn: float = 0.0) -> Shape:
    """A star with its first point up, turned by `turn` degrees."""
    corners = []
    for index in range(2 * points):
        angle = math.radians(turn - 90 + index * 180 / points)
        radius = inner if index % 2 else outer
        corners.append((x + radius * math.cos(angle), y + radius * math.sin(angle)))
    return poly(*corners)


def ring(x: float, y: float, outer: float, inner: float) -> Shape:
    """A disc with a hole."""
    path = circle(x, y, outer)
    path.addPath(circle(x, y, inner))
    path.setFillType(skia.PathFillType.kEvenOdd)
    return path


def joined(shapes: Iterable[Shape]) -> Shape:
    """Several shapes as one; where they overlap they stay filled."""
    path = skia.Path()
    for shape in shapes:
        path.addPath(shape)
    return path


def blob(points: Sequence[Point]) -> Shape:
    """A smooth closed curve through the midpoints of a polygon."""
    path = skia.Path()
    middles = [
        ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in zip(points, [*points[1:], points[0]], strict=True)
    ]
    path.moveTo(*middles[-1])
    for corner, middle in zip(points, middles, strict=True):
        path.quadTo(*corner, *middle)
    path.close()
    return path


def moved(shape: Shape, dx: float, dy: float, scale: float = 1.0, turn: float = 0.0) -> Shape:
    """The shape turned by degrees and scaled about its own origin, then shifted."""
    matrix = skia.Matrix()
    matrix.setRotate(turn)
    matrix.postScale(scale, scale)
    matrix.postTranslate(dx, dy)
    path = skia.Path(shape)
    path.transform(matrix)
    return path


def flipped(shape: Shape) -> Shape:
    """Left and right exchanged about x = 0."""
    path = skia.Path(shape)
    path.transform(skia.Matrix.Scale(-1, 1))
    return path


def box_of(shapes: Iterable[Shape]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of all shapes together."""
    bounds = [shape.getBounds() for shape in shapes]
    return (
        min(b.left() for b in bounds),
        min(b.top() for b in bounds),
        max(b.right() for b in bounds),
        max(b.bottom() for b in bounds),
    )
