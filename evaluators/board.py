"""A leaderboard's folder: one `board.json` and the submissions as zips, small enough to live in git."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from bench.archive import pack
from bench.evaluation_set import EvaluationSet
from bench.staging import write_atomic
from evaluators.json_types import misfit
from evaluators.submission_check import Submission, check_submission

BOARD, SUBMISSIONS = "board.json", "submissions"


@dataclass(frozen=True, slots=True)
class Listed:
    """A submission on a board: its id, its file below the folder, and the day it was added ("" untold)."""

    id: str
    file: str
    added: str


@dataclass(frozen=True, slots=True)
class Board:
    """The benchmark (digest) that all submissions are of, and those in the order they came in."""

    benchmark: str
    listed: tuple[Listed, ...] = ()


def read_board(folder: Path, source: EvaluationSet) -> Board:
    """The board in `folder`, an empty one where there is none yet.

    Raises ValueError where it is of another benchmark than `source`, or cannot be read.
    """
    path = folder / BOARD
    if not path.exists():
        return Board(source.digest)
    record = json.loads(path.read_text(encoding="utf-8"))
    if told := misfit(record, Board, str(path)):
        raise ValueError(told)
    board = Board(record["benchmark"], tuple(Listed(**one) for one in record["listed"]))
    if board.benchmark != source.digest:
        raise ValueError(
            f"{folder} is a board of benchmark {board.benchmark[:12]}, this one is {source.digest[:12]}; "
            "figures of two benchmarks cannot be compared, start another board"
        )
    return board


def add(bundle: Path, folder: Path, source: EvaluationSet, added: str = "") -> tuple[Submission, bool]:
    """Check a submission and put it on the board in `folder`; with problems it is not put there.

    `added` is an ISO date, or "". Returns the submission and whether it is new there.
    Raises ValueError as `check_submission` and `read_board` do.
    """
    _require_day(added)
    board = read_board(folder, source)
    with tempfile.TemporaryDirectory() as scratch:
        found = check_submission(bundle, source, Path(scratch))
        if found.problems or found.id in {one.id for one in board.listed}:
            return found, False
        listed = Listed(found.id, f"{SUBMISSIONS}/{_slug(found.info.guardrail)}-{found.id[:12]}.zip", added)
        pack(Path(scratch), folder / listed.file)
    _save(folder, replace(board, listed=(*board.listed, listed)))
    return found, True


def submissions(
    folder: Path, source: EvaluationSet, progress: Callable[[int, int], None] = lambda done, total: None
) -> list[tuple[Listed, Submission]]:
    """Every submission of a board, checked again: what lies in a folder may have been changed there.

    Raises ValueError for the first that does not hold, or where the board has none.
    """
    listed = read_board(folder, source).listed
    if not listed:
        raise ValueError(f"{folder} is an empty board; put a submission there with `leaderboard add`")
    found = []
    for done, one in enumerate(listed, start=1):
        found.append((one, _again(folder, one, source)))
        progress(done, len(listed))
    return found


def _again(folder: Path, one: Listed, source: EvaluationSet) -> Submission:
    path = folder / one.file
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"{folder / BOARD} names {one.file!r}, which is not inside the board's folder")
    with tempfile.TemporaryDirectory() as scratch:
        found = check_submission(path, source, Path(scratch))
    if found.id != one.id:
        raise ValueError(f"{path} is another submission than the one that was added ({one.id[:12]})")
    if found.problems:
        raise ValueError(f"{path} does not hold: {found.problems[0]}")
    return found


def _require_day(text: str) -> None:
    try:
        if text and date.fromisoformat(text).isoformat() != text:
            raise ValueError
    except ValueError:
        raise ValueError(f"--date {text!r} is no day; write it such as 2026-03-01") from None


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower()[:60] or "run"


def _save(folder: Path, board: Board) -> None:
    record: Mapping[str, object] = asdict(board)
    write_atomic(folder / BOARD, (json.dumps(record, indent=1) + "\n").encode())
