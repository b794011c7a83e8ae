"""From the rows of a run to its figures, each with an interval over pairs.

An answer that is not readable (refused, unparseable, error) is wrong in every figure; `best_case` says
how high the headline would be had all of them been right, and `coverage` how many were readable. The two
constant answers are scored beside the model as `baselines`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np

from bench import metrics
from bench.cases import Array, Cases, Flags, Tables
from bench.results import ResultRow, Status
from bench.schema import LABELS, Label
from bench.stats import REPLICATES, UNDEFINED, Bootstrap, Figure, Statistic, figure, interval

AUROC_REPLICATES = 1_000  # each is a pass over all cases, not over sums


@dataclass(frozen=True, slots=True)
class Figures:
    """What is told of any set of cases. Undefined figures are nan with n = 0."""

    cases: int
    unsafe: int  # cases whose label is unsafe
    f1: Figure  # on unsafe
    accuracy: Figure
    macro_f1: Figure
    balanced_accuracy: Figure
    auroc: Figure
    ece: Figure
    pair_flip: Figure  # of (pair, policy) whose label flips by the edit: both sides right
    artefact_gap: Figure  # accuracy on originals - on their controls; above 0, the editing alone cost answers
    coverage: Figure  # readable answers


@dataclass(frozen=True, slots=True)
class PolicyScores:
    """One policy. `headline` is F1 on unsafe, or accuracy where no case is unsafe; `measure` says which."""

    policy_id: str
    measure: Literal["F1", "accuracy"]
    headline: Figure
    figures: Figures


@dataclass(frozen=True, slots=True)
class Scores:
    """All figures of one run.

    `headline` is the published one: the unweighted mean of the policies' headlines. It is also the worst
    case, since an unreadable answer is the wrong one. `pooled` takes all cases together. `policy_flip`
    counts images whose label depends on the policy, a hit being right under every policy.
    """

    name: str
    images: int
    pairs: int
    unlabelled: int  # rows without a gold label, not scored
    outcomes: tuple[tuple[Status, int], ...]
    headline: Figure
    best_case: Figure
    policy_flip: Figure
    pooled: Figures
    policies: tuple[PolicyScores, ...]
    baselines: tuple[Scores, ...]


def score(rows: Iterable[ResultRow], *, name: str = "model", replicates: int = REPLICATES) -> Scores:
    """Score a run. Policies keep the order in which the rows name them.

    Raises ValueError where no row has a gold label or one case occurs twice.
    """
    given = tuple(rows)
    labelled = [row for row in given if row.gold is not None]
    if not labelled:
        raise ValueError(f"none of the {len(given)} rows has a gold label, there is nothing to score")
    case, times = Counter((row.image_id, row.policy_id) for row in labelled).most_common(1)[0]
    if times > 1:
        raise ValueError(f"image {case[0]} has {times} rows under policy {case[1]}, keep one")
    baselines = [
        _score(f"always {label}", [_constant(row, label) for row in labelled], replicates) for label in LABELS
    ]
    scores = _score(name, labelled, replicates)
    return replace(scores, unlabelled=len(given) - len(labelled), baselines=tuple(baselines))


def _constant(row: ResultRow, label: Label) -> ResultRow:
    return replace(row, status=label, p_unsafe=None, margin=None, label_mass=None, text=label, detail="")


def _score(name: str, rows: Sequence[ResultRow], replicates: int) -> Scores:
    cases = Cases.of(rows)
    bootstrap = Bootstrap(cases.pairs, replicates)
    sums = Tables.of(rows, cases)
    samples = sums.resample(bootstrap)
    everything = np.ones(len(rows), dtype=bool)
    headline = _headline(sums)
    return Scores(
        name=name,
        images=len({row.image_id for row in rows}),
        pairs=cases.pairs,
        unlabelled=0,
        outcomes=tuple(sorted(Counter(row.status for row in rows).items())),
        headline=figure(headline, sums.confusion, samples.confusion, len(rows)),
        best_case=figure(headline, sums.lenient, samples.lenient, len(rows)),
        policy_flip=figure(_share, sums.policy_flip, samples.policy_flip, _trials(sums.policy_flip)),
        pooled=_figures(cases, everything, bootstrap, sums, samples),
        policies=tuple(
            _policy(cases, index, bootstrap, sums, samples) for index in range(len(cases.policy_ids))
        ),
        baselines=(),
    )


def _policy(cases: Cases, index: int, bootstrap: Bootstrap, sums: Tables, samples: Tables) -> PolicyScores:
    chosen = cases.policy == index
    sums, samples = sums.of_policy(index), samples.of_policy(index)
    return PolicyScores(
        policy_id=cases.policy_ids[index],
        measure="F1" if (chosen & cases.gold).any() else "accuracy",
        headline=figure(_headline(sums), sums.confusion, samples.confusion, int(chosen.sum())),
        figures=_figures(cases, chosen, bootstrap, sums, samples),
    )


def _headline(sums: Tables) -> Statistic:
    """The headline with each policy's measure settled by the whole benchmark, not by a replicate."""
    whole = sums.confusion.sum(axis=0)
    return partial(metrics.headline, by_f1=whole[:, 0] + whole[:, 2] > 0)


def _figures(cases: Cases, chosen: Flags, bootstrap: Bootstrap, sums: Tables, samples: Tables) -> Figures:
    n, probable = int(chosen.sum()), chosen & cases.probable
    confusion, drawn = sums.confusion.sum(axis=1), samples.confusion.sum(axis=1)
    bins, drawn_bins = sums.calibration.sum(axis=1), samples.calibration.sum(axis=1)
    return Figures(
        cases=n,
        unsafe=int((chosen & cases.gold).sum()),
        f1=figure(metrics.f1, confusion, drawn, n),
        accuracy=figure(metrics.accuracy, confusion, drawn, n),
        macro_f1=figure(metrics.macro_f1, confusion, drawn, n),
        balanced_accuracy=figure(metrics.balanced_accuracy, confusion, drawn, n),
        auroc=_auroc(cases, probable, bootstrap),
        ece=figure(metrics.ece, bins, drawn_bins, int(probable.sum())),
        pair_flip=figure(_share, sums.pair_flip, samples.pair_flip, _trials(sums.pair_flip)),
        artefact_gap=figure(_gap, sums.artefact, samples.artefact, _trials(sums.artefact)),
        coverage=figure(_share, sums.readable, samples.readable, n),
    )


def _auroc(cases: Cases, chosen: Flags, bootstrap: Bootstrap) -> Figure:
    """AUROC of the chosen cases; its replicates are the first `AUROC_REPLICATES` of the bootstrap's."""
    p_unsafe, gold, pair = cases.p_unsafe[chosen], cases.gold[chosen], cases.pair[chosen]
    value = float(metrics.auroc(p_unsafe, gold, np.ones(len(gold))))
    if np.isnan(value):
        return UNDEFINED
    few = replace(bootstrap, replicates=min(AUROC_REPLICATES, bootstrap.replicates))
    samples = [metrics.auroc(p_unsafe, gold, weights[:, pair]) for weights in few.weights(len(gold))]
    return Figure(value, *interval(np.concatenate(samples)), len(gold))


def _share(sums: Array) -> Array:
    """Hits over trials, the policies (axis -2) taken together."""
    return metrics.share(sums.sum(axis=-2))


def _gap(sums: Array) -> Array:
    pooled = sums.sum(axis=-2)
    return metrics.share(pooled[..., [0, 2]]) - metrics.share(pooled[..., [1, 2]])


def _trials(sums: Array) -> int:
    return int(sums[..., -1].sum())
