from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from annotation.client import Client, connect_embedded
from annotation.server import ENVIRONMENT, Server, running_server

LABEL_STUDIO = Path(__file__).parents[2] / ENVIRONMENT


class Clock:
    """Time that passes only while somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The client's waiting takes no time."""
    clock = Clock()
    monkeypatch.setattr("annotation.client.time", clock)
    return clock


@pytest.fixture(scope="session")
def shots(pytestconfig: pytest.Config) -> Path:
    """Kept between runs, so that a person can look at what an annotator sees."""
    assert pytestconfig.cache is not None
    return pytestconfig.cache.mkdir("annotation")


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory, shots: Path) -> Iterator[Server]:
    """A real Label Studio, one for all tests of this folder."""
    if not LABEL_STUDIO.exists():
        pytest.skip("needs Label Studio: make label-studio")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("annotate")
    with running_server(folder, cache=shots, environment=LABEL_STUDIO, port=port) as running:
        yield running


@pytest.fixture(scope="package")
def client(server: Server) -> Iterator[Client]:
    with connect_embedded(server.folder) as client:
        yield client
