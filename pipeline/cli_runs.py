"""What can be done with finished runs: `rescore`, `replay`, and the run's side of `verify`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import model_options as ask
from .cli_evaluate import show_own_figures, show_scores
from .console import console, next_step, stages, stop_on

if TYPE_CHECKING:
    from evaluators.replay import Replayed
    from evaluators.run import RunResult

Run = Annotated[Path, typer.Argument(help="The folder of a finished run.")]


def rescore(
    run: Run,
    official: Annotated[
        bool, typer.Option("--official", help="Also as the published script of SafeEditBench counts.")
    ] = False,
    data: Annotated[Path | None, typer.Option(help="A published set: also its authors' figures.")] = None,
) -> None:
    """Score a finished run again from its rows; nothing is asked."""
    from evaluators.run import load_run

    result = load_run(run)
    show_scores(result.info.guardrail, result.rows)
    if official:
        _show_official(result)
    if data:
        show_own_figures(data, result.rows)
    next_step(f"safeeditbench verify {run}")


def _show_official(result: RunResult) -> None:
    """The published script's figures, and whether the run was asked as that script asks."""
    from bench.official import official_scores

    scores = official_scores(result.rows)
    for name, figures in (*scores.policies, ("pooled", scores.pooled)):
        console.print(
            f"official {name}: accuracy {figures.accuracy:.1%}, F1 {figures.f1:.1%}, {figures.cases} cases, "
            f"{figures.unread} unreadable counted as safe"
        )
    console.print(f"official headline: {scores.headline:.1%}")
    asked = (result.info.key.get("guardrail.profile", ""), result.info.key.get("guardrail.reading", ""))
    if not asked[0].startswith("safeeditbench:") or asked[1] != "text":
        console.print(
            "these are not comparable with published ones: evaluate with --profile safeeditbench "
            "--reading text to ask as that script does",
            soft_wrap=True,
        )


def replay(
    run: Run,
    model: ask.Model,
    data: ask.Data,
    rows: Annotated[int, typer.Option(min=1, help="How many random rows to ask again.")] = 20,
    seed: Annotated[int, typer.Option(help="Draws the rows.")] = 0,
    profile: ask.Profile = "plain",
    reading: ask.Reading = "labels",
    sharing: ask.Sharing = "exact",
    dtype: ask.DType = "auto",
    device: ask.Device = "auto",
    max_new_tokens: ask.MaxNewTokens = None,
) -> None:
    """Ask some rows of a finished run again, with the options it was made by, and compare the answers."""
    from evaluators.replay import replay as ask_again
    from evaluators.spec import Options

    from .evaluation import load_model, open_set

    options = Options(device, dtype, profile, reading, sharing, max_new_tokens=max_new_tokens)
    show_replayed(ask_again(load_model(model, options), open_set(data), run, rows=rows, seed=seed))
    next_step(f"safeeditbench verify {run} --data {data}")


def show_replayed(found: Replayed) -> None:
    """Say what came back; exit 1 where a verdict turned that was not within the noise."""
    console.print(
        f"{found.rows} rows asked again: {len(found.changed)} with another status, "
        f"margins up to {found.largest_difference:.3g} nats off"
    )
    stop_on([
        f"image {row.image_id}, policy {row.policy_id} was {row.status}, is {now.status} now"
        + (f": {now.detail}" if now.detail else "")
        for row, now in found.turned
    ])  # fmt: skip


def verify_run(run: Path, data: Path | None) -> None:
    """Recompute a run from its journals and say what holds; exit 1 where anything does not."""
    from evaluators.bundle import verify_run as check

    from .evaluation import open_set

    with stages():
        found = check(run, open_set(data) if data else None)
    console.print(f"{found.rows} rows of {found.images} images recomputed, {found.audited} audited cases")
    if data:
        console.print(f"{found.labels} labels held against {data}", soft_wrap=True)
    stop_on(found.problems)
    next_step(f"safeeditbench rescore {run}" if data else f"safeeditbench verify {run} --data BENCH")
