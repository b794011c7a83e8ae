"""`safeeditbench evaluate` and `report`: a model's scores under every policy, and the page of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .console import Progress, console, next_step, stages
from .errors import ConfigError

if TYPE_CHECKING:
    from bench.policy import Policy
    from bench.results import ResultRow
    from evaluators.spec import Options

TINY = "safeguard-vl-tiny"
TINY_FOLDER = Path(__file__).parent / "safeguard_vl" / TINY


def evaluate(
    model: Annotated[
        str,
        typer.Argument(
            help=f"A checkpoint folder or hub id, openai:URL#name, python:module:function, "
            f"constant:safe|unsafe, or {TINY} (ships with the project)."
        ),
    ],
    data: Annotated[Path, typer.Option("--data", help="A benchmark folder.")],
    out: Annotated[Path, typer.Option("--out", help="Folder of the run; run again to resume.")],
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first N images.")] = None,
    policies: Annotated[str, typer.Option(help="Only these policies, such as L3,L5.")] = "",
    reading: Annotated[
        Literal["labels", "text"], typer.Option(help="Label scores, or generated text.")
    ] = "labels",
    device: str = "auto",
    fresh: Annotated[bool, typer.Option(help="Discard what --out holds of an earlier run.")] = False,
) -> None:
    """Ask a model about every image under every policy, and score it."""
    from evaluators.spec import Options

    with stages() as progress:
        rows = run_evaluation(
            model, data, out, progress, Options(device=device, reading=reading),
            limit=limit, only=tuple(policies.split(",")) if policies else (), fresh=fresh,
        )  # fmt: skip
    show_scores(model, rows)
    write_page([out], data, out / "report.html")
    console.print(f"report: {out / 'report.html'}", soft_wrap=True)
    next_step(f"safeeditbench report {out} OTHER_RUN --data {data} --out compared.html")


def report(
    runs: Annotated[list[Path], typer.Argument(help="Folders of finished runs on one benchmark.")],
    data: Annotated[Path, typer.Option("--data", help="The benchmark folder.")],
    out: Annotated[Path, typer.Option("--out", help="The page to write.")] = Path("report.html"),
) -> None:
    """One offline page: leaderboard, policies, and the pairs with every verdict."""
    write_page(runs, data, out)
    next_step(f"open {out} in a browser")


def run_evaluation(
    model: str,
    data: Path,
    out: Path,
    progress: Progress,
    options: Options,
    *,
    limit: int | None = None,
    only: Sequence[str] = (),
    fresh: bool = False,
) -> tuple[ResultRow, ...]:
    """The rows of a run; those of an earlier, interrupted run in `out` are not asked again."""
    from bench.dataset import load_benchmark
    from evaluators.runner import evaluate as ask
    from evaluators.spec import load_guardrail

    benchmark = load_benchmark(data)
    chosen = chosen_policies(benchmark.policies, only)
    guardrail = load_guardrail(str(TINY_FOLDER) if model == TINY else model, options)
    result = ask(
        guardrail, benchmark, out, policies=chosen, limit=limit, fresh=fresh,
        progress=lambda done, total: progress(out.name, done, total),
    )  # fmt: skip
    return result.rows


def chosen_policies(policies: Sequence[Policy], only: Sequence[str]) -> tuple[Policy, ...]:
    """Those of `policies` that are named, all where none is. ValueError names one that is not there."""
    known = {policy.id: policy for policy in policies}
    for name in only:
        if name not in known:
            raise ConfigError(f"--policies: the benchmark has no policy {name!r}; it has {', '.join(known)}")
    return tuple(known[name] for name in only or known)


def show_scores(name: str, rows: Sequence[ResultRow]) -> None:
    """Print one row a policy and the headline."""
    from bench.scores import score
    from bench.table import table

    console.print(table(score(rows, name=name)))


def write_page(runs: Sequence[Path], data: Path, out: Path) -> None:
    """Write the report of finished runs."""
    from bench.dataset import load_benchmark
    from bench.report import write_report

    write_report(runs, load_benchmark(data), out)
