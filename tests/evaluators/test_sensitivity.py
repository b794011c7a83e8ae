"""Runs in other words beside the first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from evaluators.questions import Choice
from evaluators.runner import evaluate
from evaluators.sensitivity import Variant, spread, variants
from tests.evaluators.stand_in import MemoryBenchmark, Scripted


def test_one_wording_is_one_run() -> None:
    choice = Choice(limit=4)
    assert variants(choice, "0", None) == (Variant("wording-0", choice),)
    assert variants(choice, "2", None) == (Variant("wording-2", Choice(limit=4, wording=2)),)


def test_comparing_makes_a_run_a_variant_with_the_unaltered_one_first() -> None:
    assert variants(Choice(), "all", 7) == (
        Variant("wording-0", Choice()),
        Variant("wording-1", Choice(wording=1)),
        Variant("wording-2", Choice(wording=2)),
        Variant("rules-7", Choice(rule_order=7)),
    )
    assert [variant.name for variant in variants(Choice(), "1", 0)] == ["wording-1", "rules-0"]


def test_the_share_of_changed_verdicts_is_counted_against_the_first(tmp_path: Path) -> None:
    rows = evaluate(Scripted(), MemoryBenchmark(), tmp_path).rows
    turned = (*(replace(row, status="safe") for row in rows[:3]), *rows[3:])
    first, second = spread([("wording-0", rows), ("wording-1", turned)])
    assert (first.changed, second.changed) == (0.0, 0.1)
    assert first.headline.value > second.headline.value  # L2 and L3 of an unsafe original are missed now
