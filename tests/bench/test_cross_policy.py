"""Models trained on some policies, tested on all: cells, gaps and their forms."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from bench.cross_policy import TrainedRun, cross_policy
from bench.matrix_table import matrix_csv, matrix_json, matrix_table
from bench.results import ResultRow
from bench.schema import Label
from bench.scores import score

POLICIES = ("L1", "L2", "L3")


def model(right: Callable[[str, int], bool], pairs: int = 20) -> list[ResultRow]:
    """Answers to `pairs` images: safe under L1, every second unsafe under L2 and L3."""
    rows = []
    for pair in range(pairs):
        for policy in POLICIES:
            gold: Label = "unsafe" if policy != "L1" and pair % 2 else "safe"
            wrong: Label = "safe" if gold == "unsafe" else "unsafe"
            said = gold if right(policy, pair) else wrong
            rows.append(
                ResultRow(f"i{pair}", f"p{pair}", "original", policy, gold, said, None, None, None, "", "")
            )
    return rows


ON_L1 = model(lambda policy, pair: policy == "L1" or pair % 4 < 2)
ON_L2 = model(lambda policy, pair: policy == "L2" or pair % 5 > 0)
RUNS = [TrainedRun(("L1",), ON_L1), TrainedRun(("L2",), ON_L2)]


def test_cells_are_the_headlines_of_the_policies() -> None:
    matrix = cross_policy(RUNS)
    assert (matrix.policy_ids, matrix.measures) == (POLICIES, ("accuracy", "F1", "F1"))
    for line, rows in zip(matrix.lines, (ON_L1, ON_L2), strict=True):
        assert line.cells == tuple(policy.headline for policy in score(rows).policies)


def test_the_gap_is_unseen_less_seen() -> None:
    matrix = cross_policy(RUNS)
    on_l1, on_l2 = ([cell.value for cell in line.cells] for line in matrix.lines)
    assert matrix.lines[0].gap.value == pytest.approx((on_l1[1] + on_l1[2]) / 2 - on_l1[0])
    assert matrix.lines[1].gap.value == pytest.approx((on_l2[0] + on_l2[2]) / 2 - on_l2[1])
    unseen, seen = (on_l1[1] + on_l1[2] + on_l2[0] + on_l2[2]) / 4, (on_l1[0] + on_l2[1]) / 2
    assert matrix.gap.value == pytest.approx(unseen - seen)
    assert matrix.gap.low < matrix.gap.value < matrix.gap.high < 0


def test_a_model_may_be_trained_on_several_policies_or_none() -> None:
    matrix = cross_policy([TrainedRun(("L1", "L3"), ON_L1), TrainedRun((), ON_L2)])
    assert [line.label for line in matrix.lines] == ["L1+L3", "none"]
    several, none = matrix.lines
    one, two, three = (cell.value for cell in several.cells)
    assert several.gap.value == pytest.approx(two - (one + three) / 2)
    assert math.isnan(none.gap.value)
    assert matrix.gap == several.gap


def test_a_policy_a_run_was_not_asked_about_has_no_cell() -> None:
    part = [row for row in ON_L2 if row.policy_id != "L3" and row.pair_id != "p0"]
    line = cross_policy([RUNS[0], TrainedRun(("L2",), part)]).lines[1]
    assert math.isnan(line.cells[2].value)
    assert line.cells[0].n == 19
    assert line.gap.value == pytest.approx(line.cells[0].value - line.cells[1].value)


def test_models_that_answer_alike_have_alike_lines() -> None:
    """Whatever the order of their rows."""
    one, two = cross_policy([TrainedRun(("L1",), ON_L1), TrainedRun(("L1", "X"), ON_L1[::-1])]).lines
    assert one.cells == two.cells
    assert one.gap == two.gap


def test_runs_that_make_no_matrix_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one run"):
        cross_policy([])
    with pytest.raises(ValueError, match="2 runs are trained on L1"):
        cross_policy([RUNS[0], RUNS[0]])
    other = [replace(row, gold="unsafe") for row in ON_L2]
    with pytest.raises(ValueError, match=r"is safe \(.*\) in L1 and unsafe \(.*\) in L2"):
        cross_policy([RUNS[0], TrainedRun(("L2",), other)])


def test_the_table_fits_80_columns_with_five_policies() -> None:
    from rich.console import Console

    rows = [replace(row, policy_id=f"{row.policy_id}{k}") for row in ON_L1 for k in "ab"]
    console = Console(width=80, file=io.StringIO(), record=True)
    console.print(matrix_table(cross_policy([TrainedRun(("L1a",), rows), TrainedRun((), rows)])))
    text = console.export_text()
    lines = [line.split() for line in text.splitlines() if line.split()]
    assert [line[0] for line in lines if line[0] in ("L1a", "none")] == ["L1a", "L1a", "none"]
    assert "100.0*" in text
    assert "…" not in text


def test_csv_has_a_line_a_cell() -> None:
    lines = list(csv.DictReader(io.StringIO(matrix_csv(cross_policy(RUNS)))))
    assert len(lines) == 6
    first = lines[0]
    assert (first["trained_on"], first["tested_on"], first["seen"], first["measure"]) == (
        "L1",
        "L1",
        "true",
        "accuracy",
    )
    assert (float(first["value"]), first["cases"]) == (1.0, "20")


def test_json_has_no_nan() -> None:
    told = json.loads(matrix_json(cross_policy([RUNS[0], TrainedRun((), ON_L2)])), parse_constant=pytest.fail)
    assert told["lines"][1]["gap"] == {"value": None, "low": None, "high": None, "n": 0}
    assert told["policy_ids"] == ["L1", "L2", "L3"]
