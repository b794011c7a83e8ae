"""Whatever others write into a benchmark, a run or a rater's name: no page executes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from annotation.progress_page import write_progress_page
from bench.dataset import Benchmark
from bench.leaderboard import render_leaderboard
from bench.report import render_report
from pipeline.playground.asking import Playground
from tests.bench.chromium import chromium
from tests.leaks.hostile_benchmark import (
    EVIL,
    hostile_benchmark,
    hostile_entry,
    hostile_forms,
    hostile_runs,
    hostile_sample,
)
from tests.playground.stand_in import ByWord
from tests.playground.test_browser import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

ATTACKS = "script[src], img[src=x], svg[onload], [onerror], [onmouseover], [onfocus], [href^='javascript']"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


@pytest.fixture
def benchmark(tmp_path: Path) -> Benchmark:
    return hostile_benchmark(tmp_path / "bench")


def unhurt(tab: Page, address: str, *, own_scripts: int = 0, expected: Sequence[str] = ()) -> None:
    """Open a page, touch everything on it, and find that no attack has become more than text."""
    told: list[str] = []
    tab.on("console", lambda message: told.append(message.text))
    tab.on("pageerror", lambda error: told.append(str(error)))
    tab.on("dialog", lambda dialog: (told.append(dialog.message), dialog.dismiss()))
    tab.goto(address)
    tab.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    for button in tab.locator("button:visible").all():
        if button.is_visible() and button.is_enabled():
            button.click()
    for choice in tab.locator("select:visible").all():
        for index in range(choice.locator("option").count()):
            choice.select_option(index=index)
    tab.wait_for_load_state("networkidle")
    assert tab.evaluate("window.ran") is None
    assert told == list(expected)  # nor has a content security policy had to stop one
    assert tab.locator(ATTACKS).count() == own_scripts
    assert "onerror" in tab.locator("body").text_content()  # type: ignore[operator]


def saved(folder: Path, html: str) -> str:
    page = folder / "page.html"
    page.write_text(html, encoding="utf-8")
    return page.as_uri()


def test_the_report(tab: Page, benchmark: Benchmark, tmp_path: Path) -> None:
    unhurt(tab, saved(tmp_path, render_report(hostile_runs(hostile_sample()), benchmark)))


def test_the_leaderboard(tab: Page, benchmark: Benchmark, tmp_path: Path) -> None:
    unhurt(tab, saved(tmp_path, render_leaderboard(benchmark, [hostile_entry(hostile_sample())])))


def test_the_maintainer_s_status_page(tab: Page, benchmark: Benchmark, tmp_path: Path) -> None:
    write_progress_page(benchmark, hostile_forms(benchmark), tmp_path / "page.html")
    unhurt(tab, (tmp_path / "page.html").as_uri())


@pytest.mark.parametrize(
    ("concept", "told"),
    [
        ("firearm", []),  # a verdict is shown
        (EVIL, ["Failed to load resource: the server responded with a status of 400 (Bad Request)"]),
    ],
    ids=["asked", "refused"],
)
def test_the_playground(tab: Page, tmp_path: Path, concept: str, told: list[str]) -> None:
    benchmark = hostile_benchmark(tmp_path / "bench", concept)
    with serving(Playground(ByWord(name=EVIL), benchmark.policies, benchmark)) as address:
        unhurt(tab, address, own_scripts=1, expected=told)
