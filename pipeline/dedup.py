"""Near-duplicates by perceptual hash: clusters, and splits that no cluster straddles."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def cluster(hashes: Sequence[str], bits: int) -> list[int]:
    """Cluster number of each 64-bit hash (16 hex): connected components of "at most `bits` bits apart".

    All pairs, in blocks: 20,000 hashes take seconds, so no index structure is needed.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    values = np.array([int(one, 16) for one in hashes], dtype=np.uint64)
    near = [
        (rows + start, columns)
        for start in range(0, len(values), 1024)
        for rows, columns in [np.nonzero(_distances(values[start : start + 1024], values) <= bits)]
    ]
    rows = np.concatenate([pair[0] for pair in near]) if near else np.zeros(0, int)
    columns = np.concatenate([pair[1] for pair in near]) if near else np.zeros(0, int)
    graph = coo_array((np.ones(len(rows), bool), (rows, columns)), shape=(len(values), len(values)))
    return [int(label) for label in connected_components(graph, directed=False)[1]]


def _distances(block: NDArray[np.uint64], values: NDArray[np.uint64]) -> NDArray[np.int64]:
    different = block[:, None] ^ values[None, :]
    bits = np.unpackbits(different.view(np.uint8).reshape(*different.shape, 8), axis=2)
    distances: NDArray[np.int64] = bits.sum(axis=2, dtype=np.int64)
    return distances


def split_of(name: str, splits: Sequence[tuple[str, float]]) -> str:
    """The split a cluster, named by its smallest member, falls into: by hash, so adding images moves none."""
    point = int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) / 2**32 * sum(share for _, share in splits)
    for split, share in splits:
        point -= share
        if point < 0:
            return split
    return splits[-1][0]
