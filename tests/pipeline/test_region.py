"""Outside the ring every pixel is bit-identical, whatever the mask, size or editor."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.outside import changed_outside, outside_sha256
from pipeline.region import (
    bounding_box,
    composite,
    crop_around,
    cut,
    ring_px,
    sham_mask,
    zones,
)

sizes = st.integers(16, 90)


def blob(height: int, width: int, seed: int) -> np.ndarray:
    """A few random rectangles, which may touch the borders, overlap, fill everything or be absent."""
    rng = np.random.default_rng(seed)
    mask = np.zeros((height, width), bool)
    for _ in range(rng.integers(0, 4)):
        y, x = rng.integers(0, height), rng.integers(0, width)
        mask[y : y + rng.integers(1, height + 1), x : x + rng.integers(1, width + 1)] = True
    return mask


@settings(max_examples=150, deadline=None)
@given(sizes, sizes, st.integers(0, 10**6))
def test_nothing_changes_outside_the_ring(height: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    original = rng.integers(0, 256, (height, width, 3), np.uint8)
    mask = blob(height, width, seed)
    zone = zones(mask)
    crop = crop_around(zone.allowed, context=0.5, canvases=(32, 64))
    edited = composite(original, 255 - cut(original, crop), crop, zone.alpha)
    assert changed_outside(original, edited, zone.allowed) == 0
    assert outside_sha256(original, zone.allowed) == outside_sha256(edited, zone.allowed)
    assert (edited[zone.core] == 255 - original[zone.core]).all()


@settings(max_examples=100, deadline=None)
@given(sizes, sizes, st.integers(0, 10**6))
def test_the_crop_holds_the_region_and_lies_in_the_image(height: int, width: int, seed: int) -> None:
    mask = blob(height, width, seed)
    crop = crop_around(mask, context=0.5, canvases=(32, 64))
    assert crop.x0 >= 0
    assert crop.y0 >= 0
    assert crop.x0 + crop.width <= width
    assert crop.y0 + crop.height <= height
    if mask.any():
        assert cut(mask, crop).sum() == mask.sum()


def test_a_single_changed_pixel_outside_is_seen() -> None:
    original = np.zeros((20, 20, 3), np.uint8)
    edited = original.copy()
    edited[0, 0, 2] = 1
    allowed = np.zeros((20, 20), bool)
    assert changed_outside(original, edited, allowed) == 1
    assert outside_sha256(original, allowed) != outside_sha256(edited, allowed)


def test_zones_of_a_square_with_a_hole() -> None:
    mask = np.zeros((64, 64), bool)
    mask[20:40, 20:40] = True
    mask[28:32, 28:32] = False
    zone = zones(mask)
    assert zone.core[30, 30]  # the hole is filled
    assert zone.ring_px == ring_px(400) == 4
    assert zone.alpha[30, 18] == 1.0  # two pixels of margin
    assert 0 < zone.alpha[30, 16] < 1
    assert zone.alpha[30, 12] == 0
    assert bounding_box(zone.allowed) == (14, 14, 46, 46)


def test_an_empty_mask_allows_no_change() -> None:
    zone = zones(np.zeros((16, 16), bool))
    assert not zone.allowed.any()
    assert zone.ring_px == 0


def test_a_sham_has_the_same_size_and_stays_clear_of_the_violation() -> None:
    mask = np.zeros((128, 128), bool)
    mask[40:70, 50:70] = True
    sham = sham_mask(mask, seed=1)
    assert sham is not None
    assert sham.sum() == mask.sum()
    assert not (zones(sham).allowed & zones(mask).allowed).any()
    assert (sham_mask(mask, seed=1) == sham).all()


def test_two_parts_get_two_shams_that_do_not_touch() -> None:
    mask = np.zeros((128, 128), bool)
    mask[10:30, 10:30] = True
    mask[90:110, 90:110] = True
    sham = sham_mask(mask, seed=1)
    assert sham is not None
    assert sham.sum() == 800
    assert not (zones(sham).allowed & zones(mask).allowed).any()


def test_no_sham_where_there_is_no_room() -> None:
    mask = np.zeros((64, 64), bool)
    mask[8:56, 8:56] = True
    assert sham_mask(mask, seed=1) is None
