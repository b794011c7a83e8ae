"""Render a data card: `render_data_card(facts) -> str`. A slot that stays unfilled is an error."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from data_cards.facts import CardFacts
from data_cards.front_matter import front_matter

TEMPLATES = Path(__file__).with_name("templates")


class _Verbatim(str):
    """Text that is Markdown or YAML already."""

    __slots__ = ()


def render_data_card(facts: CardFacts) -> str:
    """The README.md of a benchmark: YAML front matter and the sections of a datasheet.

    Names that come from the data (sources, concepts, reasons) cannot break out of their table cell.

    Raises:
        jinja2.UndefinedError: the template names something that `facts` does not have.
    """
    template = environment().get_template("data_card.md.jinja")
    return template.render(facts=facts, front_matter=_Verbatim(front_matter(facts)))


def environment(folder: Path = TEMPLATES) -> Environment:
    """Jinja for Markdown, as all cards use it, with the templates of `folder`."""
    env = Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        finalize=_plain,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # Markdown; `_plain` escapes what Markdown and HTML would read as markup
    )
    env.filters["verbatim"] = _Verbatim
    env.filters["percent"] = percent
    env.filters["number"] = number
    return env


def percent(part: int, whole: int) -> str:
    """A share in percent with one decimal, or a dash of nothing."""
    return f"{100 * part / whole:.1f} %" if whole else "-"


def number(value: float | None) -> str:
    """A score with three significant digits, or a dash."""
    return "-" if value is None else f"{value:.3g}"


def _plain(value: object) -> object:
    if not isinstance(value, str) or isinstance(value, _Verbatim):
        return value
    for mark, escaped in (("&", "&amp;"), ("<", "&lt;"), ("|", "\\|"), ("`", "'"), ("[", "\\["), ("\n", " ")):
        value = value.replace(mark, escaped)
    return value
