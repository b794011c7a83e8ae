"""A server goes with the process that started it, even if that is killed; a released one stays."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

psutil = pytest.importorskip("psutil")

ROOT = Path(__file__).parents[2]
PARENT = """
import subprocess, sys, time
from bench.lifeline import Lifeline
server = subprocess.Popen(["sleep", "60"], start_new_session=True)
line = Lifeline(server.pid)
if sys.argv[1] == "release":
    line.release()
print(server.pid, flush=True)
time.sleep(60)
"""


def server_of_a_killed_parent(how: str) -> int:
    command = [sys.executable, "-c", PARENT, how]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        server = int(parent.stdout.readline())
        parent.kill()
    return server


def alive(process: int) -> bool:
    return psutil.pid_exists(process) and psutil.Process(process).status() != psutil.STATUS_ZOMBIE


def test_the_server_of_a_killed_process_is_gone() -> None:
    server = server_of_a_killed_parent("hold")
    deadline = time.monotonic() + 30
    while alive(server) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(server)


def test_a_released_server_is_let_be() -> None:
    server = psutil.Process(server_of_a_killed_parent("release"))
    assert server.cmdline() == ["sleep", "60"]
    server.kill()
