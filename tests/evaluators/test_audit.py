"""A run asks some of its images again with nothing shared, and does not pass where that changes answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image

from bench.policy import Policy
from evaluators.audit import Audited, AuditError, chosen, compare
from evaluators.base import Audit, Outcome
from evaluators.journal import Answered
from evaluators.questions import plan
from evaluators.run import load_run
from evaluators.runner import ask, evaluate
from evaluators.shards import Shard
from tests.evaluators.stand_in import MemoryBenchmark

TOLERANCE = 0.01


@dataclass(slots=True)
class Sharing:
    """Gives margin 1 to everything, and alone `off` more."""

    off: float = 0.0
    alone: int = 0
    tolerance: float = TOLERANCE
    images_at_once: int = 1
    name: str = "sharing"
    device: str = "none"
    identity: Mapping[str, str] = field(default_factory=lambda: {"weights": "w1"})
    notes: Mapping[str, str | float] = field(default_factory=dict)

    @property
    def audit(self) -> Audit:
        return Audit(self._alone, self.tolerance)

    def judge(self, images: Sequence[Image.Image], policies: Sequence[Policy]) -> list[list[Outcome]]:
        return [[Outcome("unsafe", margin=1.0) for _ in policies] for _ in images]

    def _alone(self, image: Image.Image, policy: Policy) -> Outcome:
        self.alone += 1
        return Outcome("unsafe", margin=1.0 + self.off)


def audits(out: Path) -> list[str]:
    return [json.loads(line)["image_id"] for line in (out / "audit.jsonl").read_text().splitlines()]


def test_three_images_are_asked_alone_and_the_record_says_what_came(tmp_path: Path) -> None:
    guardrail = Sharing(off=0.004)
    info = evaluate(guardrail, MemoryBenchmark(), tmp_path).info
    assert info.audit == Audited(3, 15, pytest.approx(0.004), 0, 0, TOLERANCE)
    assert guardrail.alone == 15
    assert load_run(tmp_path).info == info


def test_the_same_images_whatever_the_order() -> None:
    questions = plan(MemoryBenchmark(pairs=20)).questions
    first = [question.image_id for question in chosen(questions, 3)]
    assert [question.image_id for question in chosen(questions[::-1], 3)] == first
    assert len(set(first)) == 3
    assert chosen(questions, 0) == []
    assert len(chosen(questions, 99)) == 40


def test_none_are_asked_where_none_are_wanted_or_nothing_is_shared(tmp_path: Path) -> None:
    guardrail = Sharing()
    assert evaluate(guardrail, MemoryBenchmark(), tmp_path, audited=0).info.audit is None
    assert guardrail.alone == 0


def test_a_run_that_goes_on_does_not_repeat_them(tmp_path: Path) -> None:
    evaluate(Sharing(), MemoryBenchmark(), tmp_path, audited=1)
    first = audits(tmp_path)
    again = Sharing()
    assert evaluate(again, MemoryBenchmark(), tmp_path, audited=3).info.audit == Audited(
        3, 15, 0.0, 0, 0, TOLERANCE
    )
    assert again.alone == 10
    assert audits(tmp_path)[:1] == first


def test_shards_audit_each_their_part(tmp_path: Path) -> None:
    benchmark, guardrails = MemoryBenchmark(), [Sharing(), Sharing()]
    for number, guardrail in enumerate(guardrails, start=1):
        ask(guardrail, benchmark, tmp_path, plan(benchmark), shard=Shard(number, 2))
    assert [guardrail.alone for guardrail in guardrails] == [10, 5]
    idle = Sharing()
    assert evaluate(idle, benchmark, tmp_path).info.audit == Audited(3, 15, 0.0, 0, 0, TOLERANCE)
    assert idle.alone == 0


def test_a_run_above_the_tolerance_fails_and_keeps_its_rows(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match=r"15 of 15 audited cases .* 0\.02 nats off, 0\.01 allowed.*none"):
        evaluate(Sharing(off=0.02), MemoryBenchmark(), tmp_path)
    kept = load_run(tmp_path)
    assert len(kept.rows) == 30
    assert kept.info.audit == Audited(3, 15, pytest.approx(0.02), 0, 15, TOLERANCE)
    with pytest.raises(AuditError):  # and again, without asking
        evaluate(Sharing(off=0.02), MemoryBenchmark(), tmp_path)


@pytest.mark.parametrize(
    ("shared", "alone", "flips", "beyond"),
    [
        (Outcome("safe", margin=-0.004), Outcome("unsafe", margin=0.004), 1, 0),  # noise turned it
        (Outcome("safe", margin=-0.1), Outcome("unsafe", margin=0.1), 1, 1),
        (Outcome("safe", text="safe"), Outcome("unsafe", text="unsafe"), 1, 1),  # no margin excuses it
        (Outcome("safe", text="safe"), Outcome("unparseable", text="sa"), 0, 1),
        (Outcome("safe", text="safe"), Outcome("safe", text="Safe."), 0, 0),
    ],
)
def test_what_counts_as_noise(shared: Outcome, alone: Outcome, flips: int, beyond: int) -> None:
    found = compare(
        {"i": Answered("i", ("L1",), (shared,), 0.0)}, {"i": Answered("i", ("L1",), (alone,), 0.0)}, TOLERANCE
    )
    assert found is not None
    assert (found.flips, found.beyond) == (flips, beyond)


def test_what_could_not_be_asked_says_nothing() -> None:
    error, fine = Outcome("error", detail="OutOfMemoryError"), Outcome("safe", margin=-2.0)
    shared = {"i": Answered("i", ("L1", "L2"), (error, fine), 0.0)}
    alone = {"i": Answered("i", ("L1", "L2"), (fine, fine), 0.0)}
    assert compare(shared, alone, TOLERANCE) == Audited(1, 1, 0.0, 0, 0, TOLERANCE)
    assert compare(shared, {}, TOLERANCE) is None


def test_verdicts_within_the_noise_are_fragile(tmp_path: Path) -> None:
    result = evaluate(Sharing(tolerance=1.5), MemoryBenchmark(), tmp_path)
    assert all(row.fragile for row in result.rows)
    assert (result.info.fragile, result.info.noise) == (30, 1.5)
