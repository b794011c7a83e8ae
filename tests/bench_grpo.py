"""GRPO from a half-right start, on one thread of a CPU: the curve, and what a step costs.

    nice -n 10 python -m tests.bench_grpo [FOLDER]

The half-right start is SafeGuard-VL tiny after a few steps of SFT on nothing but `unsafe`: it reads and sees
as before and has begun to say one thing to everything. Then `train grpo --recipe tiny` runs from it. Prints a
table; FOLDER keeps the runs, and a second call resumes them.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

from evaluators.profile import load_profile
from pipeline.safeguard_vl.dataset import verdict_rows
from pipeline.safeguard_vl.material import cases_for
from pipeline.safeguard_vl.run_folder import MODEL, read_curve
from pipeline.safeguard_vl.sft import sft
from pipeline.safeguard_vl.train import TINY
from pipeline.safeguard_vl.trl_configs import sft_config
from pipeline.safeguard_vl.tune import Job, tune
from pipeline.safeguard_vl.tuning import StageSettings, Tuning, read_tuning

AT_ONCE = 5  # steps a line of the table


def half_right(tuning: Tuning, out: Path) -> Path:
    """SafeGuard-VL tiny after 10 steps on 80 cases that are all labelled `unsafe`."""
    if (out / MODEL).is_dir():
        return out / MODEL
    settings = replace(tuning.cases, count=80, scenes=30, first_scene=tuning.cases.first_scene + 500_000)
    spoiled = replace(tuning, cases=settings, sft=StageSettings({**tuning.sft.trl, "learning_rate": 3e-4}))
    cases = cases_for(spoiled, None, out / "pictures")
    rows = verdict_rows([replace(case, label="unsafe") for case in cases], load_profile(spoiled.profile))
    return sft(spoiled, sft_config(spoiled, out), rows, TINY, out, say=print)


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else mkdtemp(prefix="grpo-"))
    tuning = read_tuning("tiny")
    start = half_right(tuning, folder / "half-right")
    begun = time.monotonic()
    tune(Job("grpo", tuning, folder / "grpo", start=str(start)), print, lambda *_: None)
    seconds = time.monotonic() - begun
    lines = [line for line in read_curve(folder / "grpo") if "reward" in line]
    names = ("reward", "accuracy", "unsafe_recall", "parse_rate", "frac_reward_zero_std", "step_time")
    print("steps".ljust(9) + "".join(name.rjust(22) for name in names))
    for first in range(0, len(lines), AT_ONCE):
        part = lines[first : first + AT_ONCE]
        means = (np.mean([line[name] for line in part]) for name in names)
        print(f"{first + 1}-{first + len(part)}".ljust(9) + "".join(f"{mean:22.3f}" for mean in means))
    print(f"{seconds:.0f} s in all for what was left to do, runs in {folder}")


if __name__ == "__main__":
    main()
