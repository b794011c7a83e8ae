"""Two runs side by side: on answers counted by hand, then where chance must and must not be found."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from bench.compare import compare
from bench.results import ResultRow, Status
from bench.schema import Label, Role
from bench.scores import score


def row(pair: str, role: Role, policy: str, gold: Label | None, status: Status) -> ResultRow:
    return ResultRow(f"{pair}-{role}", pair, role, policy, gold, status, None, None, None, "", "")


def answers(*said: Status) -> list[ResultRow]:
    """A pair under L1, which allows all, and L2, under which the edit takes out what is forbidden."""
    golds: tuple[Label, ...] = ("safe", "unsafe", "safe", "safe")
    cells = product(("original", "edited"), ("L1", "L2"))
    return [
        row("a", role, policy, gold, status)
        for (role, policy), gold, status in zip(cells, golds, said, strict=True)
    ]


A = answers("safe", "unsafe", "safe", "safe")
B = answers("safe", "safe", "refused", "safe")


def test_differences_are_those_of_the_scores() -> None:
    found, a, b = compare(A, B), score(A), score(B)
    for name in ("accuracy", "macro_f1", "pair_flip", "artefact_gap"):
        difference = getattr(found, name)
        assert repr(difference.a) == repr(getattr(a.pooled, name))  # nan equals nan there
        assert repr(difference.b) == repr(getattr(b.pooled, name))
    assert (found.headline.a, found.headline.b) == (a.headline, b.headline)
    assert found.headline.difference.value == pytest.approx(1.0 - (0.5 + 0.0) / 2)
    assert found.pair_flip.difference.value == 1.0
    assert math.isnan(found.artefact_gap.difference.value)  # no control
    assert math.isnan(found.artefact_gap.p)


def test_discordant_cases_are_counted_and_named() -> None:
    found = compare(A, B)
    assert (found.cases, found.pairs) == (4, 1)
    assert (found.discordance.only_a, found.discordance.only_b) == (2, 0)
    assert [(p.policy_id, p.discordance.only_a, p.discordance.only_b) for p in found.policies] == [
        ("L1", 1, 0),
        ("L2", 1, 0),
    ]
    assert [(d.image_id, d.policy_id, d.gold, d.a, d.b, d.right) for d in found.disagreements] == [
        ("a-original", "L2", "unsafe", "unsafe", "safe", "a"),
        ("a-edited", "L1", "safe", "safe", "refused", "a"),
    ]


def test_two_wrong_answers_are_no_disagreement() -> None:
    found = compare(
        answers("unsafe", "safe", "error", "unsafe"), answers("refused", "error", "unsafe", "error")
    )
    assert found.disagreements == ()
    assert found.discordance.p == found.discordance.mcnemar == 1.0


def test_cases_of_one_run_alone_are_named_and_not_compared() -> None:
    more = row("z", "original", "L1", "safe", "safe")
    found = compare([*A, more], B[:3])
    assert found.only_in_a == (("a-edited", "L2"), ("z-original", "L1"))
    assert found.only_in_b == ()
    assert found.cases == 3


def test_the_order_of_rows_does_not_matter() -> None:
    found, turned = compare(A, B), compare(A, B[::-1])
    assert repr(found) == repr(turned)


def test_another_label_is_another_benchmark() -> None:
    other = [replace(B[0], gold="unsafe"), *B[1:]]
    with pytest.raises(ValueError, match=r"under policy L1 is safe \(.*\) in old and unsafe \(.*\) in new"):
        compare(A, other, names=("old", "new"))
    with pytest.raises(ValueError, match=r"\(original of pair a\) in A and safe \(original of pair b\) in B"):
        compare(A, [replace(B[0], pair_id="b"), *B[1:]])
    with pytest.raises(ValueError, match=r"is safe \(.*\) in A and unlabelled \(.*\) in B"):
        compare(A, [replace(B[0], gold=None), *B[1:]])


def test_runs_without_a_case_in_common_are_refused() -> None:
    with pytest.raises(ValueError, match="A and B share no labelled case"):
        compare(A, [row("z", "original", "L1", "safe", "safe")])
    with pytest.raises(ValueError, match="keep one"):
        compare([*A, A[0]], B)


def random_runs(seed: int, better: float, pairs: int = 120) -> tuple[list[ResultRow], list[ResultRow]]:
    """Two runs right in 70 % of pairs' cases, A in `better` more; in a pair all policies go together."""
    rng = np.random.default_rng(seed)
    runs: tuple[list[ResultRow], list[ResultRow]] = ([], [])
    for pair, role in product(range(pairs), ("original", "edited")):
        gold: Label = "unsafe" if role == "original" else "safe"
        wrong: Label = "safe" if gold == "unsafe" else "unsafe"
        luck = rng.random(2)
        for run, draw, rate in zip(runs, luck, (0.7 + better, 0.7), strict=True):
            said = gold if draw < rate else wrong
            run.extend(row(f"p{pair}", role, policy, gold, said) for policy in ("L1", "L2", "L3"))
    return runs


def test_a_real_difference_is_found() -> None:
    found = compare(*random_runs(0, better=0.2))
    assert found.headline.difference.low > 0
    assert max(found.headline.p, found.discordance.p, *(p.p_holm for p in found.policies)) < 0.05
    assert found.accuracy.difference.value > found.discordance.detectable


def test_of_equal_runs_few_differ() -> None:
    """McNemar over three like answers an image finds far more than the pairs do."""
    found = [compare(*random_runs(seed, better=0.0), replicates=400) for seed in range(60)]
    assert sum(c.discordance.p < 0.05 for c in found) <= 6
    assert sum(c.accuracy.p < 0.05 for c in found) <= 6
    assert sum(c.discordance.mcnemar < 0.05 for c in found) > 9


def test_holm_adjusts_over_the_policies() -> None:
    found = compare(*random_runs(0, better=0.1))
    for policy in found.policies:  # all three have the same answers and so the same p
        assert policy.p_holm == pytest.approx(min(1.0, 3 * policy.discordance.p))
        assert policy.mcnemar_holm == pytest.approx(min(1.0, 3 * policy.discordance.mcnemar))


def test_a_paired_difference_is_surer_than_the_scores() -> None:
    """Two runs that err on the same pairs, but for a few."""
    a, _ = random_runs(3, better=0.0)
    b = [replace(r, status="refused") if i % 40 == 0 else r for i, r in enumerate(a)]
    found = compare(a, b)
    width = found.accuracy.difference.high - found.accuracy.difference.low
    assert width < (found.accuracy.a.high - found.accuracy.a.low) / 2
