"""Outside the ring every pixel is bit-identical, whatever the mask, size or editor."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.outside import changed_outside, outside_sha256
from bench.region_check import bounding_box
from pipeline.colour_match import match_colour
from pipeline.region import (
    Canvas,
    composite,
    crop_around,
    cut,
    margin_px,
    ring_px,
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
    crop = crop_around(zone.allowed, context=0.5, canvases=(32, (64, 40)))
    edited = composite(original, 255 - cut(original, crop), crop, zone.alpha)
    assert changed_outside(original, edited, zone.allowed) == 0
    assert outside_sha256(original, zone.allowed) == outside_sha256(edited, zone.allowed)
    assert (edited[zone.core] == 255 - original[zone.core]).all()


@settings(max_examples=100, deadline=None)
@given(sizes, sizes, st.integers(0, 10**6))
def test_the_crop_holds_the_region_and_lies_in_the_image(height: int, width: int, seed: int) -> None:
    mask = blob(height, width, seed)
    crop = crop_around(mask, context=0.5, canvases=(32, (64, 40), (40, 64)))
    assert crop.x0 >= 0
    assert crop.y0 >= 0
    assert crop.x0 + crop.width <= width
    assert crop.y0 + crop.height <= height
    if mask.any():
        assert cut(mask, crop).sum() == mask.sum()


@settings(max_examples=150, deadline=None)
@given(sizes, sizes, st.integers(0, 10**6))
def test_matching_colours_touches_nothing_that_may_not_change(height: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    original, fill = rng.integers(0, 256, (2, height, width, 3), np.uint8)
    zone = zones(blob(height, width, seed))
    matched = match_colour(fill, original, core=zone.core, allowed=zone.allowed)
    assert (matched.shape, matched.dtype) == (fill.shape, np.uint8)
    assert (matched[~zone.allowed] == fill[~zone.allowed]).all()
    if not zone.allowed.any() or zone.core.all():  # no region, or a full-frame one: there is no ring
        assert (matched == fill).all()


@settings(max_examples=100, deadline=None)
@given(sizes, sizes, st.integers(0, 10**6))
def test_the_ring_lies_around_the_filled_region(height: int, width: int, seed: int) -> None:
    mask = blob(height, width, seed)
    zone = zones(mask)
    assert not (mask & ~zone.core).any()
    assert not (zone.core & ~zone.allowed).any()
    assert (zone.alpha[zone.core] == 1).all()
    assert ((zone.alpha > 0) == zone.allowed).all()


def ringed(tone: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A plain picture of a tone, and the core and allowed zones of a square in its middle."""
    mask = np.zeros((64, 64), bool)
    mask[24:40, 24:40] = True
    zone = zones(mask)
    return np.full((64, 64, 3), tone, np.uint8), zone.core, zone.allowed


def test_a_tone_shift_is_undone_as_the_ring_shows_it() -> None:
    original, core, allowed = ringed(120)
    fill = np.full_like(original, 132)
    fill[28:36, 28:36] = 200  # what was painted, 68 levels above its surroundings
    matched = match_colour(fill, original, core=core, allowed=allowed)
    assert (matched[20, 24] == 120).all()
    assert (matched[30, 30] == 188).all()
    assert (matched[0, 0] == 132).all()


def test_a_large_shift_is_clamped_and_a_tiny_ring_says_nothing() -> None:
    original, core, allowed = ringed(10)
    fill = np.full_like(original, 200)
    matched = match_colour(fill, original, core=core, allowed=allowed)
    assert (matched[allowed] == 176).all()  # 24 levels and no more
    speck = np.zeros((64, 64), bool)
    speck[30:32, 30:32] = True
    assert (match_colour(fill, original, core=core & speck, allowed=speck) == fill).all()


def test_margin_and_ring_grow_with_the_regions_size() -> None:
    assert [margin_px(side * side) for side in (10, 50, 100, 250, 1000)] == [2, 2, 4, 10, 12]
    assert [ring_px(side * side) for side in (10, 50, 100, 1000)] == [4, 6, 12, 24]


@pytest.mark.parametrize(
    ("box", "canvases", "canvas", "window"),
    [
        ((40, 40), (64, 96, 128), (96, 96), (96, 96)),  # 40 + 2 * 20 needs 80
        ((30, 8), (64, 128), (64, 64), (64, 64)),
        ((100, 100), (64, 128), (128, 128), (200, 200)),  # none holds it: the largest, shrunk
        ((110, 20), ((128, 128), (224, 96)), (224, 96), (303, 130)),  # wide things get a wide canvas
        ((20, 110), ((224, 96), (96, 224)), (96, 224), (130, 303)),
    ],
)
def test_the_canvas_that_shrinks_and_stretches_least_is_taken(
    box: tuple[int, int], canvases: tuple[int | Canvas, ...], canvas: Canvas, window: tuple[int, int]
) -> None:
    mask = np.zeros((600, 600), bool)
    mask[100 : 100 + box[1], 100 : 100 + box[0]] = True
    crop = crop_around(mask, context=0.5, canvases=canvases)
    assert crop.canvas == canvas
    assert (crop.width, crop.height) == window


def test_where_the_picture_is_smaller_than_the_window_the_least_stretched_canvas_is_taken() -> None:
    mask = np.zeros((90, 120), bool)
    mask[10:80, 10:110] = True
    crop = crop_around(mask, context=0.5, canvases=((128, 128), (128, 96), (96, 128)))
    assert crop.canvas == (128, 96)
    assert (crop.width, crop.height) == (120, 90)


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
