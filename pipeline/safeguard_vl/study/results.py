"""What the arms that are measured have come to, read from their folders."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.results import read_results
from bench.run_folder import RESULTS
from bench.stats import REPLICATES, Bootstrap
from pipeline.safeguard_vl.general import KINDS, Kind
from pipeline.safeguard_vl.study.arms import Method
from pipeline.safeguard_vl.study.figures import Sampled, by_policy, sampled, unreadable
from pipeline.safeguard_vl.study.run import ABILITY, BASE, FIVE, HELD_OUT, Study


@dataclass(frozen=True, slots=True)
class Result:
    """One way of tuning on some policies, over the seeds that are there. `method` None is the base.

    `own` is the headline over the benchmark's policies, `by_policy` its parts, `held_out` the macro-F1 under
    policies nobody wrote; `ability` the share of right answers to questions that are no policy, by kind, and
    `general` that of all kinds together; `unread` the share of verdicts nobody could read.
    """

    method: Method | None
    policies: tuple[str, ...]
    own: Sampled
    by_policy: tuple[float, ...]
    held_out: Sampled
    general: Sampled
    ability: dict[Kind, float]
    unread: float


def results(study: Study, *, replicates: int = REPLICATES) -> list[Result]:
    """The base, then every way of tuning of which at least one seed is measured.

    Raises ValueError where not even the base is.
    """
    if not _measured(study.out / BASE):
        raise ValueError(f"{study.out} holds no measured base; run `safeeditbench train study` first")
    ways: dict[tuple[Method | None, tuple[str, ...]], list[Path]] = {(None, ()): [study.out / BASE]}
    for arm in study.arms():
        if _measured(study.out / arm.name):
            ways.setdefault((arm.method, arm.policies), []).append(study.out / arm.name)
    return [_result(*way, folders, replicates) for way, folders in ways.items()]


def _measured(folder: Path) -> bool:
    return (folder / ABILITY).exists()  # the last that is asked


def _result(
    method: Method | None, policies: tuple[str, ...], folders: Sequence[Path], replicates: int
) -> Result:
    own, held_out = (
        [read_results(folder / asked / RESULTS) for folder in folders] for asked in (FIVE, HELD_OUT)
    )
    right = np.stack([_ability(folder) for folder in folders], axis=1)
    return Result(
        method,
        policies,
        own=sampled(own, "headline", replicates=replicates),
        by_policy=by_policy(own),
        held_out=sampled(held_out, "macro-F1", replicates=replicates),
        general=_general(right, replicates),
        ability={kind: float(right[..., i].mean()) for i, kind in enumerate(KINDS)},
        unread=unreadable([*own, *held_out]),
    )


def _ability(folder: Path) -> NDArray[np.float64]:
    """Right answers of one model, (scenes, kinds)."""
    told = json.loads((folder / ABILITY).read_text(encoding="utf-8"))
    return np.array([told[kind] for kind in KINDS], dtype=np.float64).T


def _general(right: NDArray[np.float64], replicates: int) -> Sampled:
    """The mean of right answers (scenes, seeds, kinds), drawn over scenes."""
    (sums,) = Bootstrap(len(right), replicates).sums([right])
    seeds = right.mean(axis=(0, 2))
    return Sampled(tuple(map(float, seeds)), sums.mean(axis=(1, 2)) / len(right), len(right))
