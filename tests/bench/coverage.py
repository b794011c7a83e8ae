"""How often the intervals of simulated runs hold the truth."""

from __future__ import annotations

from functools import partial

import numpy as np

from bench import metrics
from bench.counts import Tables, gap, headline_of, pooled, resample, share
from bench.stats import Bootstrap, Figure, figure
from tests.bench.simulated import simulate, truth


def coverage(pairs: int, runs: int, replicates: int, seed: int = 0) -> dict[str, float]:
    """The share of `runs` simulated runs whose 95 % interval holds the truth, a figure each."""
    rng, expected = np.random.default_rng(seed), truth()
    held = dict.fromkeys(expected, 0)
    for _ in range(runs):
        for name, found in figures(pairs, rng, replicates).items():
            held[name] += found.low <= expected[name] <= found.high
    return {name: count / runs for name, count in held.items()}


def figures(pairs: int, rng: np.random.Generator, replicates: int) -> dict[str, Figure]:
    """Of one simulated run."""
    sums = Tables.of(simulate(pairs, rng))
    (drawn,) = resample([sums], Bootstrap(pairs, replicates))
    auroc = partial(metrics.auroc, whole=sums.pooled_wins.sum(axis=(0, 1)))
    return {
        "headline": figure(headline_of(sums), sums.confusion, drawn.confusion, pairs),
        "macro-F1": figure(pooled(metrics.macro_f1), sums.confusion, drawn.confusion, pairs),
        "pair flip": figure(share, sums.pair_flip, drawn.pair_flip, pairs),
        "artefact gap": figure(gap, sums.artefact, drawn.artefact, pairs),
        "AUROC": figure(pooled(auroc), sums.pooled_wins, drawn.pooled_wins, pairs),
    }
