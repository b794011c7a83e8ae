"""The small version of `python -m tests.faults.kill_anything`: a few kills, nothing lost or doubled."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.lives import ROOT


@pytest.mark.slow
def test_a_killed_evaluation_loses_and_doubles_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.faults.kill_anything", "--job", "evaluate", "--moments", "3"]
    done = subprocess.run(
        [*command, "--scenes", "3", "--out", str(tmp_path)],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    job, kills, *_ = done.stdout.splitlines()[-1].split()
    assert job == "evaluate"
    assert int(kills) >= 3
