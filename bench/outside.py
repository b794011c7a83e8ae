"""What "nothing outside the region changed" means: two functions, used by the build and by `verify`."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray


def outside_sha256(picture: NDArray[np.uint8], allowed: NDArray[np.bool_]) -> str:
    """Digest of the pixels an edit was not allowed to touch.

    Args:
        picture: HxWx3 RGB.
        allowed: HxW, True where the edit may change pixels (the dilated region with its ring).

    Returns:
        sha256 hex of "HxW\\n", the packed bits of `allowed` in row order, and the RGB bytes of all
        other pixels in row order. Equal for two pictures exactly when they agree outside.
    """
    height, width = _checked(picture, allowed)
    digest = hashlib.sha256(f"{height}x{width}\n".encode())
    digest.update(np.packbits(allowed).tobytes())
    digest.update(picture[~allowed].tobytes())
    return digest.hexdigest()


def changed_outside(before: NDArray[np.uint8], after: NDArray[np.uint8], allowed: NDArray[np.bool_]) -> int:
    """The number of pixels that differ in any channel where `allowed` is False (shapes as above)."""
    _checked(before, allowed)
    _checked(after, allowed)
    return int(np.count_nonzero((before != after).any(axis=2) & ~allowed))


def _checked(picture: NDArray[np.uint8], allowed: NDArray[np.bool_]) -> tuple[int, int]:
    if picture.shape != (*allowed.shape, 3):
        raise ValueError(f"a picture of shape {picture.shape} does not fit a mask of shape {allowed.shape}")
    height, width = allowed.shape
    return height, width
