"""Rows of a finished run asked again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from bench.policy import Policy
from evaluators.base import Outcome
from evaluators.replay import replay
from evaluators.runner import evaluate
from tests.evaluators.stand_in import MemoryBenchmark, Scripted
from tests.evaluators.test_audit import Sharing
from tests.evaluators.test_shards import ByContent


@dataclass(slots=True)
class Drifted(Sharing):
    """A model that has become another without telling."""

    margin: float = 1.0

    def judge(self, images: Sequence[Image.Image], policies: Sequence[Policy]) -> list[list[Outcome]]:
        status = "unsafe" if self.margin > 0 else "safe"
        return [[Outcome(status, margin=self.margin) for _ in policies] for _ in images]  # type: ignore[arg-type]


def test_the_same_model_gives_the_same_answers(tmp_path: Path) -> None:
    evaluate(ByContent(), MemoryBenchmark(), tmp_path)
    guardrail = ByContent()
    found = replay(guardrail, MemoryBenchmark(), tmp_path, rows=4, seed=1)
    assert (found.rows, found.changed, found.largest_difference) == (4, (), 0.0)
    assert guardrail.asked <= 4  # each image once


def test_a_drift_is_measured_and_a_turned_verdict_told(tmp_path: Path) -> None:
    evaluate(Sharing(), MemoryBenchmark(), tmp_path)
    near = replay(Drifted(margin=1.25), MemoryBenchmark(), tmp_path, rows=10)
    assert (near.rows, near.turned, near.largest_difference) == (10, (), 0.25)
    far = replay(Drifted(margin=-1.0), MemoryBenchmark(), tmp_path, rows=99)
    assert (far.rows, len(far.turned), far.largest_difference) == (30, 30, 2.0)


def test_a_fragile_verdict_may_turn(tmp_path: Path) -> None:
    evaluate(Sharing(tolerance=1.5), MemoryBenchmark(), tmp_path)
    found = replay(Drifted(margin=-0.2), MemoryBenchmark(), tmp_path, rows=5)
    assert (len(found.changed), found.turned) == (5, ())


@pytest.mark.parametrize(
    ("guardrail", "told"),
    [
        (Scripted(identity={"weights": "w2"}), "guardrail.weights was w1, is w2"),
        (Scripted(identity={}), "guardrail.weights was w1, is absent"),
    ],
)
def test_another_model_is_refused(tmp_path: Path, guardrail: Scripted, told: str) -> None:
    evaluate(Scripted(), MemoryBenchmark(), tmp_path)
    with pytest.raises(ValueError, match=rf"a run of something else \({told}\); give the model and options"):
        replay(guardrail, MemoryBenchmark(), tmp_path, rows=1)
    assert guardrail.asked == 0


def test_a_run_that_is_not_through_cannot_be_replayed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no run"):
        replay(Scripted(), MemoryBenchmark(), tmp_path, rows=1)
