"""Agreement coefficients as functions of sums over images, so that one matrix product bootstraps them all.

Each coefficient is a table (images, ...) and a formula that takes the table's sum over images, with any
leading axes: `alpha(alpha_table(codes).sum(axis=0))`. A formula gives nan where it is not defined.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from annotation.ballot import Codes, Floats, label_counts


def alpha_table(codes: Codes) -> Floats:
    """Images with two votes or more x (pairs that differ, safe, unsafe)."""
    counts = label_counts(codes, at_least=2)
    size = counts.sum(axis=1)
    apart = (size**2 - (counts**2).sum(axis=1)) / (size - 1)
    return np.concatenate([apart[:, None], counts], axis=1)


def alpha(sums: Floats) -> Floats:
    """Krippendorff's nominal alpha: 1 - observed / expected disagreement; nan where all votes are equal.

    Krippendorff, Content Analysis (2004), chapter 11; an image of m votes has its pairs weighted by
    1 / (m - 1).
    """
    apart, values = sums[..., 0], sums[..., 1:]
    total = values.sum(axis=-1)
    return 1 - _ratio((total - 1) * apart, total**2 - (values**2).sum(axis=-1))


def fleiss_table(codes: Codes) -> Floats:
    """Images x (share of equal pairs, safe, unsafe, 1), for images with the commonest number of votes.

    Fleiss' kappa wants equally many votes on every image. Of two numbers as common, the larger counts;
    an image with fewer than two votes never does.
    """
    counts = label_counts(codes, at_least=2)
    size = counts.sum(axis=1)
    numbers, times = np.unique(size, return_counts=True)
    commonest = numbers[len(times) - 1 - np.argmax(times[::-1])] if len(numbers) else 0.0
    kept = counts[size == commonest]
    return np.concatenate([_equal_pairs(kept)[:, None], kept, np.ones((len(kept), 1))], axis=1)


def fleiss(sums: Floats) -> Floats:
    """Fleiss' kappa (Psychological Bulletin 76, 1971); nan where all votes are equal."""
    equal, values, images = sums[..., 0], sums[..., 1:3], sums[..., 3]
    by_chance = (_ratio(values, values.sum(axis=-1, keepdims=True)) ** 2).sum(axis=-1)
    return _beyond_chance(_ratio(equal, images), by_chance)


def raw_table(codes: Codes) -> Floats:
    """Images with two votes or more x (share of equal pairs, 1)."""
    equal = _equal_pairs(label_counts(codes, at_least=2))
    return np.stack([equal, np.ones_like(equal)], axis=1)


def raw(sums: Floats) -> Floats:
    """The chance that two raters of one image said the same, the mean over images."""
    return _ratio(sums[..., 0], sums[..., 1])


def cohen_table(codes: Codes, pairs: Sequence[tuple[int, int]]) -> Floats:
    """Images x pairs of raters x (first's label) x (second's label): 1 where both voted so."""
    hits = np.stack([codes == value for value in range(2)], axis=-1).astype(np.float64)  # raters x images x 2
    first, second = ([pair[side] for pair in pairs] for side in (0, 1))
    table: Floats = hits[first][..., :, None] * hits[second][..., None, :]
    return table.swapaxes(0, 1)


def cohen(sums: Floats) -> Floats:
    """Cohen's kappa of each pair from its (..., 2, 2) table (Educational and Psychological Measurement 20,
    1960); nan where the two share no image or both always gave one and the same label."""
    shares = _ratio(sums, sums.sum(axis=(-2, -1), keepdims=True))
    by_chance = (shares.sum(axis=-1) * shares.sum(axis=-2)).sum(axis=-1)
    return _beyond_chance(np.trace(shares, axis1=-2, axis2=-1), by_chance)


def _equal_pairs(counts: Floats) -> Floats:
    size = counts.sum(axis=1)
    equal: Floats = (counts * (counts - 1)).sum(axis=1) / (size * (size - 1))
    return equal


def _beyond_chance(observed: Floats, by_chance: Floats) -> Floats:
    return _ratio(observed - by_chance, 1 - by_chance)


def _ratio(part: Floats, whole: Floats) -> Floats:
    """`part / whole`, nan where `whole` is 0 (or so near that rounding made it)."""
    wide = np.broadcast_to(whole, np.shape(part))
    ratio: Floats = np.full(np.shape(part), np.nan)
    np.divide(part, wide, out=ratio, where=np.abs(wide) > 1e-12)
    return ratio
