"""What the rest of a run will take, from what its first images took."""

from __future__ import annotations

import time
from collections.abc import Callable

from evaluators.journal import Answered
from evaluators.rows import tokens
from evaluators.run import Tokens
from evaluators.server.usage import Prices, Usage

ENOUGH = 3  # images: the first one often pays for warming up
WORTH_TELLING = 5.0  # seconds


class Estimate:
    """Watches a run: give it every image that was asked.

    `line()` tells what is to be expected once enough images are in, and only once; None before and after,
    and where the rest takes no time worth telling.
    """

    def __init__(
        self, left: int, prices: Prices | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._left, self._prices, self._clock = left, prices, clock
        self._start = clock()
        self._seen: list[Answered] = []
        self._told = False

    def add(self, answered: Answered) -> None:
        self._seen.append(answered)

    def line(self) -> str | None:
        """Such as `about 12 min for the other 480 images, 1,200,000 tokens in (79 % shared), 2,400 out`."""
        count = len(self._seen)
        if self._told or count < ENOUGH or count >= self._left:
            return None
        self._told = True
        rest = self._left - count
        seconds = (self._clock() - self._start) / count * rest
        if seconds < WORTH_TELLING:
            return None
        return ", ".join(
            [f"about {duration(seconds)} for the other {rest} images", *self._tokens(rest / count)]
        )

    def _tokens(self, times: float) -> list[str]:
        seen = tokens(self._seen)
        if not seen.prompt:
            return []
        rest = Tokens(*(round(number * times) for number in (seen.prompt, seen.shared, seen.written)))
        shared = f" ({rest.reuse_ratio:.0%} shared)" if rest.shared else ""
        told = [f"{rest.prompt:,} tokens in{shared}", f"{rest.written:,} out"]
        if self._prices is None:
            return told
        cost = self._prices.cost(Usage(rest.prompt, rest.shared, rest.written))
        return [*told, f"{cost:,.2f} at most by --price"]  # some charge less for the shared part


def duration(seconds: float) -> str:
    """`40 s`, `12 min`, `3.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def read_prices(text: str) -> Prices | None:
    """What `--price 2.5,10` says; None for "". ValueError tells the form."""
    if not text:
        return None
    try:
        prompt, written = (float(part) for part in text.split(","))
    except ValueError:
        raise ValueError(
            f"--price {text!r} is not two numbers such as 2.5,10 (a million tokens in, out)"
        ) from None
    return Prices(prompt, written)
