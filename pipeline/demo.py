"""`safeeditbench demo`: the main job end to end, each step a call that the other commands make too.

Every step resumes: what a run before this one finished is not done again.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

from bench.check import verify_benchmark
from bench.dataset import load_benchmark
from bench.results import ResultRow

from .cli_annotate import ENVIRONMENT, cache_folder
from .cli_evaluate import run_evaluation, show_scores, write_page
from .config import BuildConfig
from .console import Progress, console, show_rejects, stages, stop_on
from .flow import run_build
from .options import configure
from .publish import load_votes, publish

RATERS = 3
BASELINES = ("constant:safe", "constant:unsafe")


def run_demo(out: Path, *, count: int, images: Path | None, config: Path | None, model: str) -> None:
    """Build, label, export, evaluate and report below `out`; ends by saying where everything is."""
    settings = configure(
        config,
        out=out / "benchmark",
        scenes=0 if images or config else count,
        images=images,
        title="" if config else "safeeditbench demo",
    )
    with stages() as progress:
        console.print("[bold]1 of 4[/]  pairs: find the violating regions, replace them, check the edits")
        built = run_build(settings, progress)
        show_rejects(built.rejects)
        if not load_votes(settings.work):
            publish(built, settings)
        console.print(f"[bold]2 of 4[/]  labels: Label Studio, and {RATERS} simulated raters")
        label(settings, out / "label-studio", progress)
        console.print("[bold]3 of 4[/]  benchmark: settle the votes, write tables and card, verify")
        publish(built, settings, lambda done, total: progress("export", done, total))
        check(settings.out, progress)
        console.print(f"[bold]4 of 4[/]  scores: {model}, and the constant answers")
        runs, rows = evaluate_all(settings.out, out / "runs", model, progress)
    show_scores(model, rows)
    write_page(runs, settings.out, out / "report.html")
    say_where(out, settings.out)


def label(settings: BuildConfig, server: Path, progress: Progress) -> None:
    """Push to an embedded Label Studio, let the simulated raters answer, pull; skipped when all is there."""
    from annotation.client import connect
    from annotation.server import running_server

    from .labelling import pull_benchmark, push_benchmark, simulate_benchmark

    if fully_voted(settings):
        console.print("all votes are here from an earlier run")
        return

    def shown(part: str) -> Callable[[int, int], None]:
        return lambda done, total: progress(part, done, total)

    with (
        running_server(
            server, cache=cache_folder(), environment=ENVIRONMENT, port=free_port(), progress=shown("server")
        ) as running,
        connect(running.url, running.token) as client,
    ):
        # one vote more than there are raters: a place for whoever opens the project to try it
        push_benchmark(client, settings.out, shown("push"), votes=RATERS + 1)
        simulate_benchmark(client, settings.out, RATERS, shown("simulate"))
        pull_benchmark(client, settings.out, shown("pull"))


def fully_voted(settings: BuildConfig) -> bool:
    """Whether every picture of the benchmark has the votes of all simulated raters under every policy."""
    bench = load_benchmark(settings.out)
    votes = {(vote.image_id, vote.policy_id, vote.rater) for vote in load_votes(settings.work)}
    wanted = set(bench.image_ids)
    return len([key for key in votes if key[0] in wanted]) >= len(wanted) * len(bench.policies) * RATERS


def free_port() -> int:
    """A port nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def check(bench: Path, progress: Progress) -> None:
    """Verify the benchmark as `safeeditbench verify` does; a problem ends the demo."""
    found = verify_benchmark(bench, lambda done, total: progress("verify", done, total))
    console.print(
        f"{found.pairs} pairs, {found.controls} controls, {found.filled} of {found.cells} cells filled, "
        f"{found.changed_outside} changed pixels outside the ring"
    )
    stop_on(found.problems)


def evaluate_all(
    bench: Path, out: Path, model: str, progress: Progress
) -> tuple[list[Path], tuple[ResultRow, ...]]:
    """Runs of the model and of the constant answers, and the model's rows."""
    from evaluators.spec import Options

    runs, rows = [], {}
    for name in dict.fromkeys((model, *BASELINES)):
        folder = out / name.replace("/", "-").replace(":", "-")
        rows[name] = run_evaluation(name, bench, folder, progress, Options())
        runs.append(folder)
    return runs, rows[model]


def say_where(out: Path, bench: Path) -> None:
    """The last lines: what was made and how to look at it."""
    console.print()
    for name, where in (
        ("benchmark", bench),
        ("card", bench / "README.md"),
        ("report", out / "report.html"),
        ("Label Studio", f"safeeditbench annotate serve --server {out / 'label-studio'}"),
    ):
        console.print(f"{name:>13}  {where}", soft_wrap=True)
