"""The report: one file, nothing loaded, nothing unescaped, everything veiled."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bench.dataset import load_benchmark
from bench.published.load import load_evaluation_set
from bench.report import render_report
from bench.results import ResultRow
from bench.run_folder import Effort, Run
from bench.schema import VerdictRow
from bench.scores import score
from tests.bench.published_copies import (
    POLICYSHIFTBENCH,
    UNSAFEBENCH,
    parquet,
    policyshift_row,
    result,
    unsafebench_rows,
)
from tests.bench.sample import Sample, sample
from tests.bench.sample_runs import fooled, perfect, run, written

EVIL = "</script><img src=x onerror=alert(1)>{{ 7*7 }}\"'&"


class Tags(HTMLParser):
    """Collects tags with their attributes, and the text, that of cells apart."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.text += " " if tag in ("td", "th", "span") else ""

    def handle_data(self, data: str) -> None:
        self.text += data


def page(tmp_path: Path, runs: list[Run], rows: Sample | None = None, pairs: int = 60) -> str:
    benchmark = load_benchmark((rows or sample()).export(tmp_path / "bench"))
    return render_report(runs, benchmark, pairs=pairs)


def parsed(html: str) -> Tags:
    tags = Tags()
    tags.feed(html)
    return tags


def visible(html: str) -> str:
    return " ".join(parsed(html).text.split())


def test_nothing_is_loaded_from_anywhere(tmp_path: Path) -> None:
    html = page(tmp_path, [run(sample())])
    sources = [
        attrs[name] for _, attrs in parsed(html).tags for name in ("src", "href", "srcset") if name in attrs
    ]
    pictures = [source for source in sources if source is not None and not source.startswith("#")]
    assert len(pictures) == 8
    assert all(source.startswith("data:image/webp;base64,") for source in pictures)
    assert not re.search(r"url\((?!#)|@import|fetch\(|https?://", html)
    assert "default-src 'none'" in html


def test_every_picture_lies_under_a_veil(tmp_path: Path) -> None:
    html = page(tmp_path, [run(sample())])
    assert html.count('<label class="veil"><input type="checkbox" aria-label="Lift the veil of the') == 8
    assert html.count("<img ") - html.count('<img alt=""') == 8  # and the template of a single case
    assert "checked>" not in html.split('class="pairs"')[1]


def test_figures_match_the_scores(tmp_path: Path) -> None:
    text = visible(page(tmp_path, [run(sample())]))
    assert "Headline 100.0 %" in text
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
    assert html.count('class="answer right"') + html.count('class="answer wrong"') == 2 * 40
    assert "gives no probabilities" in html


def test_unreadable_answers_are_shown(tmp_path: Path) -> None:
    odd = run(sample(), answer=lambda row: replace(perfect(row), status="refused", text="I cannot say."))
    html = page(tmp_path, [odd])
    assert "All 40 of model." in html
    assert html.count('"text": "I cannot say."') == 40


def test_hostile_text_is_only_text(tmp_path: Path) -> None:
    rows = sample()
    images = tuple(replace(row, concepts=(EVIL,), contexts=((EVIL,),)) for row in rows.images)

    def answer(row: VerdictRow) -> ResultRow:
        return replace(perfect(row), status="unparseable", text=EVIL, detail=EVIL)

    evil = replace(run(rows, EVIL, answer), about=((EVIL, EVIL),))
    html = page(tmp_path, [evil], replace(rows, images=images))
    tags = parsed(html)
    assert [attrs for tag, attrs in tags.tags if "onerror" in attrs or attrs.get("src") == "x"] == []
    scripts = [attrs.get("type") for tag, attrs in tags.tags if tag == "script"]
    assert scripts == ["application/json", "application/json", None]
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


def test_runs_under_other_policies_stand_in_their_own_columns(tmp_path: Path) -> None:
    whole = run(sample(), "whole")
    rows = tuple(row for row in whole.rows if row.policy_id in ("L1", "L4"))
    part = Run("part", rows, score(rows, name="part", replicates=50))
    matrix = page(tmp_path, [whole, part]).split('class="matrix"')[1].split("</table>")[0]
    assert re.findall(r'<th scope="col">(\w+)<small>', matrix) == ["L1", "L2", "L3", "L4", "L5", "Mean"]
    line = matrix.split('<th scope="row">part</th>')[1].split("</tr>")[0]
    assert ["not asked" in cell for cell in line.split("<td")[1:]] == [False, True, True, False, True, False]


def test_two_runs_are_set_against_each_other(tmp_path: Path) -> None:
    text = visible(page(tmp_path, [run(sample(), "strong"), run(sample(), "weak", fooled)]))
    assert "A is strong, B is weak: 40 cases in 3 pairs that both answered." in text
    assert "Accuracy 100.0 80.0 +20.0" in text
    assert "Artefact gap +0.0 +80.0 \N{MINUS SIGN}80.0" in text
    assert "Difference of the two runs" not in visible(page(tmp_path / "one", [run(sample())]))


def test_runs_without_a_case_in_common_are_not_compared(tmp_path: Path) -> None:
    rows = run(sample()).rows
    first = tuple(row for row in rows if row.pair_id == "p000")
    others = tuple(row for row in rows if row.pair_id != "p000")
    runs = [
        Run(name, half, score(half, name=name, replicates=50)) for name, half in (("a", first), ("b", others))
    ]
    assert "They cannot be compared: a and b share no labelled case" in visible(page(tmp_path, runs))


def test_text_and_probabilities_are_set_side_by_side(tmp_path: Path) -> None:
    text = visible(page(tmp_path, [run(sample(), answer=written)]))
    assert "model 40 80.0 % 80.0 to 80.0 probabilities unsafe, text safe: 5 probabilities safe" in text
    assert "text unsafe: 3 8 80.0 to 100.0" in text  # eight fragile verdicts, all under L5


def test_cost_is_told_as_recorded(tmp_path: Path) -> None:
    effort = Effort("cuda:0", 8, 4.0, 12000, 9000, None, (("cost", "0.25"),))
    text = visible(page(tmp_path, [replace(run(sample()), effort=effort)]))
    assert "model cuda:0 8 4.0 0.500 12,000 9,000 - cost: 0.25" in text


def test_figures_by_threshold_are_told_in_numbers_too(tmp_path: Path) -> None:
    text = visible(page(tmp_path, [run(sample())]))
    assert "At 0.5 it catches 100.0 % of unsafe cases with 0.0 % false alarms" in text
    assert "0.0 66.7 50.0 100.0 100.0" in text  # everything called unsafe


def test_progress_is_told_step_by_step(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    benchmark = load_benchmark(sample().export(tmp_path))
    render_report([run(sample())], benchmark, progress=lambda *step: seen.append(step))
    assert seen == [("pictures", done, 8) for done in range(1, 9)]


def test_a_published_set_with_a_broken_picture_has_its_page(tmp_path: Path) -> None:
    broken = {**unsafebench_rows()[1], "image": {"bytes": b"no picture", "path": None}}
    rows = [unsafebench_rows()[0], broken, unsafebench_rows()[2]]
    parquet(tmp_path / "data/test-00000-of-00001.parquet", UNSAFEBENCH, rows)
    data = load_evaluation_set(tmp_path)
    answers = [result(row.image_id, row.policy_id, row.safety_label, "unsafe") for row in data.verdicts]
    html = render_report([Run("model", tuple(answers), score(answers, replicates=50))], data)
    assert html.count("cannot be opened</span>") == 1
    assert "Fictional policies." not in html
    assert ["Hate" in html, "Spam" in html, "gives no probabilities" in html] == [True] * 3


def test_policies_worded_for_each_picture_are_one_column(tmp_path: Path) -> None:
    rows = [policyshift_row("id_test", image, 1, "A", "block" if image else "pass") for image in range(40)]
    parquet(tmp_path / "data/id_test-00000-of-00001.parquet", POLICYSHIFTBENCH, rows)
    data = load_evaluation_set(tmp_path)
    answers = [result(row.image_id, row.policy_id, row.safety_label, "unsafe") for row in data.verdicts]
    html = render_report([Run("model", tuple(answers), score(answers, replicates=50))], data)
    assert html.split('class="matrix"')[1].split("</thead>")[0].count("1A") == 1
    assert "The first 30 of 40 texts." in html
