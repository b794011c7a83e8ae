"""Run the study: tune every arm, ask every model the same questions. Stop it anywhere and call it again.

OUT/base/, OUT/ARM/          five/ and held-out/ (runs of the harness), ability.json
OUT/ARM/tuned/               the arm's own stage of training
OUT/captions-seed0.jsonl     the descriptions that `captions` teaches
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.staging import write_atomic
from evaluators.base import Guardrail
from evaluators.questions import Choice
from evaluators.runner import evaluate
from evaluators.spec import Options
from pipeline.console import Progress
from pipeline.evaluation import load_model, open_set
from pipeline.safeguard_vl.ability import general_ability, open_general, unseen_scenes
from pipeline.safeguard_vl.caption_stage import TRUTH, write_captions
from pipeline.safeguard_vl.study.arms import Arm, arms
from pipeline.safeguard_vl.telling import Say
from pipeline.safeguard_vl.tune import Job, tune
from pipeline.safeguard_vl.tuning import Tuning

BASE = "base"
FIVE, HELD_OUT, ABILITY = "five", "held-out", "ability.json"
ASKED = Options(sharing="fast", images_at_once=4)


@dataclass(frozen=True, slots=True)
class Study:
    """Every arm starts from the checkpoint `base` and is measured on the benchmark `test`, under its own
    policies and under `held_out` that nobody wrote."""

    recipe: Tuning
    base: Path
    test: Path
    out: Path
    seeds: int = 3
    held_out: int = 20

    def arms(self) -> Iterator[Arm]:
        """All arms in the order in which they are run."""
        return arms([policy.id for policy in open_set(self.test).policies], self.seeds)


def run_study(study: Study, say: Say, progress: Progress) -> None:
    """Do all that is not done yet."""
    measure(study, BASE, study.base, progress)
    todo = list(study.arms())
    for number, arm in enumerate(todo, start=1):
        say(f"{number} of {len(todo)}: {arm.name}")
        measure(study, arm.name, tuned(study, arm, progress), progress)


def tuned(study: Study, arm: Arm, progress: Progress) -> Path:
    """The arm's model, tuned now or before, after the arm that it goes on from."""
    start = study.base if arm.before is None else tuned(study, arm.before, progress)
    recipe, captions = arm.tuning(study.recipe), None
    if recipe.target == "captions":
        captions = study.out / f"captions-seed{arm.seed}.jsonl"
        write_captions(recipe, None, TRUTH, captions, progress)
    job = Job(arm.stage, recipe, study.out / arm.name / "tuned", None, str(start), captions)
    return tune(job, _quiet, progress)


def measure(study: Study, name: str, model: Path, progress: Progress) -> None:
    """Ask a model what the study asks all of them; nothing that it has answered before."""
    out, source = study.out / name, open_set(study.test)
    guardrail: Guardrail | None = None
    for run, choice in ((FIVE, Choice()), (HELD_OUT, Choice(held_out=study.held_out))):
        if not (out / run / "run.json").exists():
            guardrail = guardrail or load_model(str(model), ASKED)
            evaluate(
                guardrail, source, out / run, choice=choice,
                progress=lambda what, done, total: progress(f"{name} {what}", done, total),
            )  # fmt: skip
    if not (out / ABILITY).exists():
        right = general_ability(open_general(str(model)), unseen_scenes(study.out / "scenes"))
        told = {kind: [int(answer) for answer in answers] for kind, answers in right.items()}
        write_atomic(out / ABILITY, json.dumps(told).encode())


def _quiet(_: str) -> None:
    """A stage's own lines would drown the study's."""
