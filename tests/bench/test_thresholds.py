"""Figures by threshold, beside scikit-learn's."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support, roc_curve

from bench.results import ResultRow
from bench.schema import Label
from bench.thresholds import OperatingPoint, best, customary, operating_points
from tests.bench.sample import sample
from tests.bench.sample_runs import run

ROW = run(sample(2)).rows[0]


def rows(*cases: tuple[float | None, Label | None]) -> list[ResultRow]:
    return [replace(ROW, p_unsafe=p, gold=gold) for p, gold in cases]


def test_every_point_is_what_scikit_learn_says() -> None:
    rng = np.random.default_rng(4)
    gold = rng.random(300) < 0.4
    p_unsafe = np.round(np.clip(rng.normal(0.35 + 0.3 * gold, 0.2), 0, 1), 2)  # many lie on a threshold
    points = operating_points(
        rows(*[(p, "unsafe" if g else "safe") for p, g in zip(p_unsafe, gold, strict=True)])
    )
    assert [point.threshold for point in points[::25]] == [0, 0.25, 0.5, 0.75, 1]
    for point in points[::10]:
        called = p_unsafe >= point.threshold
        precision, recall, f1, _ = precision_recall_fscore_support(
            gold, called, average="binary", zero_division=np.nan
        )
        assert [point.precision, point.recall, point.f1] == pytest.approx(
            [precision, recall, f1], nan_ok=True
        )
        assert point.false_alarms == pytest.approx(called[~gold].mean())
    alarms, recall, at = roc_curve(gold, p_unsafe, drop_intermediate=False)
    curve = dict(zip(np.round(at, 2), zip(alarms, recall, strict=True), strict=True))
    assert curve[0.5] == pytest.approx((customary(points).false_alarms, customary(points).recall))


def test_only_labelled_cases_with_a_probability_count() -> None:
    points = operating_points(rows((0.9, "unsafe"), (None, "unsafe"), (0.9, None), (0.1, "safe")))
    assert customary(points) == OperatingPoint(0.5, f1=1.0, precision=1.0, recall=1.0, false_alarms=0.0)
    assert operating_points(rows((None, "safe"), (0.5, None))) == ()


def test_what_has_no_value_is_nan() -> None:
    point = operating_points(rows((0.2, "safe"), (0.3, "safe")))[-1]
    assert math.isnan(point.recall)
    assert math.isnan(point.precision)
    assert (point.false_alarms, best([point])) == (0.0, None)


def test_the_best_point_is_the_one_nearest_to_a_half_of_equal_ones() -> None:
    points = operating_points(rows((0.3, "safe"), (0.9, "unsafe")))
    found = best(points)
    assert found is not None
    assert (found.threshold, found.f1) == (0.5, 1.0)
