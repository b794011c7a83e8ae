"""`safeeditbench`: build, check and publish benchmarks, evaluate models on them, train the guardrail.

Commands import what they need when they run, so `--help` is instant and an API-only install has no torch.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from . import (
    cli_annotate,
    cli_compare,
    cli_evaluate,
    cli_playground,
    cli_runs,
    cli_submit,
    cli_train,
)
from .console import console, errors, next_step, show_rejects, stages, stop_on
from .model_options import TINY

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Policy-paired image-safety benchmarks: build, annotate, verify, evaluate, train.",
)
app.add_typer(cli_annotate.app, name="annotate")
app.add_typer(cli_train.app, name="train")
app.command("evaluate")(cli_evaluate.evaluate)
app.command("report")(cli_evaluate.report)
app.command("compare")(cli_compare.compare)
app.command("matrix")(cli_compare.matrix)
app.command("submit")(cli_submit.submit)
app.add_typer(cli_submit.leaderboard, name="leaderboard")
app.add_typer(cli_submit.holdout, name="holdout")
app.command("playground")(cli_playground.playground)
app.command("rescore")(cli_runs.rescore)
app.command("replay")(cli_runs.replay)

Out = Annotated[Path, typer.Option("--out", help="The benchmark folder to write.")]


@app.command()
def scenes(
    out: Annotated[Path, typer.Option("--out", help="Folder for pictures, masks and truth.jsonl.")],
    count: Annotated[int, typer.Option(min=1, help="How many scenes.")] = 40,
    seed: int = 0,
    size: Annotated[int, typer.Option(min=64, max=1024, help="Side in pixels.")] = 256,
) -> None:
    """Draw harmless stand-in scenes with exact truth, to try everything on."""
    from .scenes import write_scenes

    with stages() as progress:
        write_scenes(out, count=count, seed=seed, size=size, progress=lambda d, n: progress("scenes", d, n))
    next_step(f"safeeditbench build --images {out} --localizer truth --out BENCH")


@app.command()
def build(
    config: Annotated[Path | None, typer.Argument(help="A TOML file; the options below override it.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="The benchmark folder to write.")] = None,
    scenes: Annotated[int, typer.Option(min=0, help="Draw this many scenes as the source.")] = 0,
    images: Annotated[Path | None, typer.Option(help="A folder of images as the source.")] = None,
    localizer: Annotated[
        Literal["truth", "grounded"] | None, typer.Option(help="Who finds the regions.")
    ] = None,
    detector: Annotated[str, typer.Option(help="GroundingDINO or OWLv2: folder or hub id.")] = "",
    segmenter: Annotated[str, typer.Option(help="SAM or SAM2: folder or hub id.")] = "",
    editor: Annotated[str, typer.Option(help="A diffusers inpainting pipeline: folder or hub id.")] = "",
    runner: Annotated[
        Literal["loop", "threads", "processes", "dask", "ray"] | None, typer.Option(help="Where shards run.")
    ] = None,
    retry_failed: Annotated[bool, typer.Option(help="Try again what failed before.")] = False,
) -> None:
    """Take images with violating regions and write a benchmark of pairs. Run it again to resume."""
    from .flow import run_build
    from .options import configure
    from .publish import publish

    settings = configure(
        config, out=out, scenes=scenes, images=images, localizer=localizer,
        detector=detector, segmenter=segmenter, editor=editor, runner=runner,
    )  # fmt: skip
    with stages() as progress:
        built = run_build(settings, progress, retry_failed=retry_failed)
        show_rejects(built.rejects)
        publish(built, settings, lambda done, total: progress("export", done, total))
    console.print(f"{len(built.pairs)} pairs of {built.inputs} inputs in {settings.out}")
    next_step(f"safeeditbench verify {settings.out}")


@app.command()
def export(bench: Annotated[Path, typer.Argument(help="A benchmark folder made by `build`.")]) -> None:
    """Write the benchmark again, with the votes pulled so far."""
    from .flow import run_build
    from .options import remembered
    from .publish import publish

    settings = remembered(bench)
    with stages() as progress:
        publish(run_build(settings, progress), settings, lambda done, total: progress("export", done, total))
    next_step(f"safeeditbench verify {bench}")


@app.command()
def verify(
    bench: Annotated[Path, typer.Argument(help="A benchmark folder, or that of a finished run.")],
    data: Annotated[Path | None, typer.Option(help="For a run: the benchmark its labels are from.")] = None,
    shortcut: Annotated[
        bool, typer.Option(help="For a benchmark: can texture alone tell edits from controls?")
    ] = False,
) -> None:
    """Recompute every digest and count of a benchmark or a run; exit 1 where anything does not hold."""
    from bench.check import verify_benchmark
    from evaluators.run import KEY

    if (bench / KEY).is_file():
        return cli_runs.verify_run(bench, data)
    with stages() as progress:
        found = verify_benchmark(bench, lambda done, total: progress("verify", done, total))
    console.print(f"{found.files} files match SHA256SUMS" if found.ok else f"{found.files} files checked")
    console.print(f"{found.pairs} pairs, {found.controls} controls")
    console.print(f"{found.changed_outside} changed pixels outside the ring, over {found.checked} edits")
    console.print(f"{found.filled} of {found.cells} (image, policy) cells filled")
    stop_on(found.problems)
    if shortcut:
        _tell_shortcuts(bench)
    next_step(f"safeeditbench evaluate MODEL --data {bench} --out RUN")


def _tell_shortcuts(bench: Path) -> None:
    from bench.dataset import load_benchmark

    from .shortcut import shortcuts

    with stages() as progress:
        found = shortcuts(load_benchmark(bench), lambda done, total: progress("texture", done, total))
    console.print("by the texture of ring and fill alone (0.5 and 50 % are chance):")
    for one in found:
        console.print(one.told(), soft_wrap=True)


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for everything the demo makes.")] = Path("demo"),
    count: Annotated[int, typer.Option("--scenes", min=2, help="How many scenes to draw.")] = 40,
    images: Annotated[Path | None, typer.Option(help="Your own images instead of scenes.")] = None,
    config: Annotated[Path | None, typer.Option(help="A TOML file that names localizer and editor.")] = None,
    model: Annotated[str, typer.Option(help="What to evaluate.")] = TINY,
) -> None:
    """The main job end to end: images, pairs, Label Studio, votes, benchmark, scores, report."""
    from .demo import run_demo

    run_demo(out, count=count, images=images, config=config, model=model)


def main() -> None:
    """The console script: an error is one line; SAFEEDITBENCH_DEBUG=1 shows where it came from."""
    os.environ.setdefault("DO_NOT_TRACK", "1")  # before any library is imported that would report its use
    try:
        app()
    except (ValueError, OSError, RuntimeError, ModuleNotFoundError) as error:
        if os.environ.get("SAFEEDITBENCH_DEBUG"):
            raise
        told = str(error)
        if isinstance(error, ModuleNotFoundError):
            told = f"{error.name} is not installed; pip install 'safeeditbench[all]' brings it"
        errors.print(f"error: {told}", soft_wrap=True, markup=False, style="red")
        raise SystemExit(1) from None
