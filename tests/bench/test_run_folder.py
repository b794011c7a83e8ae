"""Reading runs as `safeeditbench evaluate` leaves them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.dataset import load_benchmark
from bench.report import write_report
from bench.results import write_results
from bench.run_folder import Effort, about, effort, read_run, read_runs
from tests.bench.sample import sample
from tests.bench.sample_runs import run

TOLD = {
    "guardrail": "tiny",
    "device": "cpu",
    "key": {"benchmark": "ab12", "prompt": "cd34"},
    "policies": ["L1", "L2"],
    "images": 8,
    "images_in_benchmark": 8,
    "outcomes": {"safe": 20},
    "seconds": 1.5,
    "versions": {"python": "3.11.7", "torch": "2.14.1"},
}


def finished(folder: Path) -> Path:
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps(TOLD))
    write_results(folder / "results.parquet", run(sample()).rows)
    return folder


def test_a_run_is_scored_from_its_rows(tmp_path: Path) -> None:
    found = read_run(finished(tmp_path / "a"))
    assert (found.name, found.scores.name, found.scores.headline.value) == ("tiny", "tiny", 1.0)
    assert found.rows == run(sample()).rows
    assert found.about == (
        ("guardrail", "tiny"),
        ("device", "cpu"),
        ("benchmark", "ab12"),
        ("prompt", "cd34"),
        ("images", "8"),
        ("images in benchmark", "8"),
        ("seconds", "1.5"),
        ("versions", "python 3.11.7, torch 2.14.1"),
    )


RECORD = {
    "device": "cuda:0",
    "images": 8,
    "seconds": 2.0,
    "tokens": {"prompt": 4000, "shared": 3000, "written": 40},
    "choice": {"policies": ["L1", "L2"], "limit": None, "seed": 0},
    "parts": [
        {"shard": "1/2", "notes": {"cost": 0.25, "sharing": "exact"}},
        {"shard": "2/2", "notes": {"cost": 0.5, "sharing": "exact"}},
    ],
}


def test_the_effort_of_all_parts_is_told() -> None:
    assert effort(RECORD) == Effort(
        device="cuda:0", images=8, seconds=2.0, prompt_tokens=4000, shared_tokens=3000, written_tokens=40,
        notes=(("cost", "0.25"), ("sharing", "exact"), ("cost", "0.5")),
    )  # fmt: skip
    assert effort(RECORD).seconds_an_image == 0.25


def test_a_record_that_tells_nothing_is_no_error() -> None:
    assert effort({}) == Effort()
    assert effort({"tokens": None, "parts": "none", "seconds": "long"}).seconds_an_image is None


def test_what_is_nested_is_told_in_one_line() -> None:
    told = dict(about(RECORD))
    assert told["tokens"] == "prompt 4000, shared 3000, written 40"
    assert told["choice"] == "policies L1; L2, seed 0"
    assert told["parts"].startswith("shard 1/2, notes cost 0.25, sharing exact; shard 2/2")


def test_runs_of_one_model_are_told_apart_by_folder(tmp_path: Path) -> None:
    runs = read_runs([finished(tmp_path / "first"), finished(tmp_path / "second")])
    assert [found.name for found in runs] == ["tiny (first)", "tiny (second)"]
    assert [found.scores.name for found in runs] == ["tiny (first)", "tiny (second)"]


def test_a_folder_without_a_finished_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no finished run; `safeeditbench evaluate"):
        read_run(tmp_path)


def test_the_page_is_written_from_folders(tmp_path: Path) -> None:
    benchmark = load_benchmark(sample().export(tmp_path / "bench"))
    write_report([finished(tmp_path / "run")], benchmark, tmp_path / "pages" / "report.html")
    assert "<dt>benchmark</dt><dd>ab12</dd>" in (tmp_path / "pages" / "report.html").read_text()
