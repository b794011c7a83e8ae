"""The table on the terminal: a row a policy and the headline, whole at 80 columns."""

from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console
from rich.table import Table

from bench.compare import compare
from bench.compare_table import compare_table
from bench.results import ResultRow
from bench.schema import Label
from bench.scores import score
from bench.table import table


def row(pair: str, policy: str, gold: Label, said: Label) -> ResultRow:
    return ResultRow(f"{pair}-image", pair, "original", policy, gold, said, None, None, None, "", "")


def printed(shown: Table) -> str:
    out = io.StringIO()
    Console(file=out, width=80).print(shown)
    return out.getvalue()


def test_every_policy_and_the_headline_fit_80_columns() -> None:
    rows = [row(pair, "L1", "safe", "safe") for pair in ("a", "b")]
    rows += [row("a", "L2", "unsafe", "unsafe"), row("b", "L2", "safe", "unsafe")]
    text = printed(table(score(rows, name="mine")))
    lines = {line.split()[0]: line.split() for line in text.splitlines() if line.split()}
    assert lines["L1"][1:3] == ["accuracy", "100.0"]
    assert lines["L2"][1:3] == ["F1", "66.7"]
    assert lines["headline"][1:3] == ["mean", "83.3"]
    assert "…" not in text


def test_notes_tell_what_the_figures_do_not() -> None:
    rows = [row(str(pair), "L2", "unsafe", "unsafe" if pair else "safe") for pair in range(50)]
    assert printed(table(score(rows))).split()[-1] == "100.0"  # readable answers, and no note
    told = [replace(r, written="safe", fragile=r.pair_id == "0") for r in rows[:30]]
    text = " ".join(printed(table(score([*told, replace(rows[30], status="refused")]))).split())
    assert "counted as wrong: 1 refused; at best the headline is 98.4" in text
    assert "verdicts within numerical noise: 1; the headline is 96.7 to 98.4" in text
    assert "text and probabilities agree in 3.3 (0.0 to 10.7)" in text
    assert "9 pairs are too few" in printed(table(score(rows[:9])))


def test_a_comparison_fits_80_columns() -> None:
    a = [row(str(pair), policy, "safe", "safe") for pair in range(8) for policy in ("L1", "L2")]
    b = [replace(r, status="unsafe") if r.policy_id == "L2" else r for r in a[2:]]
    text = printed(compare_table(compare(a, b, names=("mine", "theirs"))))
    lines = {" ".join(line.split()[:2]): line.split() for line in text.splitlines() if line.split()}
    assert " ".join(lines["accuracy 100.0"]) == "accuracy 100.0 50.0 +50.0 50.0 to 50.0 7 0 <.001"
    assert " ".join(lines["L1 accuracy"]) == "L1 accuracy 100.0 100.0 +0.0 0.0 to 0.0 0 0 1.000"
    assert "not compared: 2 cases that only A has, such as 0-image L1" in text
    assert "…" not in text
