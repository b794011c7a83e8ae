"""Time that passes only when someone sleeps."""

from __future__ import annotations

import threading

from evaluators.server.gate import Pace


class OwnTime:
    """`waits` are the seconds slept, in order."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []
        self._lock = threading.Lock()

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds
            self.waits.append(round(seconds, 6))

    def pace(self, luck: float = 0.0) -> Pace:
        return Pace(lambda: self.now, self.sleep, lambda: luck)
