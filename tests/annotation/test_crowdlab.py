"""CROWDLAB through cleanlab: a model's probabilities beside the votes."""

from __future__ import annotations

import numpy as np
import pytest

from annotation.consensus import Item, majority, settle
from annotation.crowdlab import crowdlab, probabilities
from annotation.errors import AnnotationError
from bench.policy import load_policies
from bench.results import ResultRow
from tests.annotation.samples import vote
from tests.annotation.vote_samples import Rates, simulated_codes, votes_of

pytest.importorskip("cleanlab")
L3 = load_policies()[2]


def test_a_good_model_settles_what_hasty_raters_cannot() -> None:
    codes, truth = simulated_codes(0, 400, 0.4, [Rates(0.25, 0.3)] * 3)
    noise = np.random.default_rng(1).normal(0, 0.8, 400)
    chance = 1 / (1 + np.exp(-(3 * (2 * truth - 1) + noise)))
    model = {(f"i{n:04d}", "L3"): float(p) for n, p in enumerate(chance)}
    items = [Item(f"i{n:04d}", "p", "original") for n in range(400)]
    labels = [
        [
            row.safety_label == "unsafe"
            for row in settle(votes_of(codes, L3), items, [L3], method=method, min_posterior=0.5)
        ]
        for method in (majority, crowdlab(model))
    ]
    by_majority, by_crowdlab = (float((np.array(found) == (truth == 1)).mean()) for found in labels)
    assert by_crowdlab > by_majority + 0.05


def test_posteriors_follow_model_and_votes() -> None:
    votes = [vote(f"i{n}", rater, "safe", digest=L3.digest) for n in range(8) for rater in ("r-a", "r-b")]
    votes += [vote("i8", "r-a", "safe", digest=L3.digest), vote("i8", "r-b", "unsafe", digest=L3.digest)]
    model = {(f"i{n}", "L3"): 0.1 for n in range(9)}
    rows = settle(
        votes, [Item("i0", "p", "original"), Item("i8", "p", "edited")], [L3], method=crowdlab(model)
    )
    assert [row.safety_label for row in rows] == ["safe", "safe"]
    assert (rows[0].posterior or 0) > (rows[1].posterior or 0)


def test_what_it_cannot_do_it_says() -> None:
    votes = [vote("i1", "r-a", "safe", digest=L3.digest), vote("i1", "r-b", "safe", digest=L3.digest)]
    items = [Item("i1", "p", "original")]
    with pytest.raises(AnnotationError, match="no probability for 1 images with votes under L3, such as i1"):
        settle(votes, items, [L3], method=crowdlab({}))
    with pytest.raises(AnnotationError, match="no image has two votes under L3"):
        settle(votes[:1], items, [L3], method=crowdlab({("i1", "L3"): 0.2}))
    assert settle([], items, [L3], method=crowdlab({}))[0].reason == "nobody was asked"


def test_probabilities_of_a_run_leave_out_cases_without_one() -> None:
    rows = [
        ResultRow("i1", "p", "original", "L3", "safe", "safe", 0.2, None, None, "", ""),
        ResultRow("i2", "p", "edited", "L3", "safe", "refused", None, None, None, "", ""),
    ]
    assert probabilities(rows) == {("i1", "L3"): 0.2}
