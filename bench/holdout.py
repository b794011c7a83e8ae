"""Which pairs of a benchmark are held back, and the promise that is published of them.

Held-back pairs stay private, so no model can have been trained on them. That they were fixed beforehand is
shown later: what is published is sha256(nonce, newline, SHA256SUMS), which says nothing of the pairs, and
which only the very same folder with the same nonce gives again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from bench.layout import SUMS


def held_back(clusters: Mapping[str, int], share: float, seed: int) -> frozenset[str]:
    """The pair ids to hold back: whole clusters, drawn by hash, until `share` of the pairs is reached.

    `clusters` gives the near-duplicate cluster of each pair id. A cluster that would lead further above the
    share than it now lies below is passed over.
    Raises ValueError where `share` is not inside (0, 1), or one of the parts would be empty.
    """
    if not 0 < share < 1:
        raise ValueError(f"--share {share} is not between 0 and 1, such as 0.3 for three pairs in ten")
    members: dict[int, list[str]] = {}
    for pair_id in sorted(clusters):
        members.setdefault(clusters[pair_id], []).append(pair_id)
    left, chosen = share * len(clusters), set[str]()
    for group in sorted(members.values(), key=lambda group: _draw(seed, group[0])):
        if abs(left - len(group)) < abs(left):
            left -= len(group)
            chosen.update(group)
    if not chosen or len(chosen) == len(clusters):
        raise ValueError(
            f"{len(clusters)} pairs in {len(members)} clusters of near-duplicates cannot be split so that "
            f"{share:.0%} are held back; take another --share"
        )
    return frozenset(chosen)


def _draw(seed: int, pair_id: str) -> bytes:
    return hashlib.sha256(f"hold-out {seed} {pair_id}".encode()).digest()


def commitment(benchmark: Path, nonce: str) -> str:
    """The promise made of a benchmark folder: it covers every byte that its SHA256SUMS lists."""
    return hashlib.sha256(f"{nonce}\n".encode() + (benchmark / SUMS).read_bytes()).hexdigest()
