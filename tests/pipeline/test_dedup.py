"""Near-duplicates share a cluster, and a cluster shares a split."""

from __future__ import annotations

from pipeline.dedup import cluster, split_of


def test_hashes_within_four_bits_are_one_cluster_by_chain() -> None:
    hashes = ["0000000000000000", "000000000000000f", "00000000000000ff", "ffff000000000000"]
    first, second, third, fourth = cluster(hashes, bits=4)
    assert first == second == third  # the first and third are eight bits apart, but the second links them
    assert fourth != first


def test_no_hash_gives_no_cluster() -> None:
    assert cluster([], bits=4) == []


def test_splits_follow_their_shares_and_never_move() -> None:
    splits = (("train", 3.0), ("test", 1.0))
    placed = [split_of(f"{number:016x}", splits) for number in range(4000)]
    assert 0.23 < placed.count("test") / 4000 < 0.27
    assert split_of("0000000000000007", splits) == split_of("0000000000000007", splits)
    assert {split_of(f"{number}", (("test", 1.0),)) for number in range(50)} == {"test"}
