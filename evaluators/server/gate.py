"""How many requests may be inside one server at once, and when none may start.

The number adapts like TCP's window (additive increase, multiplicative decrease): every request that goes
well raises it by 1/number, a server that says it is overloaded halves it. What was already on its way when
the number was halved does not halve it again.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

LONGEST_WAIT = 120.0  # seconds; a server that asks for more is asked again after that


@dataclass(frozen=True, slots=True)
class Pace:
    """How time passes: `clock` in seconds, `sleep` for some (None: until the gate is stopped), and `luck` in
    [0, 1), which spreads the waits. Tests put their own in."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] | None = None
    luck: Callable[[], float] = random.random


class StoppedError(Exception):
    """The run was stopped while a request waited for its turn."""


class Gate:
    """Lets at most `most` requests in, fewer while the server is overloaded, none during a pause."""

    def __init__(self, most: int, pace: Pace | None = None) -> None:
        if most < 1:
            raise ValueError(f"concurrency is {most}; write 1 or more")
        self.most = most
        self._limit = float(most)
        self.pace = pace or Pace()
        self._stopped = threading.Event()
        self._changed = threading.Condition()
        self._inside = 0
        self._cuts = 0
        self._cuts_in_a_row = 0
        self._paused_until = float("-inf")

    @property
    def limit(self) -> int:
        """How many requests may be inside now, from 1 to `most`."""
        return int(self._limit)

    @contextmanager
    def turn(self) -> Iterator[int]:
        """Wait for a turn and hold it; gives the number of cuts so far, which `overloaded` wants back."""
        cuts = self._enter()
        try:
            yield cuts
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify()

    def _enter(self) -> int:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopped.is_set() or self._inside < self.limit)
                left = self._paused_until - self.pace.clock()
                if left <= 0 and not self._stopped.is_set():
                    self._inside += 1
                    return self._cuts
            self.wait(left)

    def wait(self, seconds: float) -> None:
        """Let time pass without a turn. Raises StoppedError where the run is stopped."""
        if not self._stopped.is_set():
            (self.pace.sleep or self._stopped.wait)(seconds)
        if self._stopped.is_set():
            raise StoppedError

    def went_well(self) -> None:
        with self._changed:
            self._cuts_in_a_row = 0
            self._limit = min(self.most, self._limit + 1 / self._limit)
            self._changed.notify()

    def overloaded(self, cuts: int) -> int:
        """Halve the limit, once for all requests that were let in after the same number of cuts.

        Gives the number of cuts since a request last went well, from 1.
        """
        with self._changed:
            if cuts == self._cuts:
                self._cuts += 1
                self._cuts_in_a_row += 1
                self._limit = max(1.0, self._limit / 2)
            return max(1, self._cuts_in_a_row)

    def pause(self, seconds: float) -> None:
        """Let nothing in for so long, at most LONGEST_WAIT. A longer pause that already holds stays."""
        with self._changed:
            self._paused_until = max(self._paused_until, self.pace.clock() + min(seconds, LONGEST_WAIT))

    def open(self) -> None:
        self._stopped.clear()

    def stop(self) -> None:
        """Let nothing in any more; whatever waits for its turn raises StoppedError."""
        self._stopped.set()
        with self._changed:
            self._changed.notify_all()
