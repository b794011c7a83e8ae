"""Order and groups of the leaderboard, and the points of the reliability diagram."""

from __future__ import annotations

from dataclasses import replace

from bench.schema import Label
from bench.scores import Scores, score
from bench.standings import Point, measures, reliability, standings
from bench.stats import Figure
from tests.bench.sample import sample
from tests.bench.sample_runs import run


def scored(name: str, value: float, low: float, high: float) -> Scores:
    return replace(run(sample(2)).scores, name=name, headline=Figure(value, low, high, 25))


def test_runs_are_ranked_and_grouped_by_overlap_with_the_first_of_a_group() -> None:
    runs = [scored("c", 0.5, 0.4, 0.55), scored("a", 0.8, 0.7, 0.9), scored("b", 0.7, 0.5, 0.75)]
    lines = standings(runs)
    assert [(line.scores.name, line.group) for line in lines] == [
        ("a", 1),
        ("b", 1),
        ("c", 2),
        ("always safe", None),
        ("always unsafe", None),
    ]


def test_policies_keep_the_set_s_order_and_those_it_lacks_come_last() -> None:
    whole = run(sample(2))
    some = [row for row in whole.rows if row.policy_id in ("L1", "L3")]
    other = [replace(row, policy_id="H7") for row in whole.rows if row.policy_id == "L2"]
    board = standings([score(some, name="a", replicates=50), score(other, name="b", replicates=50)])
    assert measures(board, ["L3", "L1", "L1", "L9"]) == {"L3": "F1", "L1": "accuracy", "H7": "F1"}
    assert {line.scores.name: list(line.by_policy) for line in board[:2]} == {"a": ["L1", "L3"], "b": ["H7"]}


def test_reliability_points_are_means_of_ten_bins() -> None:
    row = run(sample(2)).rows[0]
    cases: tuple[tuple[float | None, Label | None], ...] = (
        (0.0, "safe"),
        (0.0625, "unsafe"),
        (1.0, "unsafe"),
        (None, "safe"),
        (0.5, None),
    )
    points = reliability([replace(row, p_unsafe=p, gold=gold) for p, gold in cases])
    assert points == (Point(0.03125, 0.5, 2), Point(1.0, 1.0, 1))
    assert reliability([replace(row, p_unsafe=None)]) == ()
