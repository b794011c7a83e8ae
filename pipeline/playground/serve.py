"""Serve the playground on this machine until it is stopped."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn

from .app import make_app
from .asking import Playground

LOOPBACK = "127.0.0.1"


def serve(playground: Playground, port: int, ready: Callable[[str], None]) -> None:
    """Listen on loopback; `ready` is told the address. Port 0 takes a free one.

    Raises OSError where the port is taken.
    """
    with _listening(port) as listening:
        ready(f"http://{LOOPBACK}:{listening.getsockname()[1]}")
        config = uvicorn.Config(make_app(playground), log_level="warning", access_log=False, lifespan="off")
        uvicorn.Server(config).run(sockets=[listening])


def _listening(port: int) -> socket.socket:
    try:
        return socket.create_server((LOOPBACK, port))
    except OSError as error:
        raise OSError(f"port {port} cannot be used ({error.strerror}); give another with --port") from error
