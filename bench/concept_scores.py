"""Accuracy by what a pair is about: which violations a model recognises, and lets go once they are gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bench.cases import Array, Indices, numbered
from bench.contents import PairContents
from bench.counts import share, trials
from bench.results import ResultRow
from bench.stats import Bootstrap, Figure, figure

REPLICATES = 2_000  # of a breakdown: its ends are read to a percent


@dataclass(frozen=True, slots=True)
class ConceptLine:
    """A concept: the pairs whose original shows it, and each run's accuracy on all pictures of those pairs.

    A figure's n counts cases. The edited picture counts with what was taken out of it.
    """

    concept: str
    pairs: int
    figures: tuple[Figure, ...]

    @property
    def cases(self) -> int:
        """The cases of the run that has the most."""
        return max(one.n for one in self.figures)


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The lines that are told, and how many concepts have a labelled case."""

    lines: tuple[ConceptLine, ...]
    concepts: int


def by_concept(
    runs: Sequence[Sequence[ResultRow]], pairs: Mapping[str, PairContents], limit: int
) -> Breakdown:
    """A line for each of the `limit` concepts with the most cases, the hardest for the first run first.

    A pair that shows several concepts counts under each. Every run is drawn with the same pairs.
    """
    pair_ids, pair = numbered([row.pair_id for rows in runs for row in rows])
    parts = np.split(pair, np.cumsum([len(rows) for rows in runs])[:-1])
    hits = np.stack([_hits(rows, at, len(pair_ids)) for rows, at in zip(runs, parts, strict=True)], axis=1)
    about: dict[str, list[int]] = {}
    for index, pair_id in enumerate(pair_ids):
        for concept in pairs[pair_id].concepts:
            about.setdefault(concept, []).append(index)
    cases = {concept: hits[at, :, 1].sum() for concept, at in about.items()}
    known = [concept for concept, count in cases.items() if count]
    told = sorted(known, key=lambda concept: (-cases[concept], concept))[:limit]
    counts = np.zeros((len(pair_ids), len(told), len(runs), 2))
    for place, concept in enumerate(told):
        counts[about[concept], place] = hits[about[concept]]
    (samples,) = Bootstrap(len(pair_ids), REPLICATES).sums([counts])
    lines = [_line(concept, counts[:, at], samples[:, at]) for at, concept in enumerate(told)]
    return Breakdown(tuple(sorted(lines, key=_hardest)), len(known))


def _hits(rows: Sequence[ResultRow], pair: Indices, pairs: int) -> Array:
    """Right answers and labelled cases of each pair: (pairs, 2)."""
    table = np.zeros((pairs, 2))
    scored = [(row.gold is not None and row.status == row.gold, row.gold is not None) for row in rows]
    np.add.at(table, pair, np.array(scored, dtype=np.float64))
    return table


def _line(concept: str, counts: Array, samples: Array) -> ConceptLine:
    """From right answers and cases (pairs, runs, 2), and their sums (replicates, runs, 2)."""
    runs = [(counts[:, [run]], samples[:, [run]]) for run in range(counts.shape[1])]
    return ConceptLine(
        concept,
        pairs=int(counts[..., 1].any(axis=1).sum()),
        figures=tuple(figure(share, table, sums, trials(table)) for table, sums in runs),
    )


def _hardest(line: ConceptLine) -> tuple[float, str]:
    first = line.figures[0]
    return (first.value if first.n else 2.0, line.concept)
