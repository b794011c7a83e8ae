"""A finished run can be recomputed by anyone from what lies in its folder, and what was changed is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bench.results import read_results, write_results
from bench.staging import sha256_file
from evaluators.bundle import verify_run
from evaluators.questions import Choice
from evaluators.runner import evaluate
from tests.evaluators.stand_in import MemoryBenchmark, Scripted
from tests.evaluators.test_audit import Sharing
from tests.evaluators.test_shards import ByContent


def edit_json(path: Path, change: Callable[[dict], None]) -> None:  # type: ignore[type-arg]
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record))


def edit_table(out: Path, status: str, *, own_up: bool) -> None:
    """Give the first row another status; with `own_up`, record the new digest as a forger would."""
    rows = read_results(out / "results.parquet")
    write_results(out / "results.parquet", (replace(rows[0], status=status), *rows[1:]))  # type: ignore[arg-type]
    if own_up:
        digest = sha256_file(out / "results.parquet")
        edit_json(out / "run.json", lambda record: record.update(results_sha256=digest))


def test_a_run_as_it_was_written_holds(tmp_path: Path) -> None:
    evaluate(Sharing(), MemoryBenchmark(), tmp_path)
    for source, labels in ((None, 0), (MemoryBenchmark(), 30)):
        found = verify_run(tmp_path, source)
        assert (found.rows, found.images, found.audited, found.labels) == (30, 6, 15, labels)
        assert found.problems == ()


@pytest.mark.parametrize(
    "choice", [Choice(limit=3), Choice(policies=("L4", "L2")), Choice(wording=2), Choice(rule_order=3)]
)
def test_so_does_one_of_a_part_or_in_other_words(tmp_path: Path, choice: Choice) -> None:
    evaluate(ByContent(), MemoryBenchmark(), tmp_path, choice=choice)
    assert verify_run(tmp_path, MemoryBenchmark()).problems == ()


def test_a_changed_table_is_found_even_with_its_digest_put_right(tmp_path: Path) -> None:
    evaluate(Scripted(), MemoryBenchmark(), tmp_path)
    edit_table(tmp_path, "safe", own_up=False)
    first = verify_run(tmp_path).problems
    assert first[0].startswith("results.parquet has another sha256 than run.json says")
    edit_table(tmp_path, "refused", own_up=True)
    told = verify_run(tmp_path).problems
    assert told[0] == (
        "run.json tells outcomes {'unsafe': 30}, results.parquet holds {'refused': 1, 'unsafe': 29}"
    )
    assert told[1] == "image original-0, policy L1: status is 'refused', should be 'unsafe'"
    assert len(told) == 2


def test_a_doubled_row_is_found_even_with_the_counts_put_right(tmp_path: Path) -> None:
    evaluate(Scripted(), MemoryBenchmark(), tmp_path)
    rows = read_results(tmp_path / "results.parquet")
    write_results(tmp_path / "results.parquet", (*rows, rows[-1]))
    digest = sha256_file(tmp_path / "results.parquet")
    counts = {"cases": 31, "outcomes": {"unsafe": 31}, "results_sha256": digest}
    edit_json(tmp_path / "run.json", lambda record: record.update(counts))
    (told,) = verify_run(tmp_path, MemoryBenchmark()).problems
    assert told == "results.parquet holds 1 rows of cases that it holds already"


def test_a_changed_label_is_found_with_the_benchmark(tmp_path: Path) -> None:
    evaluate(Scripted(), MemoryBenchmark(), tmp_path)
    rows = read_results(tmp_path / "results.parquet")
    write_results(tmp_path / "results.parquet", (replace(rows[0], gold="unsafe"), *rows[1:]))
    digest = sha256_file(tmp_path / "results.parquet")
    edit_json(tmp_path / "run.json", lambda record: record.update(results_sha256=digest))
    assert verify_run(tmp_path).problems == ()  # the journal knows no labels
    assert verify_run(tmp_path, MemoryBenchmark()).problems == (
        "image original-0, policy L1: gold is 'unsafe', should be 'safe'",
    )


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("key.json", {"guardrail.weights": "w2"}, "name different runs: guardrail.weights was w2, is w1"),
        ("run.json", {"images": 7}, "run.json tells images 7, results.parquet holds 6"),
        ("run.json", {"noise": 2.0}, "fragile is False, should be True"),
        ("run.json", {"tokens": {"prompt": 1, "shared": 0, "written": 0}}, "other numbers of tokens"),
        ("run.json", {"audit": None}, "run.json tells another audit than the journals"),
    ],
)
def test_what_the_record_claims_is_held_against_the_rest(
    tmp_path: Path, name: str, change: dict[str, object], told: str
) -> None:
    evaluate(Sharing(), MemoryBenchmark(), tmp_path)
    edit_json(tmp_path / name, lambda record: record.update(change))
    assert any(told in problem for problem in verify_run(tmp_path).problems)


def test_another_benchmark_is_told(tmp_path: Path) -> None:
    evaluate(Scripted(), MemoryBenchmark(), tmp_path)
    (problem,) = verify_run(tmp_path, MemoryBenchmark(digest="d2")).problems
    assert problem.startswith("the labels are from a benchmark with digest d1, this one has d2")


def test_missing_journals_are_told(tmp_path: Path) -> None:
    evaluate(Scripted(), MemoryBenchmark(), tmp_path)
    (tmp_path / "rows.jsonl").unlink()
    assert verify_run(tmp_path).problems[0] == "the journals (rows*.jsonl) lack 6 of 6 images"


def test_many_differences_are_told_in_few_lines(tmp_path: Path) -> None:
    evaluate(Scripted(), MemoryBenchmark(), tmp_path)
    journal = tmp_path / "rows.jsonl"
    journal.write_text(journal.read_text().replace('"p_unsafe": 0.75', '"p_unsafe": 0.5'))
    told = verify_run(tmp_path).problems
    assert len(told) == 6
    assert told[-1] == "and 25 more rows differ"
