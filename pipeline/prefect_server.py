"""Prefect's own temporary server, with an end: Prefect stops it at exit, which a killed process never has."""

from __future__ import annotations

import subprocess
from typing import Any

from prefect.server.api.server import SubprocessASGIServer

from bench.lifeline import Lifeline


class TemporaryServer(SubprocessASGIServer):
    """The server of this process. Made before Prefect wants one, it is the one that Prefect starts: there is
    a single instance for "any port"."""

    _lifeline: Lifeline | None = None

    def _run_uvicorn_command(self) -> subprocess.Popen[Any]:
        process = super()._run_uvicorn_command()
        self._release()  # Prefect starts another where a port was taken
        self._lifeline = Lifeline(process.pid)
        return process

    def stop(self) -> None:
        """Stop it, as Prefect does at exit."""
        super().stop()
        self._release()

    def _release(self) -> None:
        if self._lifeline is not None:
            self._lifeline.release()
            self._lifeline = None
