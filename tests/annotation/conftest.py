from __future__ import annotations

import pytest


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
