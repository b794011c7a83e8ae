"""Controls are edited where the picture is harmless, in a place like the real one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.region_check import bounding_box
from pipeline.images import Mask, Pixels
from pipeline.region import parts, zones
from pipeline.sham import sham_mask


def box(y0: int, x0: int, y1: int, x1: int, size: int = 128) -> Mask:
    mask = np.zeros((size, size), bool)
    mask[y0:y1, x0:x1] = True
    return mask


def plain(size: int = 128) -> Pixels:
    return np.full((size, size, 3), 120, np.uint8)


@settings(max_examples=60, deadline=None)
@given(st.integers(24, 90), st.integers(24, 90), st.integers(0, 10**6))
def test_a_sham_never_meets_the_region_nor_leaves_the_picture(height: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    mask = np.zeros((height, width), bool)
    for _ in range(rng.integers(1, 3)):
        y, x = rng.integers(0, height - 4), rng.integers(0, width - 4)
        mask[y : y + rng.integers(4, height // 3), x : x + rng.integers(4, width // 3)] = True
    pixels = rng.integers(0, 256, (height, width, 3), np.uint8)
    sham = sham_mask(mask, pixels, seed)
    if sham is None:
        return
    assert sham.shape == mask.shape
    assert not (zones(sham).allowed & zones(mask).allowed).any()
    assert 0.45 * mask.sum() - 32 <= sham.sum() <= mask.sum()
    assert (sham_mask(mask, pixels, seed) == sham).all()


def test_a_sham_has_the_regions_size_and_is_near_it() -> None:
    mask = box(40, 50, 70, 70)
    sham = sham_mask(mask, plain(), seed=1)
    assert sham is not None
    assert sham.sum() == mask.sum()
    x0, y0, _, _ = bounding_box(sham)
    assert np.hypot(x0 - 50, y0 - 40) < 60


def test_two_parts_get_two_shams_that_do_not_touch() -> None:
    mask = box(10, 10, 30, 30) | box(90, 90, 110, 110)
    sham = sham_mask(mask, plain(), seed=1)
    assert sham is not None
    assert len(parts(zones(sham).allowed)) == 2
    assert sham.sum() == 800


def test_a_region_at_a_border_gets_a_sham_at_a_border() -> None:
    sham = sham_mask(box(100, 40, 128, 60), plain(), seed=1)
    assert sham is not None
    assert bounding_box(sham)[3] == 128


@pytest.mark.parametrize("rough_left", [True, False])
def test_of_two_places_the_one_with_the_regions_texture_is_taken(rough_left: bool) -> None:
    pixels = plain()
    noise = np.random.default_rng(0).integers(0, 256, (128, 128, 3), np.uint8)
    rough = np.zeros((128, 128), bool)
    rough[:64] = True  # around the region
    rough[64:, :64] = rough_left
    rough[64:, 64:] = not rough_left
    mask = box(12, 50, 40, 78)
    blocked = mask | box(0, 0, 64, 30) | box(0, 98, 64, 128)  # the rough half has no other place
    pixels[rough] = noise[rough]
    sham = sham_mask(blocked, pixels, seed=1)
    if sham is None:
        sham = sham_mask(mask, pixels, seed=1)
    assert sham is not None
    x0, y0, x1, y1 = bounding_box(sham)
    assert rough[y0:y1, x0:x1].mean() > 0.5


def test_no_sham_where_there_is_no_room() -> None:
    assert sham_mask(box(8, 8, 56, 56, size=64), plain(64), seed=1) is None
