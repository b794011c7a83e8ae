"""`safeeditbench compare` and `matrix`: two runs case by case, and models across policies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import console, next_step

if TYPE_CHECKING:
    from rich.table import Table

    from bench.cross_policy import Matrix, TrainedRun

SHOWN = 5  # cases on which two runs part


def compare(
    a: Annotated[Path, typer.Argument(help="The folder of a finished run.")],
    b: Annotated[Path, typer.Argument(help="Another run on the same benchmark.")],
) -> None:
    """Hold two runs against each other: differences with intervals, tests, and cases where they part."""
    from bench.compare import compare as hold
    from bench.compare_table import compare_table
    from evaluators.run import load_run

    runs = load_run(a), load_run(b)
    names = tuple(run.info.guardrail for run in runs)
    if names[0] == names[1]:
        names = (f"{names[0]} ({a.name})", f"{names[1]} ({b.name})")
    found = hold(runs[0].rows, runs[1].rows, names=(names[0], names[1]))
    console.print(compare_table(found))
    for case in found.disagreements[:SHOWN]:
        console.print(
            f"image {case.image_id} under {case.policy_id} is {case.gold}: A says {case.a}, B {case.b}",
            soft_wrap=True,
        )
    if (rest := len(found.disagreements) - SHOWN) > 0:
        console.print(f"and {rest} more cases that one of them answers right and the other wrong")
    next_step(f"safeeditbench report {a} {b} --data BENCH --out compared.html")


def matrix(
    runs: Annotated[
        list[str],
        typer.Argument(help="TRAINED_ON=RUN for each model, such as L1+L2=runs/a none=runs/base."),
    ],
) -> None:
    """Models by the policies they were trained on, tested under all: what unseen policies cost."""
    from bench.cross_policy import cross_policy

    console.print(_table(cross_policy([_trained(text) for text in runs])))
    next_step("safeeditbench compare RUN OTHER_RUN")


def _trained(text: str) -> TrainedRun:
    from bench.cross_policy import TrainedRun
    from evaluators.run import load_run

    policies, equals, folder = text.partition("=")
    if not equals or not policies or not folder:
        raise ValueError(f"{text!r} is not TRAINED_ON=RUN, such as L1+L2=runs/a, or none=runs/base")
    names = () if policies == "none" else tuple(policies.split("+"))
    return TrainedRun(names, load_run(Path(folder)).rows)


def _table(found: Matrix) -> Table:
    """A row a model, a column a policy; the policies it was trained on stand out."""
    from rich import box
    from rich.table import Table

    shown = Table(title="headline by policy, in percent", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    shown.caption = f"unseen less seen policies, all models: {_gap(found)}; * trained on"
    shown.add_column("trained on", no_wrap=True)
    for policy, measure in zip(found.policy_ids, found.measures, strict=True):
        shown.add_column(f"{policy} {measure}", justify="right")
    shown.add_column("gap", justify="right", style="bold")
    for line in found.lines:
        marks = ["*" if policy in line.trained_on else "" for policy in found.policy_ids]
        cells = [cell.percent() + mark for cell, mark in zip(line.cells, marks, strict=True)]
        shown.add_row(line.label, *cells, line.gap.percent())
    return shown


def _gap(found: Matrix) -> str:
    return f"{found.gap.percent()} ({found.gap.interval()})"
