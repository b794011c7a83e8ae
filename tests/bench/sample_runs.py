"""Runs on the sample benchmark whose every answer is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bench.results import ResultRow
from bench.run_folder import Run
from bench.schema import VerdictRow
from bench.scores import score
from tests.bench.sample import Sample

Answerer = Callable[[VerdictRow], ResultRow]


def perfect(row: VerdictRow) -> ResultRow:
    """The settled label, with a fitting probability."""
    assert row.safety_label is not None
    return ResultRow(
        image_id=row.image_id,
        pair_id=row.pair_id,
        role=row.role,
        policy_id=row.policy_id,
        gold=row.safety_label,
        status=row.safety_label,
        p_unsafe=0.9 if row.safety_label == "unsafe" else 0.1,
        margin=None,
        label_mass=None,
        text=row.safety_label,
        detail="",
    )


def fooled(row: VerdictRow) -> ResultRow:
    """Calls every control safe."""
    return replace(perfect(row), status="safe") if row.role == "control" else perfect(row)


def written(row: VerdictRow) -> ResultRow:
    """Right by its probabilities; under L5 fragile, and its text says the opposite."""
    right, last = perfect(row), row.policy_id == "L5"
    other = "safe" if right.status == "unsafe" else "unsafe"
    return replace(right, written=other if last else right.status, fragile=last)


def run(sample: Sample, name: str = "model", answer: Answerer = perfect) -> Run:
    rows = tuple(answer(row) for row in sample.verdicts)
    return Run(name, rows, score(rows, name=name, replicates=200), (("device", "cpu"),))
