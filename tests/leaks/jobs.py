"""The main jobs at their smallest, as commands, and an environment full of what must not get out."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.leaks.network import ROOT

HOOK = Path(__file__).parent / "hook"
BUILD = """
[source]
kind = "folder"
path = "scenes"
[localize]
backend = "truth"
[runner]
kind = "loop"
"""
LOG, TOLD = "connects.tsv", "told"
SECRETS = {
    "LOGNAME": "leaky-user-name",
    "USER": "leaky-user-name",
    "HF_TOKEN": "hf_leakytokenleakytokenleakytoken",
    "OPENAI_API_KEY": "sk-leakykeyleakykeyleakykey",
    "LABEL_STUDIO_API_KEY": "1eaky1eaky1eaky1eaky1eaky1eaky1eaky1eaky",
}
RECIPE = """
start = "safeguard-vl-tiny"
profile = "plain"
seed = 7
threads = 1
[cases]
count = 4
made_up = 4
scenes = 2
first_scene = 2000000
size = 144
[sft]
use_cpu = true
bf16 = false
activation_checkpointing = false
per_device_train_batch_size = 4
learning_rate = 1e-4
max_steps = 1
logging_steps = 1
save_steps = 1
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a job ended: its exit status, the wall time, and the last line it printed."""

    name: str
    exit: int
    seconds: float
    last: str


def commands() -> dict[str, str]:
    """Name -> arguments of the command line, in an order in which each finds what it needs."""
    return {
        "scenes": "scenes --out scenes --count 3 --size 144",
        "build, loop": "build loop.toml --out loop",
        "verify": "verify loop",
        "train sft": "train sft --recipe small.toml --out sft",
        "evaluate": "evaluate safeguard-vl-tiny --data loop --out run",
        "report": "report run --data loop --out report.html",
        "submit": "submit run --out mine.zip",
        "board": "leaderboard add mine.zip --board board --data loop",
        "board page": "leaderboard page --board board --data loop --out board.html",
        "build, threads": "build --images scenes --out threads --runner threads",
        "demo": "demo --out demo --scenes 2",  # with Label Studio
        "status": "annotate status demo/benchmark --out status.html",
        "agree": "annotate agree demo/benchmark",
        "export": "export demo/benchmark",
    }


def run_jobs(folder: Path, names: tuple[str, ...], say: Callable[[Ended], None]) -> None:
    """Run the named jobs in `folder`, one after the other; what each prints is kept below `told`."""
    (folder / TOLD).mkdir(parents=True, exist_ok=True)
    (folder / "small.toml").write_text(RECIPE)
    (folder / "loop.toml").write_text(BUILD)
    environment = ROOT / ".venv-label-studio"
    if environment.exists() and not (folder / environment.name).exists():
        (folder / environment.name).symlink_to(environment.resolve())
    for name in names:
        say(_run(folder, name, commands()[name].split()))


def surroundings(folder: Path) -> Mapping[str, str]:
    """The environment of a job: a home in `folder`, secrets in variables, every connection written down."""
    home = folder / "leaky-home"
    home.mkdir(exist_ok=True)
    paths = os.pathsep.join((str(HOOK), str(ROOT)))
    own = {"HOME": str(home), "PYTHONPATH": paths, "LEAKS_LOG": str(folder / LOG), "OMP_NUM_THREADS": "1"}
    patience = {"PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "900"}  # the machine may be busy
    return os.environ | SECRETS | own | patience


def _run(folder: Path, name: str, arguments: list[str]) -> Ended:
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", *arguments],
        cwd=folder,
        env=surroundings(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    (folder / TOLD / f"{name}.txt").write_text(done.stdout)
    lines = done.stdout.strip().splitlines()
    return Ended(name, done.returncode, time.monotonic() - started, lines[-1] if lines else "")
