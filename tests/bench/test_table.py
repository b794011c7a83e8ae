"""The table on the terminal: a row a policy and the headline, whole at 80 columns."""

from __future__ import annotations

import io

from rich.console import Console

from bench.results import ResultRow
from bench.schema import Label
from bench.scores import score
from bench.table import table


def row(pair: str, policy: str, gold: Label, said: Label) -> ResultRow:
    return ResultRow(f"{pair}-image", pair, "original", policy, gold, said, None, None, None, "", "")


def test_every_policy_and_the_headline_fit_80_columns() -> None:
    rows = [row(pair, "L1", "safe", "safe") for pair in ("a", "b")]
    rows += [row("a", "L2", "unsafe", "unsafe"), row("b", "L2", "safe", "unsafe")]
    out = io.StringIO()
    Console(file=out, width=80).print(table(score(rows, name="mine")))
    lines = {line.split()[0]: line.split() for line in out.getvalue().splitlines() if line.split()}
    assert lines["L1"][1:3] == ["accuracy", "100.0"]
    assert lines["L2"][1:3] == ["F1", "66.7"]
    assert lines["headline"][1:3] == ["mean", "83.3"]
    assert "…" not in out.getvalue()
