"""Where a model's text and its label probabilities part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bench.results import ResultRow, Status
from bench.verdict import Reading


@dataclass(frozen=True, slots=True)
class Parting:
    """Cases in which the verdict from the probabilities is `status` and the text says `written`."""

    status: Status
    written: Reading
    cases: int


def partings(rows: Sequence[ResultRow]) -> tuple[Parting, ...]:
    """Every kind of disagreement among labelled cases read both ways, the most frequent first."""
    counts = Counter(
        (row.status, row.written)
        for row in rows
        if row.gold is not None and row.written is not None and row.written != row.status
    )
    kinds = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Parting(status, written, cases) for (status, written), cases in kinds)
