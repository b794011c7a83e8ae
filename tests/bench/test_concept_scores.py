"""Accuracy by concept, beside counting by hand."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from bench.concept_scores import by_concept
from bench.contents import PairContents, contents
from bench.dataset import load_benchmark
from bench.results import ResultRow
from bench.schema import LABELS, VerdictRow
from tests.bench.sample import sample
from tests.bench.sample_runs import fooled, perfect, run

PAIRS = {f"p{n:03d}": PairContents({}, names, "") for n, names in enumerate((("a",), ("a", "b"), ("c",)))}


def test_a_pair_is_told_by_its_original_in_words(tmp_path: Path) -> None:
    rows = sample()
    images = tuple(
        replace(
            row,
            concepts=() if row.pair_id == "p001" else ("slot_machine",),
            contexts=((),)[: row.pair_id != "p001"],
        )
        for row in rows.images
    )
    found = contents(load_benchmark(replace(rows, images=images).export(tmp_path)))
    assert (found["p000"].concepts, found["p000"].shows) == (("slot machine",), "slot machine")
    assert found["p001"].concepts == ("no concept named",)
    assert list(found["p000"].images) == ["original", "edited", "control"]
    again = contents(load_benchmark(rows.export(tmp_path / "plain")))
    assert again["p000"].shows == "firearm (toy or cartoon, news)"


def test_the_edited_picture_and_the_control_count_with_their_original() -> None:
    found = by_concept([run(sample()).rows, run(sample(), answer=fooled).rows], PAIRS, 9)
    told = {
        line.concept: (line.pairs, line.cases, *(one.value for one in line.figures)) for line in found.lines
    }
    assert told == {
        "a": (2, 30, 1.0, 22 / 30),  # two controls wrong under four policies
        "b": (1, 15, 1.0, 11 / 15),
        "c": (1, 10, 1.0, 1.0),
    }


def test_the_hardest_for_the_first_run_comes_first() -> None:
    def misses_the_last(row: VerdictRow) -> ResultRow:
        return replace(perfect(row), status="error") if row.pair_id == "p002" else perfect(row)

    runs = [run(sample(), answer=misses_the_last).rows, run(sample(), answer=fooled).rows]
    assert [line.concept for line in by_concept(runs, PAIRS, 9).lines] == ["c", "a", "b"]
    assert [line.concept for line in by_concept(runs[::-1], PAIRS, 9).lines] == ["a", "b", "c"]


def test_values_are_shares_of_labelled_cases_inside_their_intervals() -> None:
    draws = random.Random(3)
    rows = [
        replace(row, status=draws.choice(LABELS), gold=draws.choice([row.gold, row.gold, row.gold, None]))
        for row in run(sample(40)).rows
    ]
    names = {row.pair_id: ("even", "odd")[int(row.pair_id[1:]) % 2] for row in rows}
    pairs = {pair_id: PairContents({}, (name,), "") for pair_id, name in names.items()}
    for line in by_concept([rows], pairs, 9).lines:
        hits = [row.status == row.gold for row in rows if row.gold and names[row.pair_id] == line.concept]
        (found,) = line.figures
        assert (found.value, found.n) == (pytest.approx(sum(hits) / len(hits)), len(hits))
        assert found.low < found.value < found.high


def test_only_the_concepts_with_the_most_cases_are_told() -> None:
    found = by_concept([run(sample()).rows], PAIRS, 1)
    assert ([line.concept for line in found.lines], found.concepts) == (["a"], 3)


def test_a_run_that_was_asked_less_says_so() -> None:
    some = tuple(row for row in run(sample()).rows if row.pair_id == "p000")
    line = by_concept([run(sample()).rows, some], PAIRS, 1).lines[0]
    assert (line.cases, [one.n for one in line.figures]) == (30, [30, 15])
