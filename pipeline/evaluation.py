"""A run as it is started from the command line: in this process, a shard of it, or by several workers."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.evaluation_set import EvaluationSet
from evaluators.base import Guardrail
from evaluators.estimate import Estimate
from evaluators.journal import Answered, journals, read_journals
from evaluators.questions import Choice, Plan, plan
from evaluators.rows import answers
from evaluators.run import ROWS, RunResult, discard, load_run
from evaluators.runner import ask, finish
from evaluators.sensitivity import Variant
from evaluators.shards import WHOLE, Shard

from .console import Progress
from .model_options import TINY
from .workers import end_with_parent

if TYPE_CHECKING:
    from evaluators.spec import Options

TINY_FOLDER = Path(__file__).parent / "safeguard_vl" / TINY
LOOK_EVERY = 1.0  # seconds between two looks at the workers' journals

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Parts:
    """Who asks: one shard in this process, or that many workers; `fresh` discards an earlier run before.

    Raises ValueError where a shard is to do what concerns the whole run.
    """

    shard: Shard = WHOLE
    workers: int = 1
    fresh: bool = False

    def __post_init__(self) -> None:
        if self.shard != WHOLE and (self.workers > 1 or self.fresh):
            raise ValueError("--shard is one part of a run, --workers and --fresh concern all of it; choose")


@dataclass(frozen=True, slots=True)
class Job:
    """A run to make: which model (as the user writes it), on which set, into which folder, and how."""

    model: str
    data: Path
    out: Path
    options: Options
    choice: Choice
    audited: int


def load_model(model: str, options: Options) -> Guardrail:
    """The guardrail that a user names, SafeGuard-VL tiny by its own name."""
    from evaluators.spec import load_guardrail

    return load_guardrail(str(TINY_FOLDER) if model == TINY else model, options)


def open_set(data: Path) -> EvaluationSet:
    """The benchmark or the local copy of a published set at `data`."""
    from bench.published.load import load_evaluation_set

    return load_evaluation_set(data)


def foretell(job: Job, asked: Plan) -> str:
    """What will be asked, in one line."""
    known = read_journals(job.out, ROWS).answered if job.out.is_dir() else {}
    before = sum(answers(question, known) is not None for question in asked.questions)
    done = f", {before} images of them answered before" if before else ""
    policies = ", ".join(dict.fromkeys(policy.id for policy in asked.policies[:12]))
    more = ", ..." if len(asked.policies) > 12 else ""
    written = f", with {asked.choice.inject} writing on them" if asked.choice.inject else ""
    return f"asking {asked.cases} cases: {len(asked.questions)} images under {policies}{more}{written}{done}"


def run_variants(
    job: Job,
    variants: Sequence[Variant],
    parts: Parts,
    progress: Progress,
    *,
    say: Say = lambda line: None,
) -> list[RunResult]:
    """Make a run for each variant: one in `job.out` itself, several in folders of their names below it.

    Empty where other shards are still to come. What is wrong with the choice is told before a model loads.
    """
    source = open_set(job.data)
    jobs = [_job(job, variant, alone=len(variants) == 1) for variant in variants]
    plans = [plan(source, each.choice) for each in jobs]
    guardrail = load_model(job.model, job.options) if parts.workers == 1 else None
    results = []
    for each, asked in zip(jobs, plans, strict=True):
        if parts.fresh and each.out.is_dir():
            discard(each.out)
        say(foretell(each, asked))
        if guardrail is None:
            results.append(run_workers(each, parts.workers, progress))
        elif result := run_shard(each, guardrail, source, parts.shard, Watch(each, progress, say)):
            results.append(result)
    return results


def _job(job: Job, variant: Variant, *, alone: bool) -> Job:
    return replace(job, choice=variant.choice, out=job.out if alone else job.out / variant.name)


class Watch:
    """Passes a run's progress on, and says what the rest will take once that can be told."""

    def __init__(self, job: Job, progress: Progress, say: Say) -> None:
        self._name, self._progress, self._say = job.out.name, progress, say
        self._prices = job.options.prices
        self._estimate: Estimate | None = None

    def tick(self, what: str, done: int, total: int) -> None:
        self._progress(self._name if what == "asked" else f"{self._name} {what}", done, total)
        self._estimate = self._estimate or Estimate(total - done, self._prices)
        if line := self._estimate.line():
            self._say(line)

    def add(self, answered: Answered) -> None:
        if self._estimate:
            self._estimate.add(answered)


def run_shard(
    job: Job, guardrail: Guardrail, source: EvaluationSet, shard: Shard, watch: Watch
) -> RunResult | None:
    """Ask a shard in this process, and finish the run if that was the last of it; else None."""
    asked = plan(source, job.choice)
    left = ask(
        guardrail, source, job.out, asked,
        shard=shard, audited=job.audited, progress=watch.tick, observe=watch.add,
    )  # fmt: skip
    return None if left else finish(guardrail, source, job.out, asked)


def run_workers(job: Job, count: int, progress: Progress) -> RunResult:
    """Ask the run's shards in `count` processes of this machine, the GPUs dealt out in turn.

    Each loads the model. Raises the first error of a worker, after the others have gone on to their end.
    """
    total, devices = len(plan(open_set(job.data), job.choice).questions), gpus()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        count, mp_context=context, max_tasks_per_child=1, initializer=end_with_parent
    ) as pool:
        workers = [
            pool.submit(_work, job, Shard(number, count), devices[number % len(devices)] if devices else None)
            for number in range(1, count + 1)
        ]
        left = set(workers)
        while left:
            _, left = wait(left, timeout=LOOK_EVERY)
            progress(job.out.name, min(total, _lines(job.out)), total)
    for worker in workers:
        worker.result()
    return load_run(job.out)


def gpus() -> list[str]:
    """The GPUs this process may use, as CUDA names them."""
    told = os.environ.get("CUDA_VISIBLE_DEVICES")
    if told is not None:
        return [name for name in told.split(",") if name]
    try:
        import torch
    except ModuleNotFoundError:
        return []
    return [str(number) for number in range(torch.cuda.device_count())]


def _work(job: Job, shard: Shard, device: str | None) -> None:
    """A worker's whole life. The device is chosen before torch is imported, which then sees no other."""
    if device is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = device
    watch = Watch(job, progress=lambda stage, done, total: None, say=lambda line: None)
    run_shard(job, load_model(job.model, job.options), open_set(job.data), shard, watch)


def _lines(out: Path) -> int:
    return sum(path.read_bytes().count(b"\n") for path in journals(out, ROWS))
