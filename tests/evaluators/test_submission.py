"""A submission holds what anyone needs to compute a run again, and one that was tampered with is refused."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import pytest
from PIL import Image

from bench.archive import seal
from bench.policy import Policy
from bench.results import ResultRow, read_results, write_results
from bench.staging import sha256_file
from evaluators.base import Outcome
from evaluators.board import add, read_board, submissions
from evaluators.bundle import verify_run
from evaluators.questions import Choice
from evaluators.runner import evaluate
from evaluators.submission import submit
from evaluators.submission_check import Submission, check_submission
from evaluators.submission_replay import replay_submission
from tests.evaluators.stand_in import MemoryBenchmark, Scripted
from tests.evaluators.test_bundle import edit_json

Rows = Callable[[list[ResultRow]], list[ResultRow]]


@dataclass(slots=True)
class Served(Scripted):
    """Behind an address, and one of its cases fails in a way that tells where."""

    name: str = "openai:http://gpu1.corp:8000/v1#guard"
    device: str = "server"
    identity: dict[str, str] = field(
        default_factory=lambda: {"model": "openai:http://gpu1.corp:8000/v1#guard"}
    )

    def judge(self, images: list[Image.Image], policies: list[Policy]) -> list[list[Outcome]]:  # type: ignore[override]
        detail = "ServerError: HTTP 503 from gpu1.corp:8000: no space in /srv/models/cache"
        return [
            [Outcome("unsafe", 0.75, text="unsafe", detail=detail if p.id == "L2" else "") for p in policies]
            for _ in images
        ]


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A submission as a folder, which is easier to tamper with."""
    evaluate(Scripted(), MemoryBenchmark(), tmp_path / "run")
    submit(tmp_path / "run", tmp_path / "made")
    return tmp_path / "made"


def check(bundle: Path, source: MemoryBenchmark | None = None) -> Submission:
    scratch = bundle.with_name("scratch")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    return check_submission(bundle, source or MemoryBenchmark(), scratch)


def forge_table(made: Path, change: Rows) -> None:
    """Change the table and put every digest and count right, as somebody who means it would."""
    rows = change(list(read_results(made / "results.parquet")))
    write_results(made / "results.parquet", rows)
    statuses = sorted({row.status for row in rows})
    claims = {
        "results_sha256": sha256_file(made / "results.parquet"),
        "cases": len(rows),
        "outcomes": {status: sum(row.status == status for row in rows) for status in statuses},
    }
    edit_json(made / "run.json", lambda record: record.update(claims))
    seal(made)


def forge_journal(made: Path, change: Callable[[list[dict]], list[dict]]) -> None:  # type: ignore[type-arg]
    lines = [json.loads(line) for line in (made / "rows.jsonl").read_text().splitlines()]
    (made / "rows.jsonl").write_text("".join(json.dumps(line) + "\n" for line in change(lines)))
    seal(made)


def test_an_untouched_submission_holds(made: Path) -> None:
    found = check(made)
    assert found.problems == ()
    assert len(found.rows) == 30
    assert found.id == sha256_file(made / "SHA256SUMS")


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    evaluate(Scripted(), MemoryBenchmark(), tmp_path / "run")
    for name in ("a.zip", "b.zip"):
        submit(tmp_path / "run", tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert check(tmp_path / "a.zip").problems == ()


def test_an_unpacked_submission_is_a_run(made: Path) -> None:
    assert verify_run(made, MemoryBenchmark()).problems == ()


def test_no_address_and_no_path_leaves_the_machine(tmp_path: Path) -> None:
    evaluate(Served(), MemoryBenchmark(), tmp_path / "run")
    submit(tmp_path / "run", tmp_path / "made")
    everything = b"".join(path.read_bytes() for path in (tmp_path / "made").iterdir())
    for secret in (b"gpu1", b"corp", b":8000", b"/srv", str(tmp_path).encode()):
        assert secret not in everything
    found = check(tmp_path / "made")
    # The bare digits may stand by chance in a digest or a time, so they are looked for in what is written.
    told = [row.detail + row.text for row in found.rows] + [*found.info.key.values(), found.info.guardrail]
    assert not [line for line in told if re.search(r"(?<![0-9a-f])8000(?![0-9a-f])", line)]
    assert found.problems == ()
    assert found.info.guardrail == "openai:http://server/v1#guard"
    assert found.rows[1].detail == "ServerError: HTTP 503 from server: no space in (path)"


def test_a_run_that_does_not_hold_is_not_submitted(tmp_path: Path) -> None:
    evaluate(Scripted(), MemoryBenchmark(), tmp_path / "run")
    (tmp_path / "run" / "rows.jsonl").unlink()
    with pytest.raises(ValueError, match="does not hold, so it is not submitted: the journals"):
        submit(tmp_path / "run", tmp_path / "x.zip")
    assert not (tmp_path / "x.zip").exists()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda rows: [replace(rows[0], status="safe"), *rows[1:]],
            "image original-0, policy L1: status is 'safe', should be 'unsafe'",
        ),
        (
            lambda rows: rows[1:],
            "image original-0, policy L1: answered in the journals, absent from results.parquet",
        ),
        (lambda rows: [rows[0], *rows], "results.parquet holds image original-0, policy L1 2 times"),
        (
            lambda rows: [replace(rows[0], gold="unsafe"), *rows[1:]],
            "image original-0, policy L1: gold is 'unsafe', should be 'safe'",
        ),
        (
            lambda rows: [replace(rows[0], text="no"), *rows[1:]],
            "image original-0, policy L1: text is 'no', should be 'unsafe'",
        ),
        (lambda rows: [*rows[5:], *rows[:5]], "results.parquet is in another order than the questions"),
        (
            lambda rows: [*rows, replace(rows[0], image_id="made-up")],
            "results.parquet holds 1 cases that were not to be asked",
        ),
    ],
)
def test_a_forged_table_is_refused_though_its_digests_are_right(made: Path, change: Rows, told: str) -> None:
    forge_table(made, change)
    assert told in check(made).problems


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda lines: lines[1:], "rows.jsonl does not answer image original-0"),
        (lambda lines: [lines[0], *lines], "rows.jsonl answers image original-0 2 times"),
        (lambda lines: lines[::-1], "rows.jsonl is in another order than the benchmark"),
        (
            lambda lines: [*lines, lines[0] | {"image_id": "made-up"}],
            "rows.jsonl answers image made-up, which was not asked",
        ),
    ],
)
def test_a_forged_journal_is_refused(made: Path, change: Callable, told: str) -> None:  # type: ignore[type-arg]
    forge_journal(made, change)
    assert told in check(made).problems


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (Outcome("safe", 0.75), "the verdict is safe with p_unsafe 0.75"),
        (Outcome("unsafe", 0.75, margin=-2.0), "p_unsafe 0.75 and margin -2.0 contradict each other"),
        (Outcome("unsafe", 1.5), "p_unsafe is 1.5, which is no probability"),
    ],
)
def test_an_answer_must_agree_with_itself(made: Path, outcome: Outcome, told: str) -> None:
    def flip(lines: list[dict]) -> list[dict]:  # type: ignore[type-arg]
        lines[0]["outcomes"][0] = asdict(outcome)
        return lines

    forge_journal(made, flip)
    assert f"image original-0, policy L1: {told}" in check(made).problems


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("run.json", "[]", "run.json is [], should be an object"),
        ("run.json", "{}", "run.json lacks guardrail"),
        ("key.json", '{"policies": 3}', "key.json.policies is 3, should be str"),
        ("rows.jsonl", '{"image_id": 7}\n', "rows.jsonl:1 lacks policies"),
        ("rows.jsonl", "NaN\n", "rows.jsonl:1 is nan, should be an object"),
        ("rows.jsonl", "[" * 100_000, "cannot be read"),
        ("results.parquet", "PAR1", "cannot be read|results.parquet"),
        ("key.json", b"\xff\xfe".decode("latin1"), "Expecting value"),
    ],
)
def test_wrong_types_are_refused_before_anything_is_computed(
    made: Path, name: str, text: str, told: str
) -> None:
    (made / name).write_text(text)
    seal(made)
    with pytest.raises(ValueError, match=told.replace("[]", r"\[\]")):
        check(made)


def test_a_table_of_another_form_is_refused(made: Path) -> None:
    import pyarrow.parquet as pq

    table = pq.read_table(made / "results.parquet")
    pq.write_table(table.append_column("more", table["text"]), made / "results.parquet")
    seal(made)
    with pytest.raises(ValueError, match="other columns or types than a table of results"):
        check(made)


def test_another_benchmark_is_refused(made: Path) -> None:
    with pytest.raises(ValueError, match="is of the benchmark with digest d1, this one has d2"):
        check(made, MemoryBenchmark(digest="d2"))


def test_pictures_that_came_later_are_missed(made: Path) -> None:
    assert "rows.jsonl does not answer image original-3" in check(made, MemoryBenchmark(pairs=4)).problems


def test_a_key_that_is_not_the_run_s_is_refused(made: Path) -> None:
    edit_json(made / "key.json", lambda record: record.update({"guardrail.weights": "w2"}))
    seal(made)
    assert check(made).problems == (
        "key.json and run.json name different runs: guardrail.weights was w2, is w1",
    )


def test_a_run_of_a_part_is_refused(tmp_path: Path) -> None:
    evaluate(Scripted(), MemoryBenchmark(), tmp_path / "run", choice=Choice(limit=3))
    submit(tmp_path / "run", tmp_path / "made")
    problems = check(tmp_path / "made").problems
    assert problems[0] == "the run asked only some of the benchmark, or in other words: limit is 3"
    assert "rows.jsonl does not answer image edited-1" in problems


def test_what_was_invented_in_full_passes_and_replay_finds_it(made: Path) -> None:
    def invent(lines: list[dict]) -> list[dict]:  # type: ignore[type-arg]
        for line in lines:
            line["outcomes"] = [
                o | {"status": "safe", "p_unsafe": 0.1, "text": "safe"} for o in line["outcomes"]
            ]
        return lines

    forge_journal(made, invent)
    forge_table(made, lambda rows: [replace(row, status="safe", p_unsafe=0.1, text="safe") for row in rows])
    assert check(made).problems == ()
    found = replay_submission(Scripted(), MemoryBenchmark(), made, rows=4, seed=1)
    assert (found.rows, len(found.turned)) == (4, 4)


def test_a_model_is_replayed_wherever_it_is_served(tmp_path: Path) -> None:
    evaluate(Served(), MemoryBenchmark(), tmp_path / "run")
    submit(tmp_path / "run", tmp_path / "x.zip")
    here = "openai:http://127.0.0.1:9000/v1#guard"
    found = replay_submission(
        Served(name=here, identity={"model": here}), MemoryBenchmark(), tmp_path / "x.zip", rows=5
    )
    assert (found.rows, found.changed) == (5, ())
    with pytest.raises(ValueError, match="is a run of something else"):
        replay_submission(Scripted(), MemoryBenchmark(), tmp_path / "x.zip", rows=5)


def test_a_board_takes_a_submission_once_and_refuses_a_forged_one(made: Path, tmp_path: Path) -> None:
    board, source = tmp_path / "board", MemoryBenchmark()
    assert add(made, board, source, "2026-03-01")[1] is True
    assert add(made, board, source)[1] is False
    (listed,) = read_board(board, source).listed
    assert (listed.file, listed.added) == (f"submissions/scripted-{listed.id[:12]}.zip", "2026-03-01")
    forge_table(made, lambda rows: rows[1:])
    found, new = add(made, board, source)
    assert (new, bool(found.problems), len(read_board(board, source).listed)) == (False, True, 1)


def test_a_board_is_checked_again_whenever_it_is_read(made: Path, tmp_path: Path) -> None:
    board, source = tmp_path / "board", MemoryBenchmark()
    add(made, board, source)
    assert [found.problems for _, found in submissions(board, source)] == [()]
    with pytest.raises(ValueError, match="figures of two benchmarks cannot be compared"):
        submissions(board, MemoryBenchmark(digest="d2"))
    edit_json(board / "board.json", lambda record: record["listed"][0].update(file="../made"))
    with pytest.raises(ValueError, match="is not inside the board's folder"):
        submissions(board, source)


def test_a_date_must_be_one(made: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="--date 'yesterday' is no day"):
        add(made, tmp_path / "board", MemoryBenchmark(), "yesterday")
