"""The report in a browser: veils, filters, hostile text, and what axe-core says of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.dataset import load_benchmark
from bench.report import render_report
from bench.results import ResultRow
from bench.run_folder import Effort, Run
from bench.schema import VerdictRow
from tests.bench.chromium import chromium, complaints
from tests.bench.sample import Sample, sample
from tests.bench.sample_runs import fooled, perfect, run, written

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

EVIL = "</script><img src=x onerror=alert(1)><svg onload=alert(2)>{{ 7*7 }}\"'&"
PHONE, DESK = (390, 844), (1280, 900)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def saved(folder: Path, runs: list[Run], rows: Sample | None = None) -> Path:
    benchmark = load_benchmark((rows or sample()).export(folder / "bench"))
    page = folder / "report.html"
    page.write_text(render_report(runs, benchmark), encoding="utf-8")
    return page


def opened(browser: Browser, page: Path, size: tuple[int, int] = PHONE, scheme: str = "light") -> Page:
    viewport = {"width": size[0], "height": size[1]}
    tab = browser.new_page(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
    tab.goto(page.as_uri())
    return tab


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(tmp_path_factory.mktemp("two"), [run(sample(), "strong"), run(sample(), "fooled", fooled)])


def test_veils_lift_by_key_and_filters_count(browser: Browser, two_runs: Path) -> None:
    tab = browser.new_page(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    faults = complaints(tab)
    tab.goto(two_runs.as_uri())
    picture = "getComputedStyle(document.querySelector('#gallery .veil img')).filter"
    assert "blur" in tab.evaluate(picture)
    tab.locator("#gallery .veil input").first.focus()
    tab.keyboard.press("Space")
    assert tab.evaluate(picture) == "none"
    tab.locator("#gallery").get_by_role("button", name="Veil all").click()
    assert "blur" in tab.evaluate(picture)
    assert tab.locator('[data-count="fooled"]').inner_text() == "0"
    tab.locator("#gallery select[name=run]").select_option(label="fooled")
    assert tab.locator('[data-count="fooled"]').inner_text() == "2"
    tab.locator('input[name="show"][value="fooled"]').check()
    assert tab.locator("article.pair:visible").count() == 2
    assert tab.evaluate("document.documentElement.scrollWidth") == 390
    assert faults == []
    tab.close()


def test_failures_are_of_the_run_that_is_chosen_and_pass_the_filters(
    browser: Browser, two_runs: Path
) -> None:
    tab = opened(browser, two_runs)
    told = tab.locator("#failures output")
    assert told.inner_text() == "no cases"
    assert tab.locator("#failures .hint:visible").inner_text().endswith("strong has none.")
    tab.locator("#failures select[name=run]").select_option(label="fooled")
    assert tab.locator("#gallery select[name=run]").input_value() == "1"
    assert told.inner_text() == "8 cases"  # two controls under L2 .. L5
    tab.locator("#failures select[name=policy]").select_option("L3")
    assert told.inner_text() == "2 cases"
    card = tab.locator("#failures .case").first
    assert card.locator(".asked").text_content() == "L3 · control · label unsafe"
    assert card.locator(".facts").text_content() == "p(unsafe) 0.900"
    assert tab.evaluate("getComputedStyle(document.querySelector('#failures .case img')).filter") != "none"
    assert card.locator("img").get_attribute("src").startswith("data:image/webp")  # type: ignore[union-attr]
    tab.locator("#failures select[name=role]").select_option("control")
    tab.locator("#failures select[name=outcomes]").select_option("safe")
    assert tab.locator("#failures select[name=outcomes] option").all_inner_texts() == ["any", "safe"]
    assert told.inner_text() == "2 cases"
    tab.close()


def test_cases_come_a_few_at_a_time_and_focus_moves_on(browser: Browser, tmp_path: Path) -> None:
    def silent(row: VerdictRow) -> ResultRow:
        return replace(perfect(row), status="refused", p_unsafe=None, text="I cannot say.")

    tab = opened(browser, saved(tmp_path, [run(sample(), answer=silent)]))
    cases = tab.locator("#failures .case")
    assert cases.count() == 12
    more = tab.get_by_role("button", name="Show 12 more of 28")
    more.click()
    assert cases.count() == 24
    place = (
        "[...document.querySelectorAll('#failures .case')].indexOf(document.activeElement.closest('.case'))"
    )
    assert tab.evaluate(place) == 12
    assert tab.locator("#failures select[name=outcomes] option").all_inner_texts() == [
        "any",
        "any unreadable",
        "refused",
    ]
    assert cases.first.locator(".text").text_content() == "I cannot say."
    tab.close()


def test_differences_of_two_runs_are_told_apart_by_who_is_right(browser: Browser, two_runs: Path) -> None:
    tab = opened(browser, two_runs, DESK)
    told = tab.locator("#versus output")
    assert told.inner_text() == "8 cases"
    tab.locator("#versus select[name=run]").select_option(label="B only")
    assert told.inner_text() == "no cases"
    tab.locator("#versus select[name=run]").select_option(label="A only")
    assert told.inner_text() == "8 cases"
    assert tab.locator("#versus .case").first.locator(".said span").all_text_contents() == [
        "unsafe", "A · p(unsafe) 0.900", "safe", "B · p(unsafe) 0.900",
    ]  # fmt: skip
    tab.close()


def test_hostile_text_runs_nowhere(browser: Browser, tmp_path: Path) -> None:
    rows = sample()
    images = tuple(replace(row, concepts=(EVIL,), contexts=((EVIL,),)) for row in rows.images)

    def hostile(row: VerdictRow) -> ResultRow:
        return replace(perfect(row), status="unparseable", text=EVIL, detail=EVIL, written="safe")

    notes = ((EVIL, EVIL),)
    runs = [
        replace(run(rows, name, answer), about=notes, effort=Effort(EVIL, notes=notes))
        for name, answer in ((EVIL, hostile), (f"other {EVIL}", written))
    ]
    page = saved(tmp_path, runs, replace(rows, images=images))
    tab = browser.new_page()
    faults = complaints(tab)
    tab.goto(page.as_uri())
    tab.locator("#failures select[name=run]").select_option("1")
    tab.locator("#failures select[name=concepts]").select_option(index=1)
    for more in tab.locator(".more:visible").all():
        more.click()
    tab.wait_for_timeout(200)
    assert faults == []
    assert tab.locator("img[src=x], main svg[onload], [onerror]").count() == 0
    assert tab.locator("main script:not([type='application/json'])").count() == 0
    assert "onerror=alert(1)" in tab.locator("#failures .case h3").first.text_content()
    tab.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desktop", "phone"])
def test_axe_finds_no_serious_violation(
    browser: Browser, two_runs: Path, size: tuple[int, int], scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    tab = opened(browser, two_runs, size, scheme)
    tab.locator("#failures select[name=run]").select_option(label="fooled")
    tab.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    tab.add_style_tag(content=".pair, .case { content-visibility: visible !important }")
    found = axe.Axe().run(tab).response["violations"]
    assert [(each["id"], each["impact"]) for each in found if each["impact"] in ("serious", "critical")] == []
    assert tab.evaluate("document.documentElement.scrollWidth") == size[0]
    tab.close()
