"""Which pairs are held back, and what is promised of them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.holdout import commitment, held_back

ALONE = {f"p{number:02d}": number for number in range(20)}


def test_the_share_is_met_where_pairs_stand_alone() -> None:
    assert len(held_back(ALONE, 0.3, seed=0)) == 6
    assert len(held_back(ALONE, 0.05, seed=0)) == 1


def test_the_seed_draws_the_pairs() -> None:
    assert held_back(ALONE, 0.3, seed=1) == held_back(ALONE, 0.3, seed=1)
    assert held_back(ALONE, 0.3, seed=1) != held_back(ALONE, 0.3, seed=2)


@given(st.lists(st.integers(0, 12), min_size=2, max_size=60), st.floats(0.05, 0.95), st.integers(0, 99))
def test_a_cluster_is_never_torn_apart(labels: list[int], share: float, seed: int) -> None:
    clusters = {f"p{number}": label for number, label in enumerate(labels)}
    try:
        held = held_back(clusters, share, seed)
    except ValueError:
        return
    assert {clusters[pair] for pair in held}.isdisjoint(clusters[pair] for pair in set(clusters) - held)
    assert 0 < len(held) < len(clusters)


def test_what_cannot_be_split_is_told() -> None:
    with pytest.raises(ValueError, match="2 pairs in 1 clusters of near-duplicates cannot be split"):
        held_back({"a": 0, "b": 0}, 0.5, seed=0)
    with pytest.raises(ValueError, match="--share 1 is not between 0 and 1"):
        held_back(ALONE, 1, seed=0)


def test_the_promise_is_of_nonce_and_every_listed_byte(tmp_path: Path) -> None:
    (tmp_path / "SHA256SUMS").write_text("sums\n")
    assert commitment(tmp_path, "abc") == hashlib.sha256(b"abc\nsums\n").hexdigest()
    assert commitment(tmp_path, "abd") != commitment(tmp_path, "abc")
