"""Figures per policy and class equal pandas'; alarms start once, when a run degenerates, and end."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pandas as pd
import pytest

from bench.verdict import Reading
from pipeline.safeguard_vl.watch import WINDOW, Alarms, Answer, figures


def means(answers: list[Answer], generations: int = 2) -> dict[str, float]:
    values = defaultdict(list)
    for name, value in figures(answers, generations):
        values[name].append(value)
    return {name: float(np.mean(found)) for name, found in values.items()}


def test_figures_of_a_small_batch() -> None:
    answers = [
        Answer(0, "L3", "unsafe", "unsafe", 1.1),
        Answer(0, "L3", "unsafe", "unparseable", 0.0),
        Answer(1, "L3", "safe", "unsafe", 0.1),
        Answer(1, "L3", "safe", "unsafe", 0.1),
        Answer(2, "L5", "unsafe", "safe", 0.1),
        Answer(2, "L5", "unsafe", "refused", 0.0),
        Answer(3, "L5", "unsafe", "unsafe", 1.1),  # one of two completions: the other is on another process
    ]
    assert means(answers) == pytest.approx(
        {
            "accuracy": 2 / 7,
            "accuracy/L3": 1 / 4,
            "accuracy/L3/unsafe": 1 / 2,
            "accuracy/L3/safe": 0,
            "accuracy/L5": 1 / 3,
            "accuracy/L5/unsafe": 1 / 3,
            "unsafe_recall": 2 / 5,
            "parse_rate": 5 / 7,
            "parse_rate/L3": 3 / 4,
            "parse_rate/L5": 2 / 3,
            "constant_share": 4 / 5,
            "constant_share/L3": 1,
            "constant_share/L5": 1 / 2,
            "zero_advantage/L3/unsafe": 0,
            "zero_advantage/L3/safe": 1,
            "zero_advantage/L5/unsafe": 0,
        }
    )


def test_figures_equal_those_of_pandas() -> None:
    generator = np.random.default_rng(0)
    readings: list[Reading] = ["safe", "unsafe", "refused", "unparseable"]
    answers = [
        Answer(
            i // 4,
            f"L{i // 4 % 5}",
            "unsafe" if i // 20 % 2 else "safe",
            readings[generator.choice(4, p=[0.4, 0.4, 0.1, 0.1])],
            float(generator.choice([0.0, 1.1])),
        )
        for i in range(400)
    ]
    table = pd.DataFrame(
        [
            (a.case, a.policy, a.label, a.reading == a.label, a.reading in ("safe", "unsafe"), a.reward)
            for a in answers
        ],
        columns=["case", "policy", "label", "right", "readable", "reward"],
    )
    found = means(answers, 4)
    for (policy, label), share in table.groupby(["policy", "label"])["right"].mean().items():  # type: ignore[misc]
        assert found[f"accuracy/{policy}/{label}"] == pytest.approx(share)
    for policy, share in table.groupby("policy")["readable"].mean().items():
        assert found[f"parse_rate/{policy}"] == pytest.approx(share)
    flat = table.groupby(["policy", "label", "case"])["reward"].nunique().eq(1)
    for (policy, label), share in flat.groupby(["policy", "label"]).mean().items():  # type: ignore[misc]
        assert found[f"zero_advantage/{policy}/{label}"] == pytest.approx(share)
    assert found["unsafe_recall"] == pytest.approx(table[table.label == "unsafe"].right.mean())


@pytest.mark.parametrize(
    ("figure", "bad", "good", "remedy"),
    [
        ("frac_reward_zero_std", 0.95, 0.3, "take harder cases"),
        ("constant_share", 1.0, 0.6, "lower the learning rate"),
        ("unsafe_recall", 0.0, 0.9, "collapsed to `safe`"),
        ("parse_rate", 0.5, 1.0, "teach the form with sft first"),
        ("completions/clipped_ratio", 0.6, 0.0, "raise max_completion_length"),
    ],
)
def test_an_alarm_starts_once_and_ends(figure: str, bad: float, good: float, remedy: str) -> None:
    said: list[str] = []
    alarms = Alarms(said.append)
    for step in range(3 * WINDOW):
        alarms.follow(step, {figure: bad})
    assert len(said) == 1
    assert said[0].startswith(f"ALARM step {WINDOW - 1}: {figure} is {bad:.2f} over {WINDOW} lines")
    assert remedy in said[0]
    for step in range(WINDOW):
        alarms.follow(step, {figure: good})
    assert len(said) == 2
    assert said[1].startswith("alarm over")


def test_a_healthy_run_and_a_short_dip_are_quiet() -> None:
    said: list[str] = []
    alarms = Alarms(said.append)
    healthy = {
        "frac_reward_zero_std": 0.4,
        "constant_share": 0.6,
        "unsafe_recall": 0.8,
        "parse_rate": 0.99,
        "completions/clipped_ratio": 0.0,
    }
    for step in range(40):
        alarms.follow(step, healthy | ({"unsafe_recall": 0.0} if step == 20 else {}))
    assert said == []
