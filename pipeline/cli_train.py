"""`safeeditbench train ...`: the two models that ship, and the stages that tune a guardrail."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import console, errors, next_step, stages

if TYPE_CHECKING:
    from .safeguard_vl.tune import Stage
    from .safeguard_vl.tuning import Tuning

app = typer.Typer(no_args_is_help=True, help="Train the shipped models from nothing, or tune a guardrail.")

Out = Annotated[Path, typer.Option("--out", help="Folder of the run; run again to resume.")]
Recipe = Annotated[str, typer.Option(help="tiny, 3b-lora, 7b, or a TOML file.")]
Data = Annotated[Path | None, typer.Option(help="A benchmark to train on; default: the recipe's scenes.")]
Start = Annotated[str, typer.Option("--model", help="Another checkpoint to start from than the recipe's.")]
Policies = Annotated[str, typer.Option(help="Train on these policies alone, such as L3,L5.")]
Captions = Annotated[Path | None, typer.Option(help="What `train recaption` wrote.")]
Writer = Annotated[
    str, typer.Option(help="truth (drawn scenes), a checkpoint folder or hub id, or openai:URL#name.")
]


@app.command()
def guard(out: Out) -> None:
    """SafeGuard-VL tiny, from random weights."""
    from .safeguard_vl.train import RECIPES
    from .safeguard_vl.train import train as train_guard

    with stages() as progress:
        console.print(f"weights in {train_guard(RECIPES / 'tiny.toml', out, progress)}")


@app.command()
def editor(
    out: Out, photos: Annotated[Path | None, typer.Option(help="A folder of photographs.")] = None
) -> None:
    """The embedded inpainting model, from random weights."""
    from .editor.train import Recipe as EditorRecipe
    from .editor.train import train_editor

    if photos is None:
        raise ValueError("give --photos FOLDER; `python -m pipeline.editor.fetch_photos FOLDER` makes one")
    with stages() as progress:
        console.print(f"weights in {train_editor(EditorRecipe(), photos, out, progress=progress)}")


@app.command()
def recaption(
    out: Annotated[Path, typer.Option("--out", help="The JSONL file of captions; run again to go on.")],
    recipe: Recipe = "tiny",
    data: Data = None,
    writer: Writer = "truth",
) -> None:
    """Write captions that name what is violating and keep the rest, for `train sft`."""
    from .safeguard_vl.caption_stage import write_captions

    with stages() as progress:
        failed = write_captions(tuned(recipe), data, writer, out, progress)
    for line in failed:
        errors.print(f"no caption: {line}", markup=False, soft_wrap=True)
    console.print(f"captions in {out}")
    next_step(f"safeeditbench train sft --recipe {recipe} --captions {out} --out SFT")
    if failed:
        raise typer.Exit(1)


@app.command()
def sft(
    out: Out,
    recipe: Recipe = "tiny",
    data: Data = None,
    start: Start = "",
    policies: Policies = "",
    captions: Captions = None,
) -> None:
    """Supervised fine-tuning: right answers, or with `target = "captions"` descriptions."""
    _tune("sft", recipe, policies, out, data, start, captions)
    next_step(f"safeeditbench train grpo --recipe {recipe} --model {out / 'model'} --out RL")


@app.command()
def grpo(
    out: Out, recipe: Recipe = "tiny", data: Data = None, start: Start = "", policies: Policies = ""
) -> None:
    """Reinforcement with verifiable rewards: what the benchmark would count as right."""
    _tune("grpo", recipe, policies, out, data, start, None)
    next_step(f"safeeditbench evaluate {out / 'model'} --data BENCH --out RUN")


@app.command("all")
def all_stages(
    out: Out,
    recipe: Recipe = "tiny",
    data: Data = None,
    writer: Writer = "truth",
    test: Annotated[Path | None, typer.Option(help="A benchmark to evaluate the result on.")] = None,
) -> None:
    """Recaption, sft, grpo, evaluate, as one Prefect flow; what is finished is not done again."""
    from .safeguard_vl.flow import Plan, run_flow

    with stages() as progress:
        run_flow(Plan(tuned(recipe), out, data, writer, test), _say, progress)


@app.command()
def study(
    out: Out,
    base: Annotated[str, typer.Option("--model", help="The checkpoint that every arm starts from.")],
    test: Annotated[Path, typer.Option(help="The benchmark all are measured on.")],
    recipe: Recipe = "study",
    seeds: Annotated[int, typer.Option(min=1, help="Seeds of every arm.")] = 3,
    held_out: Annotated[int, typer.Option(min=2, help="Policies nobody wrote to ask under.")] = 20,
    page: Annotated[Path | None, typer.Option(help="Folder for the results' page.")] = None,
) -> None:
    """What each way of tuning does: labels, captions, reinforcement, on one policy or on all."""
    from .safeguard_vl.study.page import write_page
    from .safeguard_vl.study.run import Study, run_study
    from .safeguard_vl.tune import find_start

    plan = Study(tuned(recipe), find_start(base), test, out, seeds, held_out)
    with stages() as progress:
        run_study(plan, _say, progress)
    console.print(f"results in {write_page(plan, page or out / 'page')}")


def tuned(recipe: str, policies: str = "") -> Tuning:
    """The recipe, with the policies to train on where some are named."""
    from .safeguard_vl.tuning import read_tuning

    tuning = read_tuning(recipe)
    names = tuple(policies.split(",")) if policies else tuning.cases.policies
    return replace(tuning, cases=replace(tuning.cases, policies=names))


def _tune(
    stage: Stage, recipe: str, policies: str, out: Path, data: Path | None, start: str, captions: Path | None
) -> None:
    from .safeguard_vl.tune import Job, tune

    console.quiet = os.environ.get("RANK", "0") != "0"  # of several processes the first one tells
    with stages() as progress:
        model = tune(Job(stage, tuned(recipe, policies), out, data, start, captions), _say, progress)
    console.print(f"weights in {model}")


def _say(line: str) -> None:
    console.print(line, markup=False, soft_wrap=True)
