"""What every offline page is made with: its template environment, and how figures are written on it."""

from __future__ import annotations

import math
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bench.stats import Figure

TEMPLATES = Path(__file__).with_name("templates")
MINUS = "\N{MINUS SIGN}"


def environment(folder: Path = TEMPLATES) -> Environment:
    """Templates of `folder`: everything is escaped, and what a template names must be there."""
    env = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    env.filters["pct"] = Figure.percent
    env.filters["interval"] = _interval
    env.filters["gap"] = _gap
    env.filters["place"] = _place
    return env


def _gap(figure: Figure) -> str:
    """A difference of two shares in points, signed, with a real minus sign."""
    return (
        "-" if math.isnan(figure.value) else f"{round(100 * figure.value, 1) + 0.0:+.1f}".replace("-", MINUS)
    )


def _interval(figure: Figure) -> str:
    """`68.0 to 76.1` in percent, with a real minus sign; "" where undefined."""
    return figure.interval().replace("-", MINUS)


def _place(share: float) -> str:
    """A share as a CSS percentage, 0 where undefined."""
    return f"{100 * (0 if math.isnan(share) else min(max(share, 0), 1)):.2f}%"
