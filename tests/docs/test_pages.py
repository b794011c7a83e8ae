"""Links lead somewhere, the index lists every guide, and the API pages are those of the docstrings."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.api_pages import FOLDER, pages
from tests.docs.reading import API, PAGES, ROOT, anchors, links

CARDS = tuple((ROOT / "data_cards").glob("*/README.md"))


@pytest.mark.parametrize("page", [*PAGES, *API, *CARDS], ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        if link.startswith(("https://", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_relative_to(ROOT), link
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_the_index_lists_every_guide() -> None:
    listed = links(ROOT / "docs" / "README.md")
    assert {page.name for page in PAGES[1:]} - {"README.md"} <= set(listed)


def test_pictures_are_small() -> None:
    pictures = sorted((ROOT / "docs" / "images").iterdir())
    assert {picture.name for picture in pictures} == {"labelling.webp", "pairs.webp", "report.webp"}
    assert all(picture.stat().st_size < 150_000 for picture in pictures)


def test_the_api_pages_are_those_of_the_docstrings() -> None:
    """Changed a docstring? `python -m tests.docs.api_pages` writes the pages again."""
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    made = pages()
    stale = sorted(name for name in made.keys() | there.keys() if made.get(name) != there.get(name))
    assert stale == []
