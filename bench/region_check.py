"""Whether the regions of an original are what its mask says."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from bench.schema import RegionRow


def region_problems(where: str, rows: Sequence[RegionRow], inside: NDArray[np.bool_]) -> Iterator[str]:
    """What is wrong with the regions of one original whose mask (HxW) is `inside`: each must be named, lie
    in its box and cover its share, and together they must be the mask, to the pixel."""
    if not rows:
        yield f"{where}: no row in the regions table"
        return
    union = np.zeros_like(inside)
    for row in rows:
        try:
            mask = _decode(row.mask, inside.shape)
        except (ValueError, UnidentifiedImageError, OSError) as error:
            yield f"{where}: region {row.number}: {error}"
            continue
        union |= mask
        box = bounding_box(mask)
        if (row.box, row.area_share) != (box, float(mask.mean())):
            yield f"{where}: region {row.number}: its box or area is not that of its mask, {box}"
    if differing := int(np.count_nonzero(union != inside)):
        yield f"{where}: its regions together differ from its mask in {differing} pixels"


def _decode(data: bytes, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    with Image.open(io.BytesIO(data)) as picture:
        levels = np.asarray(picture)
    if levels.shape != shape or not np.isin(levels, (0, 255)).all():
        raise ValueError(f"its mask must be {shape} with levels 0 and 255 only, it is {levels.shape}")
    mask: NDArray[np.bool_] = levels == 255
    return mask


def bounding_box(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1 (exclusive) of the True pixels; all zero for an empty mask."""
    if not mask.any():
        return 0, 0, 0, 0
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
