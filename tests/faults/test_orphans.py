"""Nothing that a killed command had started stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from annotation.server import ENVIRONMENT
from pipeline.demo import free_port
from tests.faults.lives import ROOT

POOL = """
import multiprocessing, time
from concurrent.futures import ProcessPoolExecutor
from pipeline.workers import end_with_parent

def work(seconds):
    time.sleep(seconds)

if __name__ == "__main__":
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, initializer=end_with_parent) as pool:
        pool.submit(work, 0).result()
        print("at work", flush=True)
        pool.submit(work, 120).result()
"""


def children_after_a_kill(command: list[str], ready: Callable[[str], bool]) -> list[psutil.Process]:
    """Start a command, kill it alone once a line is `ready`, and what it had started that is still there."""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert any(ready(line) for line in parent.stdout)
        children = psutil.Process(parent.pid).children(recursive=True)
        assert children
        os.kill(parent.pid, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while any(map(psutil.Process.is_running, children)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]


def test_workers_go_with_the_process_they_work_for(tmp_path: Path) -> None:
    program = tmp_path / "pool.py"
    program.write_text(POOL)
    command = ["env", f"PYTHONPATH={ROOT}", sys.executable, str(program)]
    assert children_after_a_kill(command, lambda line: line == "at work\n") == []


@pytest.mark.slow
def test_label_studio_goes_with_the_command_that_serves_it(tmp_path: Path) -> None:
    if not (ROOT / ENVIRONMENT).exists():
        pytest.skip("needs Label Studio: make label-studio")
    place = ("--server", str(tmp_path / "server"), "--port", str(free_port()))
    command = [sys.executable, "-m", "pipeline", "annotate", "serve", *place]
    assert children_after_a_kill(command, lambda line: "log in as" in line) == []
