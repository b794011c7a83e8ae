"""A run loses nothing, mixes nothing up, and ends in the same bytes however it was interrupted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.scores import score
from evaluators.asking import GIVE_UP_AFTER, GaveUpError
from evaluators.constant import Constant
from evaluators.questions import Choice
from evaluators.run import load_run
from evaluators.runner import evaluate
from tests.evaluators.stand_in import MemoryBenchmark, Scripted


def test_a_run_answers_every_case_and_is_read_back(tmp_path: Path) -> None:
    ticks: list[tuple[str, int, int]] = []
    result = evaluate(Constant("unsafe"), MemoryBenchmark(), tmp_path, progress=lambda *t: ticks.append(t))
    assert len(result.rows) == 6 * 5
    assert result.info.outcomes == {"unsafe": 30}
    assert (result.info.images, result.info.images_in_benchmark) == (6, 6)
    assert result.info.policies == ("L1", "L2", "L3", "L4", "L5")
    assert ticks == [("asked", n, 6) for n in range(7)]
    assert load_run(tmp_path) == result


def test_constant_answers_score_what_the_baselines_say(tmp_path: Path) -> None:
    scores = score(evaluate(Constant("unsafe"), MemoryBenchmark(), tmp_path).rows)
    assert scores.headline.value == pytest.approx((0 + 4 * 2 / 3) / 5)
    assert scores.headline == scores.baselines[1].headline


@pytest.mark.parametrize("die_at", [1, 2, 4, 6])
def test_an_interrupted_run_goes_on_and_ends_in_the_same_bytes(tmp_path: Path, die_at: int) -> None:
    evaluate(Scripted(), MemoryBenchmark(), tmp_path / "smooth")
    with pytest.raises(KeyboardInterrupt):
        evaluate(Scripted(die_at=die_at), MemoryBenchmark(), tmp_path / "cut")
    resumed = Scripted()
    evaluate(resumed, MemoryBenchmark(), tmp_path / "cut")
    assert resumed.asked == 6 - (die_at - 1)
    smooth, cut = ((tmp_path / run / "results.parquet").read_bytes() for run in ("smooth", "cut"))
    assert smooth == cut


def test_a_finished_run_is_not_asked_again(tmp_path: Path) -> None:
    first = evaluate(Scripted(), MemoryBenchmark(), tmp_path)
    again = Scripted()
    assert evaluate(again, MemoryBenchmark(), tmp_path).rows == first.rows
    assert again.asked == 0


@pytest.mark.parametrize("keep", [1, 7, 40])
def test_a_line_cut_by_a_crash_is_asked_again(tmp_path: Path, keep: int) -> None:
    rows = evaluate(Scripted(), MemoryBenchmark(), tmp_path).rows
    lines = (tmp_path / "rows.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "rows.jsonl").write_bytes(b"".join(lines[:3]) + lines[3][:keep])
    resumed = Scripted()
    assert evaluate(resumed, MemoryBenchmark(), tmp_path).rows == rows
    assert resumed.asked == 3


def test_a_broken_line_elsewhere_is_told_with_its_place(tmp_path: Path) -> None:
    evaluate(Scripted(), MemoryBenchmark(), tmp_path)
    lines = (tmp_path / "rows.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "rows.jsonl").write_bytes(lines[0] + b'{"image_id": 4}\n' + lines[2])
    with pytest.raises(ValueError, match=r"rows\.jsonl:2 is not a line of a run .*--fresh"):
        evaluate(Scripted(), MemoryBenchmark(), tmp_path)
    assert len(evaluate(Scripted(), MemoryBenchmark(), tmp_path, fresh=True).rows) == 30


def test_rows_without_a_key_are_nobodys(tmp_path: Path) -> None:
    evaluate(Scripted(), MemoryBenchmark(), tmp_path)
    (tmp_path / "key.json").unlink()
    with pytest.raises(ValueError, match=r"rows of a run but no key\.json"):
        evaluate(Scripted(), MemoryBenchmark(), tmp_path)


def test_a_finished_run_that_grows_is_not_finished_until_it_is(tmp_path: Path) -> None:
    evaluate(Scripted(), MemoryBenchmark(), tmp_path, choice=Choice(limit=2))
    with pytest.raises(KeyboardInterrupt):
        evaluate(Scripted(die_at=2), MemoryBenchmark(), tmp_path)
    with pytest.raises(ValueError, match="was not finished"):
        load_run(tmp_path)


@pytest.mark.parametrize(
    ("guardrail", "benchmark", "differs"),
    [
        (Scripted(identity={"weights": "w2"}), MemoryBenchmark(), "guardrail.weights was w1, is w2"),
        (Scripted(identity={}), MemoryBenchmark(), "guardrail.weights was w1, is absent"),
        (Scripted(), MemoryBenchmark(digest="d2"), "benchmark was d1, is d2"),
    ],
)
def test_another_model_or_benchmark_is_refused(
    tmp_path: Path, guardrail: Scripted, benchmark: MemoryBenchmark, differs: str
) -> None:
    evaluate(Scripted(), MemoryBenchmark(), tmp_path)
    with pytest.raises(ValueError, match=f"{differs}.*another --out, or --fresh"):
        evaluate(guardrail, benchmark, tmp_path)
    evaluate(guardrail, benchmark, tmp_path, fresh=True)
    assert guardrail.asked == 6


def test_other_policies_are_another_run(tmp_path: Path) -> None:
    benchmark = MemoryBenchmark()
    assert len(evaluate(Scripted(), benchmark, tmp_path, choice=Choice(policies=("L2", "L3"))).rows) == 12
    with pytest.raises(ValueError, match="policies was L2:"):
        evaluate(Scripted(), benchmark, tmp_path)


def test_a_limited_run_grows(tmp_path: Path) -> None:
    assert len(evaluate(Scripted(), MemoryBenchmark(), tmp_path, choice=Choice(limit=2)).rows) == 10
    more = Scripted()
    assert len(evaluate(more, MemoryBenchmark(), tmp_path).rows) == 30
    assert more.asked == 4


def test_errors_are_asked_again_when_the_run_goes_on(tmp_path: Path) -> None:
    first = evaluate(Scripted(fail_at=frozenset({2, 5})), MemoryBenchmark(), tmp_path)
    assert first.info.outcomes == {"error": 10, "unsafe": 20}
    again = Scripted()
    assert evaluate(again, MemoryBenchmark(), tmp_path).info.outcomes == {"unsafe": 30}
    assert again.asked == 2


def test_a_damaged_picture_fails_alone(tmp_path: Path) -> None:
    result = evaluate(Scripted(images_at_once=4), MemoryBenchmark(damaged="edited-1"), tmp_path)
    failed = [row for row in result.rows if row.status == "error"]
    assert {row.image_id for row in failed} == {"edited-1"}
    assert failed[0].detail == "OSError: image file is truncated"
    assert len(failed) == 5


def test_a_dead_guardrail_stops_the_run_and_keeps_what_there_is(tmp_path: Path) -> None:
    benchmark = MemoryBenchmark(pairs=20)
    with pytest.raises(GaveUpError, match=r"failed on 5 images in a row: HTTP 503"):
        evaluate(Scripted(fail_at=frozenset(range(4, 99))), benchmark, tmp_path)
    assert len((tmp_path / "rows.jsonl").read_text().splitlines()) == 3 + GIVE_UP_AFTER + 1  # and the part
    resumed = Scripted()
    evaluate(resumed, benchmark, tmp_path)
    assert resumed.asked == 40 - 3


def test_a_run_that_is_not_through_cannot_be_scored(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no run"):
        load_run(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        evaluate(Scripted(die_at=2), MemoryBenchmark(), tmp_path)
    with pytest.raises(ValueError, match="was not finished"):
        load_run(tmp_path)


def test_two_runs_cannot_write_to_one_folder(tmp_path: Path) -> None:
    from evaluators.journal import Journal

    with (
        Journal(tmp_path / "rows.jsonl"),
        pytest.raises(ValueError, match="another evaluation is writing"),
    ):
        Journal(tmp_path / "rows.jsonl")


def test_half_a_surrogate_pair_is_stored_as_a_question_mark(tmp_path: Path) -> None:
    from evaluators.function import Function

    guardrail = Function("f", lambda image, policy: "caf\ud83d", "")
    assert {row.text for row in evaluate(guardrail, MemoryBenchmark(1), tmp_path).rows} == {"caf?"}


def test_nothing_to_ask_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="5 policies, 0 images"):
        evaluate(Scripted(), MemoryBenchmark(), tmp_path, choice=Choice(limit=0))


def test_the_key_names_everything_the_answers_depend_on(tmp_path: Path) -> None:
    evaluate(Scripted(), MemoryBenchmark(), tmp_path)
    key = json.loads((tmp_path / "key.json").read_text())
    assert sorted(key) == ["benchmark", "guardrail.weights", "policies"]
