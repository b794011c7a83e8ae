"""Tokens, retries and money: what a run cost its server."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Usage:
    """The tokens of one reply; of `tokens_in`, `tokens_cached` came out of the server's prefix cache."""

    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0

    def split(self, parts: int) -> list[Usage]:
        """The share of each of `parts` cases in one request; the sums stay the same."""
        counts = (self.tokens_in, self.tokens_cached, self.tokens_out)
        return [Usage(*((count + part) // parts for count in counts)) for part in range(parts)]


@dataclass(frozen=True, slots=True)
class Prices:
    """What a million tokens cost, in the currency of your bill."""

    per_million_in: float
    per_million_out: float

    def cost(self, usage: Usage) -> float:
        return (usage.tokens_in * self.per_million_in + usage.tokens_out * self.per_million_out) / 1e6


def read_usage(reply: Json) -> Usage:
    """The usage in a reply of the chat or the decision form; 0 for what the server does not tell."""
    usage = _mapping(reply.get("usage"))
    details = _mapping(usage.get("prompt_tokens_details", usage.get("input_tokens_details")))
    return Usage(
        _count(usage.get("prompt_tokens", usage.get("input_tokens"))),
        _count(details.get("cached_tokens")),
        _count(usage.get("completion_tokens", usage.get("output_tokens"))),
    )


def _mapping(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


class Tally:
    """The sums over all requests to one server."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answered = 0
        self._retries = 0
        self._total = Usage()

    @property
    def answered(self) -> int:
        return self._answered

    def add(self, usage: Usage) -> None:
        with self._lock:
            total = self._total
            self._answered += 1
            self._total = Usage(
                total.tokens_in + usage.tokens_in,
                total.tokens_cached + usage.tokens_cached,
                total.tokens_out + usage.tokens_out,
            )

    def add_retry(self) -> None:
        with self._lock:
            self._retries += 1

    def notes(self, prices: Prices | None) -> dict[str, str | float]:
        """For the run's record. `cost` is without the discount that some give on cached tokens."""
        total = self._total
        notes: dict[str, str | float] = {
            "requests": self._answered,
            "retries": self._retries,
            "tokens_in": total.tokens_in,
            "tokens_cached": total.tokens_cached,
            "tokens_out": total.tokens_out,
            "cached_share": round(total.tokens_cached / total.tokens_in, 4) if total.tokens_in else 0.0,
        }
        return notes if prices is None else {**notes, "cost": round(prices.cost(total), 6)}
