"""Prefect's own temporary server, with an end: Prefect stops it at exit, which a killed process never has."""

from __future__ import annotations

import subprocess
from typing import Any

from prefect.server.api.server import SubprocessASGIServer

from bench.lifeline import Lifeline


class TemporaryServer(SubprocessASGIServer):
    """The server of this process. Made before Prefect wants one, it is the one that Prefect starts: there is
    a single instance for "any port". If Prefect renames the method, its server only outlives a kill again."""

    def _run_uvicorn_command(self) -> subprocess.Popen[Any]:
        process = super()._run_uvicorn_command()
        self._lifeline = Lifeline(process.pid)  # held until this process ends, as the server is
        return process
