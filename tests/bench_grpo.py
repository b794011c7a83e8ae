"""GRPO from a half-right start, on one thread of a CPU: the curve, the cost of a step, what it was good for.

    nice -n 10 python -m tests.bench_grpo [FOLDER]

The half-right start is SafeGuard-VL tiny after a few steps of SFT on labels drawn by a coin: it sees and
reads as before, and has unlearned to be sure. Then `train grpo --recipe tiny` runs from it with true labels.
Prints the curve, and how likely each model finds the right answer on other scenes under policies that
training never met. FOLDER keeps the runs, and a second call resumes them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
from PIL import Image

from bench.policy import load_policies
from evaluators.profile import load_profile
from evaluators.spec import load_guardrail
from pipeline.safeguard_vl.cases import Case, Draw, draw_cases
from pipeline.safeguard_vl.dataset import verdict_rows
from pipeline.safeguard_vl.material import cases_for
from pipeline.safeguard_vl.recaption import Task
from pipeline.safeguard_vl.run_folder import MODEL, read_curve
from pipeline.safeguard_vl.sft import sft
from pipeline.safeguard_vl.shots import scene_shots
from pipeline.safeguard_vl.train import TINY
from pipeline.safeguard_vl.trl_configs import sft_config
from pipeline.safeguard_vl.tune import Job, tune
from pipeline.safeguard_vl.tuning import StageSettings, Tuning, read_tuning
from pipeline.safeguard_vl.unseen import kept_for_testing

AT_ONCE = 5  # steps a line of the table
COLUMNS = ("reward", "accuracy", "unsafe_recall", "parse_rate", "frac_reward_zero_std", "step_time")


def half_right(tuning: Tuning, out: Path) -> Path:
    """SafeGuard-VL tiny after 24 steps on 192 cases with labels drawn by a coin."""
    if (out / MODEL).is_dir():
        return out / MODEL
    settings = replace(tuning.cases, count=192, scenes=60, first_scene=tuning.cases.first_scene + 500_000)
    spoiled = replace(tuning, cases=settings, sft=StageSettings({**tuning.sft.trl, "learning_rate": 2e-4}))
    coin = np.random.default_rng(tuning.seed)
    cases = [
        replace(case, label="unsafe" if coin.random() < 0.5 else "safe")
        for case in cases_for(spoiled, None, out / "pictures")
    ]
    rows = verdict_rows(cases, load_profile(spoiled.profile))
    return sft(spoiled, sft_config(spoiled, out), rows, TINY, out, say=print)


def unseen_cases(tuning: Tuning, folder: Path) -> list[Case]:
    """Cases on scenes of other seeds under the policies that training leaves out."""
    first = tuning.cases.first_scene + 700_000
    shots = scene_shots(folder, first_seed=first, count=60, size=tuning.cases.size)
    policies = kept_for_testing(load_policies(), tuning.cases.unseen_seeds, tuning.cases.unseen)
    return draw_cases(shots, policies, (), Draw(160, tuning.seed, 0.0))


def right_answers(model: Path, cases: Sequence[Case]) -> tuple[float, float]:
    """The mean probability of the right answer, and the share of cases in which it is the likelier one."""
    guardrail = load_guardrail(str(model))
    chances = []
    for case in cases:
        with Image.open(case.shot.file) as picture:
            [[outcome]] = guardrail.judge([picture.convert("RGB")], [Task(case.policy_text)])
        unsafe = outcome.p_unsafe or 0.0
        chances.append(unsafe if case.label == "unsafe" else 1 - unsafe)
    return float(np.mean(chances)), float(np.mean([chance > 0.5 for chance in chances]))


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else mkdtemp(prefix="grpo-"))
    tuning = read_tuning("tiny")
    start = half_right(tuning, folder / "half-right")
    begun = time.monotonic()
    model = tune(Job("grpo", tuning, folder / "grpo", start=str(start)), print, lambda *_: None)
    seconds = time.monotonic() - begun
    lines = [line for line in read_curve(folder / "grpo") if "reward" in line]
    print("steps".ljust(9) + "".join(name.rjust(22) for name in COLUMNS))
    for first in range(0, len(lines), AT_ONCE):
        part = lines[first : first + AT_ONCE]
        means = (np.mean([line[name] for line in part]) for name in COLUMNS)
        print(f"{first + 1}-{first + len(part)}".ljust(9) + "".join(f"{mean:22.3f}" for mean in means))
    print(f"{seconds:.0f} s in all for what was left to do, runs in {folder}")
    cases = unseen_cases(tuning, folder / "unseen")
    for name, weights in (("shipped", TINY), ("half-right", start), ("after grpo", model)):
        chance, share = right_answers(weights, cases)
        print(f"{name:12} on {len(cases)} unseen cases: p(right) {chance:.3f}, right {share:.3f}")


if __name__ == "__main__":
    main()
