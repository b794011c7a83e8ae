"""How often the intervals of simulated runs hold the truth."""

from __future__ import annotations

import numpy as np

from bench import metrics
from bench.counts import Tables, gap, headline_of, resample, share
from bench.stats import Bootstrap, interval
from tests.bench.simulated import simulate, truth


def coverage(pairs: int, runs: int, replicates: int, seed: int = 0) -> dict[str, float]:
    """The share of `runs` simulated runs whose 95 % interval holds the truth, a figure each."""
    rng, expected = np.random.default_rng(seed), truth()
    held = dict.fromkeys(expected, 0)
    for _ in range(runs):
        for name, (low, high) in intervals(pairs, rng, replicates).items():
            held[name] += low <= expected[name] <= high
    return {name: count / runs for name, count in held.items()}


def intervals(pairs: int, rng: np.random.Generator, replicates: int) -> dict[str, tuple[float, float]]:
    sums = Tables.of(simulate(pairs, rng))
    (drawn,) = resample([sums], Bootstrap(pairs, replicates))
    wins, drawn_wins = sums.pooled_wins.sum(axis=(0, 1)), drawn.pooled_wins.sum(axis=1)
    return {
        "headline": interval(headline_of(sums)(drawn.confusion)),
        "macro-F1": interval(metrics.macro_f1(drawn.confusion.sum(axis=1))),
        "pair flip": interval(share(drawn.pair_flip)),
        "artefact gap": interval(gap(drawn.artefact)),
        "AUROC": interval(metrics.auroc(drawn_wins, wins)),
    }
