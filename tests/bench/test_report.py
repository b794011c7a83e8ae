"""The report: one file, nothing loaded, nothing unescaped, everything veiled."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bench.dataset import load_benchmark
from bench.report import render_report
from bench.results import ResultRow
from bench.run_folder import Run
from bench.schema import VerdictRow
from tests.bench.sample import Sample, sample
from tests.bench.sample_runs import perfect, run

EVIL = "</script><img src=x onerror=alert(1)>{{ 7*7 }}\"'&"


class Tags(HTMLParser):
    """Collects tags with their attributes, and the visible text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def page(tmp_path: Path, runs: list[Run], rows: Sample | None = None, pairs: int = 60) -> str:
    benchmark = load_benchmark((rows or sample()).export(tmp_path / "bench"))
    return render_report(runs, benchmark, pairs=pairs)


def parsed(html: str) -> Tags:
    tags = Tags()
    tags.feed(html)
    return tags


def test_nothing_is_loaded_from_anywhere(tmp_path: Path) -> None:
    html = page(tmp_path, [run(sample())])
    sources = [
        attrs[name] for _, attrs in parsed(html).tags for name in ("src", "href", "srcset") if name in attrs
    ]
    assert len(sources) == 8
    assert all(source is not None and source.startswith("data:image/webp;base64,") for source in sources)
    assert not re.search(r"url\(|@import|fetch\(|https?://", html)
    assert "default-src 'none'" in html


def test_every_picture_lies_under_a_veil(tmp_path: Path) -> None:
    html = page(tmp_path, [run(sample())])
    assert html.count('<label class="veil"><input type="checkbox" aria-label="Lift the veil of the') == 8
    assert html.count("<img ") == 8
    assert "checked>" not in html.split('class="pairs"')[1]


def test_figures_match_the_scores(tmp_path: Path) -> None:
    text = " ".join(parsed(page(tmp_path, [run(sample())])).text.split())
    assert "Headline 100.0%" in text
    assert (
        "8 pictures in 3 pairs, asked under 5 policies. 40 cases with a settled label, 20 of them unsafe."
        in text
    )
    assert "always safe 20.0" in text  # right under L1 only


def test_label_sources_are_said(tmp_path: Path) -> None:
    rows = sample()
    assert "Labels by rule." in page(tmp_path / "a", [run(rows)])
    simulated = replace(rows, verdicts=tuple(replace(row, label_source="simulated") for row in rows.verdicts))
    html = page(tmp_path / "b", [run(rows)], simulated)
    assert "<b>Simulated labels.</b> 40 labels come from simulated raters, not from people." in html
    assert "Labels by rule." not in html


def test_the_best_run_leads_and_each_run_has_its_answers(tmp_path: Path) -> None:
    weak = run(sample(), "weak", lambda row: replace(perfect(row), status="safe", p_unsafe=None))
    html = page(tmp_path, [weak, run(sample(), "strong")])
    assert html.index('<h2 id="h-best">strong') > 0
    assert html.count('data-r="0"') - 1 == html.count('data-r="1"') - 1 == 40  # and one style rule each
    assert "gives no probabilities" in html


def test_unreadable_answers_are_shown(tmp_path: Path) -> None:
    odd = run(sample(), answer=lambda row: replace(perfect(row), status="refused", text="I cannot say."))
    html = page(tmp_path, [odd])
    assert "Answers that are no verdict" in html
    assert html.count("<td>I cannot say.</td>") == 12


def test_hostile_text_is_only_text(tmp_path: Path) -> None:
    rows = sample()
    images = tuple(replace(row, concepts=(EVIL,), contexts=((EVIL,),)) for row in rows.images)

    def answer(row: VerdictRow) -> ResultRow:
        return replace(perfect(row), status="unparseable", text=EVIL, detail=EVIL)

    evil = replace(run(rows, EVIL, answer), about=((EVIL, EVIL),))
    html = page(tmp_path, [evil], replace(rows, images=images))
    tags = parsed(html)
    assert [attrs for tag, attrs in tags.tags if "onerror" in attrs or attrs.get("src") == "x"] == []
    assert sum(tag == "script" for tag, _ in tags.tags) == 1
    assert "onerror=alert(1)>{{ 7*7 }}" in tags.text


def test_the_same_runs_give_the_same_bytes(tmp_path: Path) -> None:
    assert page(tmp_path / "a", [run(sample())]) == page(tmp_path / "b", [run(sample())])


def test_the_gallery_says_when_it_is_cut(tmp_path: Path) -> None:
    html = page(tmp_path, [run(sample())], pairs=2)
    assert "The 2 of 3 pairs with the most failures." in html
    assert html.count('<article class="pair"') == 2


def test_runs_that_cannot_be_reported_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no run to report"):
        page(tmp_path / "a", [])
    with pytest.raises(ValueError, match="2 runs are named 'model'"):
        page(tmp_path / "b", [run(sample()), run(sample())])
    with pytest.raises(ValueError, match="report it with the benchmark it was run on"):
        page(tmp_path / "c", [run(sample(3))], sample(2))
