"""Prefect's server: all workers share it, it goes with a killed build, and a build that loses it says so."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest

from pipeline.prefect_server import TemporaryServer, serving
from tests.faults.lives import ROOT

BUILD = """
[source]
kind = "scenes"
count = 2
size = 96
[verify]
gone = 0.0
[edit]
attempts = 1
controls = false
[runner]
kind = "processes"
workers = 1
"""


def test_prefect_starts_the_server_that_ends_with_us() -> None:
    server = pytest.importorskip("prefect.server.api.server").SubprocessASGIServer
    assert TemporaryServer() is server()
    assert server._run_uvicorn_command is not TemporaryServer._run_uvicorn_command


def test_a_lost_server_is_told_in_one_line_with_the_remedy() -> None:
    with pytest.raises(RuntimeError) as caught, serving(shared=False):
        raise httpx.ConnectError("connection refused")
    assert str(caught.value) == (
        "Prefect's server is gone (connection refused); run the command again: it goes on where it stopped"
    )


@pytest.mark.slow
def test_a_build_that_loses_the_one_server_says_so_and_is_finished_by_the_next(tmp_path: Path) -> None:
    (tmp_path / "build.toml").write_text(BUILD)
    command = [sys.executable, "-m", "pipeline", "build", str(tmp_path / "build.toml")]
    command += ["--out", str(tmp_path / "bench")]
    patience = os.environ | {"PREFECT_CLIENT_MAX_RETRIES": "0", "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        command, cwd=ROOT, env=patience, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as build:
        assert build.stdout is not None
        assert any(line.startswith("edit: 0/") for line in build.stdout)
        (server,) = _servers_of(build.pid)
        server.kill()
        told = build.stdout.read().splitlines()
    assert told[-1].startswith("error: Prefect's server is gone (")
    assert not [line for line in told if "Traceback" in line]
    assert subprocess.run(command, cwd=ROOT, env=patience, capture_output=True).returncode == 0
    assert (tmp_path / "bench" / "SHA256SUMS").exists()


def _servers_of(build: int) -> list[psutil.Process]:
    started = psutil.Process(build).children(recursive=True)
    return [process for process in started if "uvicorn" in process.cmdline()]
