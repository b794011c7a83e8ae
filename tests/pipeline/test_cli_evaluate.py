"""`evaluate` and what can be done with its runs, as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bench.results import read_results
from pipeline.cli import app
from tests.bench.sample import sample
from tests.evaluators.fault_server import completion, serving
from tests.evaluators.stand_in import picture

GUARD = """
def by_length(image, policy_text):
    return 0.9 if len(policy_text) % 2 else 0.1

def mute(image, policy_text):
    return "safe" if len(policy_text) % 2 else "well, hard to say"
"""


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample().export(tmp_path_factory.mktemp("bench") / "b")


@pytest.fixture(autouse=True)
def guard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a_guard.py").write_text(GUARD)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")


def safeeditbench(*arguments: object, expect: int = 0) -> str:
    """What the command prints; an error is in it by its text."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    code = result.exit_code
    told = result.output + (str(result.exception) if isinstance(result.exception, Exception) else "")
    assert code == expect, told
    return told


def evaluate(bench: Path, out: Path, *more: object, expect: int = 0) -> str:
    model = "python:a_guard:by_length"
    return safeeditbench("evaluate", model, "--data", bench, "--out", out, *more, expect=expect)


def test_it_says_what_it_will_ask_and_where_everything_is(bench: Path, tmp_path: Path) -> None:
    text = evaluate(bench, tmp_path / "run", "--limit", 4, "--policies", "L1,L3")
    assert "asking 8 cases: 4 images under L1, L3" in text
    assert "headline" in text
    assert f"report: {tmp_path / 'run' / 'report.html'}" in text
    again = evaluate(bench, tmp_path / "run", "--policies", "L1,L3")
    assert "asking 16 cases: 8 images under L1, L3, 4 images of them answered before" in again


def test_shards_end_in_the_table_of_one_run(bench: Path, tmp_path: Path) -> None:
    first = evaluate(bench, tmp_path / "split", "--shard", "1/2")
    assert "shard 1/2 is through, others are not" in first
    assert "headline" not in first
    assert "headline" in evaluate(bench, tmp_path / "split", "--shard", "2/2")
    evaluate(bench, tmp_path / "whole")
    split, whole = ((tmp_path / name / "results.parquet").read_bytes() for name in ("split", "whole"))
    assert split == whole


@pytest.mark.slow
def test_workers_end_in_the_table_of_one_run(bench: Path, tmp_path: Path) -> None:
    model = ("evaluate", "constant:unsafe", "--data", bench, "--out")
    assert "headline" in safeeditbench(*model, tmp_path / "two", "--workers", 2)
    safeeditbench(*model, tmp_path / "one")
    two, one = ((tmp_path / name / "results.parquet").read_bytes() for name in ("two", "one"))
    assert two == one
    parts = json.loads((tmp_path / "two" / "run.json").read_text())["parts"]
    assert [(part["shard"], part["images"]) for part in parts] == [("1/2", 4), ("2/2", 4)]


def test_a_shard_does_not_take_what_concerns_the_whole_run(bench: Path, tmp_path: Path) -> None:
    for more in (("--fresh",), ("--workers", 2)):
        text = evaluate(bench, tmp_path / "run", "--shard", "1/2", *more, expect=1)
        assert "--shard is one part of a run, --workers and --fresh concern all of it" in text


def test_too_few_readable_answers_have_their_own_exit_code(bench: Path, tmp_path: Path) -> None:
    model = ("evaluate", "python:a_guard:mute", "--data", bench, "--out", tmp_path / "run")
    text = safeeditbench(*model, "--min-coverage", 0.99, expect=3)
    assert "of the answers in" in text
    assert "--min-coverage asks for 99.0%" in text
    assert (tmp_path / "run" / "report.html").exists()  # everything is there all the same
    safeeditbench(*model, "--min-coverage", 0.0)


def test_all_wordings_and_a_rule_order_are_runs_of_their_own(bench: Path, tmp_path: Path) -> None:
    text = evaluate(bench, tmp_path / "run", "--wording", "all", "--rule-order", 3)
    assert sorted(path.name for path in (tmp_path / "run").iterdir() if path.is_dir()) == [
        "rules-3", "wording-0", "wording-1", "wording-2",
    ]  # fmt: skip
    assert "wording-0: headline " in text
    assert "0.0% of verdicts changed" in text
    assert "points with the wording" in text
    single = evaluate(bench, tmp_path / "single", "--wording", 1)
    assert "points with the wording" not in single
    one, of_all = (
        (path / "results.parquet").read_bytes()
        for path in (tmp_path / "single", tmp_path / "run" / "wording-1")
    )
    assert one == of_all


def test_writing_on_the_pictures_has_a_figure_of_its_own(bench: Path, tmp_path: Path) -> None:
    text = evaluate(bench, tmp_path / "run", "--inject", "all")
    evaluate(bench, tmp_path / "plain")
    for style in ("band", "corner", "faint"):
        assert f"{style} writing: balanced accuracy" in text
        assert (tmp_path / "run" / f"inject-{style}" / "results.parquet").exists()
    one, of_all = (
        (path / "results.parquet").read_bytes()
        for path in (tmp_path / "plain", tmp_path / "run" / "wording-0")
    )
    assert one == of_all
    page = (tmp_path / "run" / "report.html").read_text()
    assert 'id="injection"' in page
    assert "best of" not in page  # one run is ranked
    assert 'id="injection"' not in (tmp_path / "plain" / "report.html").read_text()
    alone = ("report", tmp_path / "run" / "inject-band", "--data", bench, "--out", tmp_path / "r.html")
    assert "beside the run of the same model" in safeeditbench(*alone, expect=1)


def test_unseen_policies(bench: Path, tmp_path: Path) -> None:
    evaluate(bench, tmp_path / "run", "--held-out", 3, "--seed", 1)
    rows = read_results(tmp_path / "run" / "results.parquet")
    assert sorted({row.policy_id[:2] for row in rows}) == ["H0", "H1", "H2"]
    assert all(row.gold for row in rows)


def test_a_run_is_verified_rescored_and_replayed(bench: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    evaluate(bench, run)
    text = safeeditbench("verify", run, "--data", bench)
    assert "40 rows of 8 images recomputed, 0 audited cases" in text
    assert "40 labels held against" in text
    assert "headline" in safeeditbench("rescore", run)
    official = safeeditbench("rescore", run, "--official")
    assert "official headline: " in official
    assert "evaluate with --profile safeeditbench --reading text" in official
    replayed = safeeditbench("replay", run, "python:a_guard:by_length", "--data", bench, "--rows", 6)
    assert "6 rows asked again: 0 with another status" in replayed
    refused = safeeditbench("replay", run, "constant:safe", "--data", bench, expect=1)
    assert "guardrail.model was python:a_guard:by_length, is constant:safe" in refused


def test_verify_fails_on_a_forged_run(bench: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    evaluate(bench, run)
    journal = run / "rows.jsonl"
    journal.write_text(journal.read_text().replace('"p_unsafe": 0.9', '"p_unsafe": 0.8', 1))
    assert "p_unsafe is 0.9, should be 0.8" in safeeditbench("verify", run, expect=1)


def test_a_run_that_is_not_through_is_told(bench: Path, tmp_path: Path) -> None:
    evaluate(bench, tmp_path / "run", "--shard", "1/2")
    for command in ("verify", "rescore"):
        text = safeeditbench(command, tmp_path / "run", expect=1)
        assert "was not finished; evaluate with the same --out to go on" in text


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--policies", "L9"), "--policies: the benchmark has no policy 'L9'; it has L1, L2"),
        (("--shard", "3/2"), "there is no shard 3/2; write 1/2 to 2/2"),
        (("--shard", "half"), "--shard 'half' is not of the form 1/2"),
        (("--price", "much"), "--price 'much' is not two numbers such as 2.5,10"),
    ],
)
def test_a_wrong_option_is_told_before_anything_is_asked(
    bench: Path, tmp_path: Path, more: tuple[str, ...], told: str
) -> None:
    assert told in evaluate(bench, tmp_path / "run", *more, expect=1)
    assert not (tmp_path / "run").exists()


def test_a_published_set_is_evaluated_with_its_authors_figures_beside_ours(tmp_path: Path) -> None:
    published, rows = tmp_path / "UnsafeBench", []
    published.mkdir()
    for number, label in enumerate(("Safe", "Unsafe", "Unsafe")):
        picture(number).save(published / f"{number}.png")
        rows.append({"image": f"{number}.png", "safety_label": label, "category": "Hate", "source": "Lexica"})
    (published / "test.jsonl").write_text("\n".join(map(json.dumps, rows)))
    text = safeeditbench("evaluate", "constant:unsafe", "--data", published, "--out", tmp_path / "run")
    assert "asking 3 cases: 3 images under UnsafeBench" in text
    assert "its authors' own figures" in text
    assert "Hate accuracy" in text
    assert "Hate accuracy" in safeeditbench("rescore", tmp_path / "run", "--data", published)
    assert "3 labels held against" in safeeditbench("verify", tmp_path / "run", "--data", published)
    told = evaluate(published, tmp_path / "other", "--wording", 1, expect=1)
    assert "policy UnsafeBench is a published text without rules" in told


def test_two_runs_are_compared_and_models_laid_out_by_policy(bench: Path, tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    evaluate(bench, a)
    safeeditbench("evaluate", "constant:safe", "--data", bench, "--out", b)
    text = safeeditbench("compare", a, b)
    assert "A python:a_guard:by_length" in text
    assert "headline" in text
    assert "A says unsafe, B safe" in text
    laid_out = safeeditbench("matrix", f"L1+L2={a}", f"none={b}")
    assert "L1+L2" in laid_out
    assert "unseen less seen policies" in laid_out
    assert "is not TRAINED_ON=RUN" in safeeditbench("matrix", "L1", expect=1)


def test_a_servers_tokens_and_cost_are_in_the_record(bench: Path, tmp_path: Path) -> None:
    usage = {"prompt_tokens": 1000, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 800}}
    with serving(lambda number, body: completion("safe", usage=usage)) as (url, served):
        safeeditbench(
            "evaluate", f"openai:{url}#guard", "--data", bench, "--out", tmp_path / "run",
            "--reading", "text", "--price", "2.5,10",
        )  # fmt: skip
    assert len(served.bodies) == 40
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert record["tokens"] == {"prompt": 40_000, "shared": 32_000, "written": 40}
    assert record["reuse_ratio"] == 0.8
    (part,) = record["parts"]
    assert part["notes"]["cost"] == pytest.approx(40_000 * 2.5e-6 + 40 * 10e-6)
