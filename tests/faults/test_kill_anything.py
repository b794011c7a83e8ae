"""The small version of `python -m tests.faults.kill_anything`: a few kills, nothing lost or doubled."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.lives import ROOT


@pytest.mark.slow
def test_a_killed_build_and_a_killed_evaluation_lose_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.faults.kill_anything", "--job", "build", "evaluate"]
    done = subprocess.run(
        [*command, "--moments", "3", "--scenes", "3", "--out", str(tmp_path)],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    table = [line.split() for line in done.stdout.splitlines()]
    assert [row[0] for row in table[-2:]] == ["build", "evaluate"]
    assert all(int(row[1]) >= 3 for row in table[-2:])
