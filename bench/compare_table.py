"""A comparison of two runs as a table for the terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bench.compare import Comparison
from bench.paired import Difference
from bench.stats import Figure

if TYPE_CHECKING:
    from rich.table import Table


def compare_table(found: Comparison) -> Table:
    """Every figure of both runs in percent and A less B in points, then a row a policy.

    `only A` and `only B` count the cases that one run alone answers right. A policy's p is of its answers,
    by pairs and adjusted for the number of policies; a figure's p is of its difference.
    """
    from rich import box
    from rich.table import Table

    title = f"A {found.a}\nB {found.b}\n{found.cases} cases in {found.pairs} pairs"
    shown = Table(title=title, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    shown.caption = "\n".join(_notes(found))
    shown.add_column("figure", no_wrap=True)
    for name in ("A", "B", "A - B", "95 %", "only A", "only B", "p"):
        shown.add_column(name, justify="right", no_wrap=True)
    whole = found.discordance
    shown.add_row("headline", *_cells(found.headline), "", "", _p(found.headline.p))
    shown.add_row(
        "accuracy", *_cells(found.accuracy), str(whole.only_a), str(whole.only_b), _p(found.accuracy.p)
    )
    shown.add_row("macro-F1", *_cells(found.macro_f1), "", "", _p(found.macro_f1.p))
    shown.add_row("pair flip", *_cells(found.pair_flip), "", "", _p(found.pair_flip.p))
    shown.add_row("artefact gap", *_cells(found.artefact_gap), "", "", _p(found.artefact_gap.p))
    shown.add_section()
    for policy in found.policies:
        part = policy.discordance
        name = f"{policy.policy_id} {policy.measure}"
        shown.add_row(name, *_cells(policy.headline), str(part.only_a), str(part.only_b), _p(policy.p_holm))
    return shown


def _notes(found: Comparison) -> list[str]:
    whole = found.discordance
    notes = [
        f"all answers: p {_p(whole.p)} by pairs, {_p(whole.mcnemar)} by cases (McNemar, too small in pairs)",
        f"4 of 5 such comparisons find a difference of {100 * whole.detectable:.1f} points of accuracy",
    ]
    for name, alone in (("A", found.only_in_a), ("B", found.only_in_b)):
        if alone:
            notes.append(
                f"not compared: {len(alone)} cases that only {name} has, such as {' '.join(alone[0])}"
            )
    return notes


def _cells(found: Difference) -> list[str]:
    return [found.a.percent(), found.b.percent(), _points(found.difference), found.difference.interval()]


def _points(difference: Figure) -> str:
    return "-" if math.isnan(difference.value) else f"{100 * difference.value:+.1f}"


def _p(p: float) -> str:
    if math.isnan(p):
        return "-"
    return "<.001" if p < 0.001 else f"{p:.3f}".lstrip("0")
