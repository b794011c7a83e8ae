"""The leaderboard page: one file, nothing loaded, nothing unescaped, and honest about what it cannot know."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bench.dataset import Benchmark, load_benchmark
from bench.leaderboard import Entry, entry, render_leaderboard
from bench.schema import VerdictRow
from tests.bench.sample import sample
from tests.bench.sample_runs import perfect
from tests.bench.test_report import EVIL, parsed


@pytest.fixture
def benchmark(tmp_path: Path) -> Benchmark:
    return load_benchmark(sample().export(tmp_path / "bench"))


def made(name: str, *, right: bool = True, id: str = "a" * 64, added: str = "") -> Entry:
    def answer(row: VerdictRow):  # type: ignore[no-untyped-def]
        return perfect(row) if right else replace(perfect(row), status="refused", p_unsafe=None)

    rows = [answer(row) for row in sample().verdicts]
    return entry(id, name, rows, added, (("guardrail.weights", "w1"),))


def text(html: str) -> str:
    return " ".join(parsed(html).text.split())


def test_nothing_is_loaded_and_no_script_runs(benchmark: Benchmark) -> None:
    html = render_leaderboard(benchmark, [made("model")])
    assert not re.search(r"url\(|@import|https?://|<script|<img|<link", html)
    assert "default-src 'none'; style-src 'unsafe-inline'" in html


def test_the_best_stands_first_and_clearly_worse_ones_in_a_later_group(benchmark: Benchmark) -> None:
    html = render_leaderboard(benchmark, [made("mute", right=False), made("strong", added="2026-03-01")])
    rows = [text(row) for row in re.findall(r"<tr.*?</tr>", html.split('id="h-policies"')[0], re.DOTALL)]
    sure = "100.0 100.0 to 100.0"
    assert rows[1].startswith(f"1 strong {sure}")
    assert rows[1].endswith("2026-03-01")
    assert rows[2].startswith("2 mute 0.0")
    assert [row.split()[:2] for row in rows[3:]] == [["always", "safe"], ["always", "unsafe"]]


def test_models_of_one_name_are_told_apart(benchmark: Benchmark) -> None:
    html = render_leaderboard(benchmark, [made("m", id="1" * 64), made("m", id="2" * 64)])
    assert html.count("m (11111111)") == 3
    assert html.count("m (22222222)") == 3


def test_hostile_text_is_only_text(benchmark: Benchmark) -> None:
    evil = replace(made(EVIL, added=EVIL), about=((EVIL, EVIL),), id=EVIL)
    tags = parsed(render_leaderboard(benchmark, [evil]))
    assert [tag for tag, attrs in tags.tags if "onerror" in attrs or tag in ("script", "img")] == []
    assert "onerror=alert(1)>{{ 7*7 }}" in tags.text


def test_it_says_where_the_labels_are_from_and_what_it_cannot_prove(benchmark: Benchmark) -> None:
    shown = text(render_leaderboard(benchmark, [made("model")]))
    assert "Labels by rule. 40 labels follow from known content" in shown
    assert "3 pairs are too few for the intervals to be trusted" in shown
    assert "somebody could invent answers that fit together" in shown
    assert benchmark.digest in shown


def test_the_same_entries_give_the_same_bytes(benchmark: Benchmark) -> None:
    pages = {render_leaderboard(benchmark, [made("a"), made("b", right=False)]) for _ in range(2)}
    assert len(pages) == 1


def test_an_empty_board_is_told(benchmark: Benchmark) -> None:
    with pytest.raises(ValueError, match="no submission to list"):
        render_leaderboard(benchmark, [])


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_in_a_browser_it_fits_and_axe_finds_nothing_serious(
    benchmark: Benchmark, tmp_path: Path, width: int, scheme: str
) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs the Debian package chromium")
    page = tmp_path / "index.html"
    page.write_text(
        render_leaderboard(benchmark, [made("strong"), made("mute", right=False)]), encoding="utf-8"
    )
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        size = {"width": width, "height": 844}
        tab = browser.new_context(viewport=size, color_scheme=scheme, bypass_csp=True).new_page()
        tab.goto(page.as_uri())
        tab.locator("summary").first.click()
        assert tab.evaluate("document.documentElement.scrollWidth") == width
        found = axe.Axe().run(tab).response["violations"]
        assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
        browser.close()
