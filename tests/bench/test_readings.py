"""Where text and probabilities part."""

from __future__ import annotations

from dataclasses import replace

from bench.readings import Parting, partings
from tests.bench.sample import sample
from tests.bench.sample_runs import run, written


def test_every_kind_of_disagreement_is_counted_the_most_frequent_first() -> None:
    rows = list(run(sample(), answer=written).rows)  # under L5: 5 pictures unsafe, 3 edited ones safe
    rows[0] = replace(rows[0], written="refused")
    assert partings(rows) == (
        Parting("unsafe", "safe", 5),
        Parting("safe", "unsafe", 3),
        Parting("safe", "refused", 1),
    )


def test_what_was_read_one_way_or_has_no_label_does_not_count() -> None:
    assert partings(run(sample()).rows) == ()
    assert partings([replace(row, gold=None) for row in run(sample(), answer=written).rows]) == ()
