"""`safeeditbench submit`, `leaderboard` and `holdout`: handing runs over, ranking them, and fair play."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import model_options as ask
from .console import console, next_step, stages, stop_on

if TYPE_CHECKING:
    from evaluators.run import RunInfo

leaderboard = typer.Typer(no_args_is_help=True, help="Check submissions, collect them, render the page.")
holdout = typer.Typer(no_args_is_help=True, help="Hold pairs of a benchmark back, with a published promise.")

Bundle = Annotated[Path, typer.Argument(help="A submission: the zip or folder that `submit` wrote.")]
Board = Annotated[Path, typer.Option("--board", help="The leaderboard's folder.")]


def submit(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.")],
    out: Annotated[Path, typer.Option("--out", help="FILE.zip, or a folder.")],
) -> None:
    """Make a submission of a run: its answers and its record, without paths and addresses."""
    from evaluators.submission import submit as make

    with stages():
        make(run, out)
    console.print(f"submission in {out}", soft_wrap=True)
    console.print(
        "paths and addresses in its record and its errors are masked as far as their form tells them; the "
        "model's answers are as they were. Look through it before you hand it over",
        soft_wrap=True,
    )
    next_step(f"safeeditbench leaderboard check {out} --data BENCH")


@leaderboard.command()
def check(bundle: Bundle, data: ask.Data) -> None:
    """Recompute everything a submission claims; exit 1, with the reasons, where something does not hold."""
    from evaluators.submission_check import check_submission

    from .cli_evaluate import show_scores
    from .evaluation import open_set

    with tempfile.TemporaryDirectory() as scratch, stages():
        found = check_submission(bundle, open_set(data), Path(scratch))
    stop_on(found.problems)
    console.print(f"submission {found.id[:12]} holds: {len(found.rows)} rows recomputed", soft_wrap=True)
    show_scores(found.info.guardrail, found.rows)
    console.print("whether the model gave these answers, only `leaderboard replay` can tell")
    next_step(f"safeeditbench leaderboard add {bundle} --board BOARD --data {data}")


@leaderboard.command()
def add(
    bundle: Bundle,
    board: Board,
    data: ask.Data,
    date: Annotated[str, typer.Option(help="The day it is added, such as 2026-03-01; else none.")] = "",
) -> None:
    """Check a submission and put it on a board; one that does not hold is refused with the reasons."""
    from evaluators.board import add as put

    from .evaluation import open_set

    with stages():
        found, new = put(bundle, board, open_set(data), date)
    stop_on(found.problems)
    console.print(f"{found.info.guardrail} is on the board" + ("" if new else " already"), markup=False)
    next_step(f"safeeditbench leaderboard page --board {board} --data {data}")


@leaderboard.command()
def page(
    board: Board,
    data: ask.Data,
    out: Annotated[Path | None, typer.Option("--out", help="The page; else index.html on the board.")] = None,
) -> None:
    """Check every submission on a board again and render one offline page of them."""
    from bench.leaderboard import entry, render_leaderboard
    from bench.staging import write_text
    from evaluators.board import submissions

    from .evaluation import open_set

    source, target = open_set(data), out or board / "index.html"
    with stages() as progress:
        found = submissions(board, source, lambda done, total: progress("check", done, total))
        entries = [
            entry(made.id, made.info.guardrail, made.rows, listed.added, _about(made.info))
            for listed, made in found
        ]
        write_text(target, render_leaderboard(source, entries))
    console.print(f"leaderboard: {target}", soft_wrap=True)
    next_step(f"open {target} in a browser; host the folder {board} as it is")


def _about(info: RunInfo) -> tuple[tuple[str, str], ...]:
    """What the page tells of a run, from its record as run.json has it."""
    from bench.run_folder import about

    return about(json.loads(json.dumps(asdict(info))))


@leaderboard.command()
def replay(
    bundle: Bundle,
    model: ask.Model,
    data: ask.Data,
    rows: Annotated[int, typer.Option(min=1, help="How many random rows to ask again.")] = 20,
    seed: Annotated[int, typer.Option(help="Draws the rows; choose it after the submission came.")] = 0,
    profile: ask.Profile = "plain",
    reading: ask.Reading = "labels",
    sharing: ask.Sharing = "exact",
    dtype: ask.DType = "auto",
    device: ask.Device = "auto",
    max_new_tokens: ask.MaxNewTokens = None,
) -> None:
    """Ask the submitted model some rows again: the only thing that shows invented answers."""
    from evaluators.spec import Options
    from evaluators.submission_replay import replay_submission

    from .cli_runs import show_replayed
    from .evaluation import load_model, open_set

    options = Options(device, dtype, profile, reading, sharing, max_new_tokens=max_new_tokens)
    show_replayed(replay_submission(load_model(model, options), open_set(data), bundle, rows=rows, seed=seed))


@holdout.command()
def split(
    bench: Annotated[Path, typer.Argument(help="A benchmark folder, of which nothing is published yet.")],
    out: Annotated[Path, typer.Option("--out", help="The folder of the public part.")],
    private: Annotated[Path, typer.Option("--private", help="The folder of the held-back part.")],
    share: Annotated[float, typer.Option(help="Share of the pairs to hold back.")] = 0.3,
    seed: Annotated[int, typer.Option(help="Draws the pairs; keep it to yourself.")] = 0,
) -> None:
    """Write a benchmark as two: one to publish, and one to keep, of which only a digest is published."""
    from .holdout import secret_of
    from .holdout import split as write

    with stages() as progress:
        promise = write(bench, out, private, share=share, seed=seed, progress=progress)
    console.print(f"{promise.pairs} pairs held back in {private}", soft_wrap=True)
    console.print(f"promise in the card of {out}: {promise.commitment}", soft_wrap=True)
    console.print(f"keep {private} and {secret_of(private)} to yourself", soft_wrap=True)
    next_step(f"safeeditbench holdout check {out} --private {private}")


@holdout.command("check")
def check_parts(
    bench: Annotated[Path, typer.Argument(help="The folder of the public part.")],
    private: Annotated[Path, typer.Option("--private", help="The folder of the held-back part.")],
) -> None:
    """Verify both parts, that they share nothing, and that the held-back one is what was promised."""
    from .holdout import check as compare

    with stages() as progress:
        problems = compare(bench, private, progress)
    stop_on(problems)
    console.print("both parts verify, share no picture, pair or near-duplicate, and the promise holds")
    next_step(f"safeeditbench evaluate MODEL --data {private} --out RUN")
