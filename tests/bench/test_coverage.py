"""95 % intervals hold the truth of simulated pairs in 93 to 97 % of runs, from 10 pairs on."""

from __future__ import annotations

import pytest

from tests.bench.coverage import coverage


@pytest.mark.slow
@pytest.mark.parametrize("pairs", [10, 80])
def test_every_interval_holds_the_truth_as_often_as_it_says(pairs: int) -> None:
    found = coverage(pairs, runs=1500, replicates=1000)
    assert set(found) == {"headline", "macro-F1", "pair flip", "artefact gap", "AUROC"}
    assert all(0.93 <= share <= 0.97 for share in found.values()), found
