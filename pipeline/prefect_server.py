"""Prefect's own temporary server: one for us and our workers, which ends with us and without which we end."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from httpx import TransportError
from prefect.events.clients import NullEventsClient
from prefect.events.worker import EventsWorker
from prefect.server.api.server import SubprocessASGIServer
from prefect.settings import PREFECT_API_URL, temporary_settings

from bench.lifeline import Lifeline


class TemporaryServer(SubprocessASGIServer):
    """The server of this process; Prefect stops it at exit, which a killed process never has.

    Made before Prefect wants one, it is the one that Prefect starts: there is a single instance for "any
    port". If Prefect renames the method, its server only outlives a kill again.
    """

    def _run_uvicorn_command(self) -> subprocess.Popen[Any]:
        process = super()._run_uvicorn_command()
        self._lifeline = Lifeline(process.pid)  # held until this process ends
        return process


@contextmanager
def serving(*, shared: bool) -> Iterator[None]:
    """Prefect's server while a flow runs, unless the user has named one of his own by PREFECT_API_URL.

    `shared` tells workers its address, who else start one each; those of another machine cannot reach it.
    Raises RuntimeError, one line with the remedy, where it has ended under the run: Prefect's client has
    tried for a minute then. Clients of our own raise other errors than httpx's.
    """
    try:
        with ExitStack() as stack:
            if not PREFECT_API_URL.value():
                _start(stack, shared=shared)
            yield
    except TransportError as error:
        raise RuntimeError(
            f"Prefect's server is gone ({error}); run the command again: it goes on where it stopped"
        ) from error


def _start(stack: ExitStack, *, shared: bool) -> None:
    """Nobody looks at a temporary server, so it gets no events: for each of hundreds, Prefect's client would
    try ten seconds long, at exit too, if it were gone."""
    EventsWorker.set_client_override(NullEventsClient)
    server = TemporaryServer()
    if shared:
        stack.enter_context(server)
        stack.enter_context(temporary_settings({PREFECT_API_URL: server.api_url}))
