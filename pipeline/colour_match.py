"""Bring a fill to the tone of what it is blended into, where an editor's decoder has shifted it.

Mean and deviation of each channel are compared inside the ring, the one place where fill and picture show
the same surroundings, and the fill is moved by the difference (Reinhard et al., Color transfer between
images, 2001, here in RGB). Only pixels that may change are touched.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .images import Mask, Pixels

ENOUGH = 32  # ring pixels; with fewer, statistics say nothing
GAIN = 1.25  # the contrast may change by no more than this factor
SHIFT = 24.0  # nor the mean by more than this many of 255 levels


def match_colour(fill: Pixels, original: Pixels, *, core: Mask, allowed: Mask) -> Pixels:
    """`fill` (HxWx3) with its allowed pixels moved to the tone that `original` has in the ring.

    The ring is `allowed` without `core`. Where it is too small to tell, `fill` comes back as it is.
    """
    ring = allowed & ~core
    if np.count_nonzero(ring) < ENOUGH:
        return fill
    gain, shift = _difference(fill[ring].astype(np.float64), original[ring].astype(np.float64))
    matched = np.rint(fill[allowed] * gain + shift).clip(0, 255).astype(np.uint8)
    result = fill.copy()
    result[allowed] = matched
    return result


def _difference(
    ours: NDArray[np.float64], theirs: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gain and shift by channel, for two Nx3 sets of ring pixels."""
    mean, wanted = ours.mean(axis=0), theirs.mean(axis=0)
    gain = np.clip((theirs.std(axis=0) + 1) / (ours.std(axis=0) + 1), 1 / GAIN, GAIN)
    return gain, mean + np.clip(wanted - mean, -SHIFT, SHIFT) - gain * mean
