"""A small stroke alphabet, so that no picture depends on the fonts of the machine that draws it."""

from __future__ import annotations

from .colour import RGB
from .drawing import Part, stroke
from .shapes import Shape, line

# Each letter is runs of points on a grid four wide and six high, written as digit pairs x, y.
_GLYPHS = {
    "A": "06 20 46|13 33", "B": "00 06 36 45 44 33 03|33 42 41 30 00", "C": "41 30 10 01 05 16 36 45",
    "D": "00 06 26 44 42 20 00", "E": "40 00 06 46|03 33", "F": "40 00 06|03 33",
    "G": "41 30 10 01 05 16 36 45 43 23", "H": "00 06|40 46|03 43", "I": "20 26", "J": "40 45 36 16 05",
    "K": "00 06|40 03 46", "L": "00 06 46", "M": "06 00 23 40 46", "N": "06 00 46 40",
    "O": "10 30 41 45 36 16 05 01 10", "P": "06 00 30 41 42 33 03",
    "Q": "10 30 41 45 36 16 05 01 10|24 46", "R": "06 00 30 41 42 33 03|23 46",
    "S": "41 30 10 01 02 13 33 44 45 36 16 05", "T": "00 40|20 26", "U": "00 05 16 36 45 40",
    "V": "00 26 40", "W": "00 16 23 36 40", "X": "00 46|40 06", "Y": "00 23 40|23 26", "Z": "00 40 06 46",
    "0": "10 30 41 45 36 16 05 01 10", "1": "11 20 26|16 36", "2": "01 10 30 41 42 06 46",
    "3": "00 40 23 33 44 45 36 16 05", "5": "40 00 03 33 44 45 36 06", "7": "00 40 16",
    "8": "10 30 41 42 33 13 02 01 10|13 04 05 16 36 45 44 33", "!": "20 24|26 26",
}  # fmt: skip


def letters(text: str, x: float, y: float, height: float) -> list[Shape]:
    """Lines of the text, its upper left corner at (x, y); letters are 2/3 as wide as high."""
    unit, runs = height / 6, []
    for index, letter in enumerate(text):
        left = x + index * unit * 5.4
        for run in _GLYPHS[letter].split("|") if letter != " " else ():
            points = [(left + int(pair[0]) * unit, y + int(pair[1]) * unit) for pair in run.split()]
            runs.append(line(*points))
    return runs


def width_of(text: str, height: float) -> float:
    return max(0.0, (len(text) * 5.4 - 1.4) * height / 6)


def written(
    text: str, x: float, y: float, height: float, colour: RGB, weight: float = 0.17
) -> tuple[Part, ...]:
    """The text centred on x with its top at y; `weight` is the line's share of the height."""
    left = x - width_of(text, height) / 2
    return tuple(stroke(run, colour, height * weight) for run in letters(text, left, y, height))
