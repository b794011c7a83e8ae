"""The stages of training as one Prefect flow: recaption, sft, grpo, evaluate.

Each stage is a plain function that knows by its own folder what it has done, so a flow that was stopped is
run again as it is. Prefect shows where it stands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from pipeline.console import Progress
from pipeline.flow import prepare_prefect
from pipeline.safeguard_vl.caption_stage import write_captions
from pipeline.safeguard_vl.telling import Say
from pipeline.safeguard_vl.tune import Job, tune
from pipeline.safeguard_vl.tuning import Tuning

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything from captions to figures, into `out`.

    `data` as in Job, `writer` as in `write_captions`; `test` is the benchmark to evaluate on, if any.
    """

    tuning: Tuning
    out: Path
    data: Path | None = None
    writer: str = "truth"
    test: Path | None = None


def run_flow(plan: Plan, say: Say, progress: Progress) -> Path:
    """The stages in order, each a task of one flow; the folder of the finished model."""
    prepare_prefect(plan.out)
    (plan.out / "prefect").mkdir(parents=True, exist_ok=True)
    from prefect import flow

    from pipeline.prefect_server import serving

    @flow(name="safeguard-vl", validate_parameters=False)
    def safeguard_vl() -> Path:
        return run_stages(plan, say, progress)

    with serving(shared=True):
        return safeguard_vl()


def run_stages(plan: Plan, say: Say, progress: Progress) -> Path:
    """The same inside a running flow. Captions are written where the recipe teaches them."""
    captions = plan.out / "captions.jsonl" if plan.tuning.target == "captions" else None
    if captions is not None:
        write = partial(write_captions, plan.tuning, plan.data, plan.writer, captions, progress)
        for line in _task("recaption", write):
            say(f"no caption: {line}")
    sft = Job("sft", plan.tuning, plan.out / "sft", plan.data, captions=captions)
    start = _task("sft", partial(tune, sft, say, progress))
    grpo = Job("grpo", plan.tuning, plan.out / "grpo", plan.data, str(start))
    model = _task("grpo", partial(tune, grpo, say, progress))
    if plan.test is not None:
        for each in (start, model):
            _task("evaluate", partial(evaluate_model, plan, each, plan.test, progress))
    return model


def evaluate_model(plan: Plan, model: Path, test: Path, progress: Progress) -> None:
    """Evaluate a model under the recipe's profile and print its scores; the run lies beside the model."""
    from evaluators.spec import Options
    from pipeline.cli_evaluate import run_evaluation, show_scores

    stage = model.parent.name
    options = Options(profile=plan.tuning.profile)
    show_scores(stage, run_evaluation(str(model), test, plan.out / f"run-{stage}", progress, options))


def _task(name: str, work: Callable[[], Value]) -> Value:
    """Run a stage as a task. Prefect caches nothing: the stage's own folder says what is done."""
    from prefect import task
    from prefect.cache_policies import NO_CACHE

    return task(name=name, cache_policy=NO_CACHE)(work)()
