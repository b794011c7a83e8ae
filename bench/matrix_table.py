"""The cross-policy matrix as a table for the terminal, as CSV and as JSON."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import asdict
from typing import TYPE_CHECKING

from bench.cross_policy import Matrix
from bench.stats import Figure

if TYPE_CHECKING:
    from rich.table import Table

COLUMNS = ("trained_on", "tested_on", "seen", "measure", "value", "low", "high", "cases")


def matrix_table(matrix: Matrix) -> Table:
    """A row a model and a column a policy, in percent; a star marks the policies it was trained on."""
    from rich import box
    from rich.table import Table

    shown = Table(title="trained on (rows), tested on (columns)", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    shown.caption = (
        f"* trained on; gap: unseen less seen, in points. All models: {_points(matrix.gap)} "
        f"({matrix.gap.interval() or 'no model has both'})"
    )
    shown.add_column("", no_wrap=True)
    for policy_id, measure in zip(matrix.policy_ids, matrix.measures, strict=True):
        shown.add_column(f"{policy_id}\n{measure}", justify="right", no_wrap=True)
    shown.add_column("gap", justify="right", no_wrap=True)
    for line in matrix.lines:
        cells = [
            f"{figure.percent()}{'*' if policy_id in line.trained_on else ' '}\n{_span(figure)} "
            for policy_id, figure in zip(matrix.policy_ids, line.cells, strict=True)
        ]
        shown.add_row(line.label, *cells, f"{_points(line.gap)}\n{_span(line.gap)}")
    return shown


def matrix_csv(matrix: Matrix) -> str:
    """One line a cell, shares in [0, 1]; undefined cells are empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for line in matrix.lines:
        for policy_id, measure, figure in zip(matrix.policy_ids, matrix.measures, line.cells, strict=True):
            seen = str(policy_id in line.trained_on).lower()
            writer.writerow([line.label, policy_id, seen, measure, *_numbers(figure), figure.n])
    return text.getvalue()


def matrix_json(matrix: Matrix) -> str:
    """The matrix with its gaps; undefined numbers are null."""
    return json.dumps(_without_nan(asdict(matrix)), indent=1) + "\n"


def _span(figure: Figure) -> str:
    """The interval in whole percent, short enough for five columns."""
    if math.isnan(figure.low):
        return ""
    joint = " to " if figure.low < 0 else "-"
    return f"{100 * figure.low:.0f}{joint}{100 * figure.high:.0f}"


def _points(figure: Figure) -> str:
    return "-" if math.isnan(figure.value) else f"{100 * figure.value:+.1f}"


def _numbers(figure: Figure) -> list[str]:
    return ["" if math.isnan(x) else repr(x) for x in (figure.value, figure.low, figure.high)]


def _without_nan(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_nan(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(part) for part in value]
    return None if isinstance(value, float) and math.isnan(value) else value
