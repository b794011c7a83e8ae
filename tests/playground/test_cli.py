"""The playground as a user starts it."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from pipeline.playground.asking import Playground
from pipeline.playground.serve import serve
from tests.playground.stand_in import ByWord

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_it_says_where_it_is_answers_and_stops(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("def always(image, policy_text):\n    return 0.75\n")
    command = [sys.executable, "-m", "pipeline", "playground", "python:own:always", "--port", "0"]
    paths = {"PYTHONPATH": f"{ROOT}:{tmp_path}", "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(command, cwd=tmp_path, env=paths, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert address is not None
        assert "Verdicts of <b>python:own:always</b>" in httpx.get(address[0]).text
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


def test_a_taken_port_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"port {port} cannot be used .*; give another with --port"):
            serve(Playground(ByWord(), ()), port, ready=lambda address: None)
