"""A border that stands out scores above 1, one that does not stands at 1."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.images import Mask, Pixels
from pipeline.region import composite, crop_around, zones
from pipeline.seam import FLOOR, seam

HEIGHT = WIDTH = 64


def disc(y: int = 32, x: int = 32, radius: float = 9.0) -> Mask:
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    return np.asarray(np.hypot(rows - y, columns - x) <= radius)


def noise(seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(110, 131, (HEIGHT, WIDTH, 3), np.uint8)


def blended(picture: Pixels, fill: Pixels, mask: Mask) -> Pixels:
    crop = crop_around(mask, context=10, canvases=(64,))
    return composite(picture, fill, crop, zones(mask).alpha)


def test_a_picture_without_any_border_has_no_seam() -> None:
    zone = zones(disc())
    assert seam(np.full((HEIGHT, WIDTH, 3), 120, np.uint8), zone.allowed, zone.ring_px) == 1.0
    assert seam(noise(), zone.allowed, zone.ring_px) == pytest.approx(1.0, abs=0.25)


def test_a_shift_of_tone_is_seen_through_its_soft_blend() -> None:
    """12 levels across a ring of 4 pixels: less than the noise of any single pixel."""
    zone, picture = zones(disc()), noise()
    shifted = blended(picture, picture + np.uint8(12), disc())
    assert seam(shifted, zone.allowed, zone.ring_px) > 2
    lighter = blended(picture, picture + np.uint8(30), disc())
    assert seam(lighter, zone.allowed, zone.ring_px) > seam(shifted, zone.allowed, zone.ring_px)


def test_a_shift_of_hue_alone_is_seen() -> None:
    zone, picture = zones(disc()), noise()
    redder = (picture + np.array([24, -12, -12])).astype(np.uint8)  # the same grey
    assert seam(blended(picture, redder, disc()), zone.allowed, zone.ring_px) > 2


def test_the_score_is_what_it_is_by_hand() -> None:
    """A disc's normals point to its centre, so nothing of the geometry is taken from the code."""
    picture = blended(noise(), noise(1) + np.uint8(20), disc())
    zone = zones(disc())
    assert seam(picture, zone.allowed, zone.ring_px) == pytest.approx(by_hand(picture, zone.allowed), rel=0.1)


def by_hand(picture: Pixels, allowed: Mask) -> float:
    slopes = np.stack(np.gradient(picture.astype(float), axis=(0, 1)), axis=-1)  # y, x, channel, axis
    edge = np.argwhere(~allowed)
    ring = [(y, x) for y, x in np.argwhere(allowed) if np.hypot(*(edge - (y, x)).T).min() <= 4]
    top, left = np.argwhere(allowed).min(axis=0)
    size = np.ptp(np.argwhere(allowed), axis=0) + 1

    def jump(down: int, right: int, only_free: bool) -> float | None:
        sectors: dict[int, list[np.ndarray]] = {}
        for y, x in ring:
            if only_free and allowed[y + down, x + right]:
                continue
            normal = -np.array([y - 32, x - 32]) / np.hypot(y - 32, x - 32)
            sector = int((np.arctan2(y - 32, x - 32) + np.pi) / (np.pi / 4)) % 8
            sectors.setdefault(sector, []).append(slopes[y + down, x + right] @ normal)
        count = sum(map(len, sectors.values()))
        if count < len(ring) / 2:
            return None
        return sum(len(one) * float(np.linalg.norm(np.mean(one, axis=0))) for one in sectors.values()) / count

    places = np.random.default_rng(0).integers(0, (65 - size[0], 65 - size[1]), (96, 2))
    others = [jump(y - top, x - left, only_free=True) for y, x in places]
    known = [one for one in others if one is not None][:24]
    return float(((jump(0, 0, only_free=False) or 0) + FLOOR) / (np.mean(known) + FLOOR))


def test_where_there_is_nothing_to_compare_with_there_is_no_seam() -> None:
    everything = np.ones((HEIGHT, WIDTH), bool)
    assert seam(noise(), everything, 4) == 1.0
    assert seam(noise(), ~everything, 4) == 1.0
    nearly = everything.copy()
    nearly[0] = False
    assert seam(noise(), nearly, 4) == 1.0
