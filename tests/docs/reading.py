"""What the README and the guides show: their commands, the files they tell one to write, and their links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
API = tuple(sorted((ROOT / "docs" / "api").glob("*.md")))
SHELL = "sh"

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class Command:
    """One line to type, its continued lines joined and its comment left out, and where it stands."""

    page: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class Given:
    """A file that a page tells one to write: a block whose first line is a comment with its path."""

    path: str
    text: str


def commands(page: Path) -> list[Command]:
    """The lines of all blocks of shell, in order."""
    found, text = [], page.read_text(encoding="utf-8")
    for block in _BLOCK.finditer(text):
        if block[1] != SHELL:
            continue
        first = text.count("\n", 0, block.start()) + 2
        told = ""
        for number, line in enumerate(block[2].splitlines(), first):
            told = f"{told} {line.strip()}".strip()
            if not told.endswith("\\"):
                found.append(Command(page.name, number, told.split("  #")[0].strip()))
                told = ""
            told = told.removesuffix("\\").strip()
    return [command for command in found if command.text]


def files(page: Path) -> list[Given]:
    """The files shown on a page."""
    blocks = _BLOCK.findall(page.read_text(encoding="utf-8"))
    named = [(re.match(r"# ([\w/.-]+\.\w+)\n", body), body) for kind, body in blocks if kind != SHELL]
    return [Given(head[1], body) for head, body in named if head]


def links(page: Path) -> list[str]:
    """The targets of a page's links and pictures, outside of blocks of code."""
    return _LINK.findall(_BLOCK.sub("", page.read_text(encoding="utf-8")))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = _BLOCK.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
