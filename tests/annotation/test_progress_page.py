"""The maintainer's page: one file, nothing loaded, nothing unescaped, everything veiled, no names."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from annotation.forms import Form
from annotation.gold import Gold
from annotation.progress_page import render_progress_page, write_progress_page
from annotation.status import status_of
from bench.dataset import Benchmark, load_benchmark
from bench.schema import Answer
from tests.annotation.vote_samples import form
from tests.bench.sample import sample
from tests.bench.test_report import EVIL, parsed


@pytest.fixture
def benchmark(tmp_path: Path) -> Benchmark:
    return load_benchmark(sample().export(tmp_path / "bench"))


def sheets(benchmark: Benchmark, split: int = 2, **options: object) -> list[Form]:
    """Five raters on every picture; under L2 they are split on the first `split` pictures."""
    forms = []
    for number, image_id in enumerate(benchmark.image_ids):
        for rater in range(5):
            l2: Answer = (
                "unsafe"
                if number < split and rater < 2
                else "unsure"
                if number < split and rater == 4
                else "safe"
            )
            answers: list[Answer] = ["safe", l2, "unsafe" if number % 2 else "safe", "unsafe", "safe"]
            at = f"2026-03-0{1 + number // 3}T0{rater}:00:00Z"
            forms.append(form(image_id, f"r-{rater:06x}", answers, benchmark.policies, at=at, **options))  # type: ignore[arg-type]
    return forms


def page(benchmark: Benchmark, forms: list[Form], gold: tuple[Gold, ...] = (), pictures: int = 40) -> str:
    status = status_of(benchmark.image_ids, benchmark.policies, forms, gold=gold)
    return render_progress_page(benchmark, forms, status, gold=gold, pictures=pictures)


def text(html: str) -> str:
    """What is read, with a space between cells."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html.split("<body>")[1])).split())


def test_nothing_is_loaded_from_anywhere(benchmark: Benchmark) -> None:
    html = page(benchmark, sheets(benchmark))
    sources = [a[name] for _, a in parsed(html).tags for name in ("src", "href", "srcset") if name in a]
    assert len(sources) == 2
    assert all(source is not None and source.startswith("data:image/webp;base64,") for source in sources)
    assert not re.search(r"url\(|@import|fetch\(|https?://", html)
    assert "default-src 'none'" in html


def test_every_picture_lies_under_a_veil(benchmark: Benchmark) -> None:
    html = page(benchmark, sheets(benchmark))
    assert html.count("<img ") == 2
    assert html.count('<label class="veil"><input type="checkbox" aria-label="Lift the veil of the') == 2
    assert "checked>" not in html.split('class="pairs"')[1]


def test_figures_are_the_status(benchmark: Benchmark) -> None:
    shown = text(page(benchmark, sheets(benchmark)))
    assert "8 pictures under 5 policies: 40 questions. 40 forms by 5 raters." in shown
    assert "Questions done 95 % 38 of 40" in shown
    assert "To adjudicate 2 2 pictures" in shown
    assert "L2 75 % 6 0 2 0" in shown
    assert "2 safe, 2 unsafe, 1 unsure tie" in shown


def test_agreement_is_told_by_policy_role_and_day(benchmark: Benchmark) -> None:
    html = page(benchmark, sheets(benchmark))
    shown = text(html)
    assert "every vote is the same" in shown  # under L1
    assert "day by day from 2026-03-01 to 2026-03-03" in shown
    assert 'aria-label="Alpha under L3 over time, now 1.00"' in html
    assert "L3 original" in shown


def test_raters_appear_with_standing_evidence_and_gold(benchmark: Benchmark) -> None:
    gold = tuple(Gold(image, "L4", "safe") for image in benchmark.image_ids)
    shown = text(page(benchmark, sheets(benchmark), gold))
    assert "r-000000 wait 8 0 100 % 40 0 %" in shown
    assert "0 of 8 gold answers right (0 to 32 %): 0 missed, 8 false alarms" in shown
    assert "gold conflict: gold says safe" in shown
    assert "Raters cannot be measured" not in shown
    assert "Raters cannot be measured" in text(page(benchmark, sheets(benchmark)))


def test_days_over_budget_are_called_out(benchmark: Benchmark) -> None:
    calm = text(page(benchmark, sheets(benchmark)))
    assert "No day is over budget." in calm
    many = [replace(f, submitted_at="2026-03-01T08:00:00Z") for f in sheets(benchmark, seconds=400.0) * 2]
    shown = text(page(benchmark, many))
    assert "Over the exposure budget. 5 days of 5 raters." in shown
    assert "r-000000 2026-03-01 16 0 16 80 over budget" in shown


def test_adjudicators_are_counted_and_their_cells_done(benchmark: Benchmark) -> None:
    ruling = form(benchmark.image_ids[0], "a-1", ["safe"] * 5, benchmark.policies)
    shown = text(page(benchmark, [*sheets(benchmark), ruling]))
    assert "by 5 raters and 1 adjudicator." in shown
    assert "To adjudicate 1 1 picture" in shown
    assert "a-1" not in shown


def test_simulated_raters_are_said(benchmark: Benchmark) -> None:
    forms = [
        replace(f, votes=tuple(replace(vote, label_source="simulated") for vote in f.votes))
        for f in sheets(benchmark)
    ]
    assert "Simulated raters. 200 of 200 answers come from simulated raters" in text(page(benchmark, forms))


def test_hostile_text_is_only_text(tmp_path: Path) -> None:
    folder = sample().export(tmp_path / "bench")
    (folder / "README.md").write_text(f"---\npretty_name: {json.dumps(EVIL)}\n---\n")
    benchmark = load_benchmark(folder)
    forms = [
        replace(f, votes=tuple(replace(vote, rater=EVIL, rule=EVIL) for vote in f.votes))
        for f in sheets(benchmark)
    ]
    tags = parsed(page(benchmark, [*forms, *sheets(benchmark)]))
    assert [attrs for _, attrs in tags.tags if "onerror" in attrs or attrs.get("src") == "x"] == []
    assert sum(tag == "script" for tag, _ in tags.tags) == 1
    assert "onerror=alert(1)>" in tags.text


def test_the_gallery_says_when_it_is_cut(benchmark: Benchmark) -> None:
    html = page(benchmark, sheets(benchmark, split=4), pictures=1)
    assert "The 1 most pressing of 4 pictures." in html
    assert html.count("<article") == 1


def test_a_project_without_forms_has_a_page_too(benchmark: Benchmark) -> None:
    shown = text(page(benchmark, []))
    for words in ("No votes yet.", "Nobody has answered yet.", "Nothing is in dispute.", "To ask 24 forms"):
        assert words in shown


def test_the_same_votes_give_the_same_bytes_and_a_file(benchmark: Benchmark, tmp_path: Path) -> None:
    forms = sheets(benchmark)
    status = write_progress_page(benchmark, forms, tmp_path / "out" / "progress.html")
    assert (tmp_path / "out" / "progress.html").read_text() == page(benchmark, forms)
    assert status.done == 38


@pytest.mark.slow
def test_in_a_browser_by_key_on_a_phone_in_both_schemes(benchmark: Benchmark, tmp_path: Path) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs the Debian package chromium")
    file = tmp_path / "progress.html"
    write_progress_page(benchmark, sheets(benchmark), file)
    flags = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
    ]
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=flags)
        papers = set()
        for scheme in ("light", "dark"):
            tab = browser.new_page(
                viewport={"width": 390, "height": 844}, reduced_motion="reduce", color_scheme=scheme
            )
            faults: list[str] = []
            tab.on("console", lambda message, faults=faults: faults.append(message.text))
            tab.on("pageerror", lambda error, faults=faults: faults.append(str(error)))
            tab.goto(file.as_uri())
            papers.add(tab.evaluate("getComputedStyle(document.body).backgroundColor"))
            picture = "getComputedStyle(document.querySelector('.veil img')).filter"
            assert "blur" in tab.evaluate(picture)
            tab.locator(".veil input").first.focus()
            tab.keyboard.press("Space")
            assert tab.evaluate(picture) == "none"
            tab.get_by_role("button", name="Veil all").click()
            assert "blur" in tab.evaluate(picture)
            tab.locator('input[name="why"][value="tie"]').check()
            assert tab.locator("article.pair:visible").count() == 2
            assert tab.evaluate("document.documentElement.scrollWidth") == 390
            assert faults == []
        assert len(papers) == 2
        browser.close()
