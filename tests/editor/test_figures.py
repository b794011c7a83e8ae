"""The figures: of a fill that equals its truth, of known errors, and intervals that follow the pictures."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.editor.data import Picture, from_pictures
from tests.editor.figures import (
    Measured,
    Sample,
    decibels,
    measure,
    psnr_difference,
    samples,
    ssim_difference,
)


def noise(seed: int) -> Picture:
    return np.random.default_rng(seed).integers(40, 200, (96, 96, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def wanted() -> list[Sample]:
    return samples(from_pictures([noise(1), noise(2), noise(3)]), seed=0, count=9, size=32)


def brighter(wanted: list[Sample], levels: list[int]) -> Measured:
    """Every hole brighter by as many levels."""
    filled = [
        (s.truth + up * s.hole[..., None]).astype(np.uint8) for s, up in zip(wanted, levels, strict=True)
    ]
    return measure(filled, wanted, [0.0] * len(wanted))


def test_pictures_take_turns(wanted: list[Sample]) -> None:
    assert [sample.picture for sample in wanted] == [0, 1, 2] * 3


def test_the_truth_is_perfect(wanted: list[Sample]) -> None:
    truth = brighter(wanted, [0] * 9)
    assert truth.psnr == truth.mean_psnr == float("inf")
    assert truth.ssim == pytest.approx(1)
    assert truth.grain(truth) == truth.plain_grain(truth) == 1


def test_psnr_of_ten_levels_everywhere(wanted: list[Sample]) -> None:
    off = brighter(wanted, [10] * 9)
    assert off.psnr == pytest.approx(28.1308, abs=1e-4)  # 20 log10(255 / 10)
    assert off.mean_psnr == pytest.approx(28.1308, abs=1e-4)


def test_what_lies_outside_the_hole_does_not_count(wanted: list[Sample]) -> None:
    outside = [np.where(s.hole[..., None], s.truth, 0).astype(np.uint8) for s in wanted]
    assert measure(outside, wanted, [0.0] * 9).squares.sum() == 0


def test_a_flat_fill_has_no_grain(wanted: list[Sample]) -> None:
    flat = [np.full_like(s.truth, 90) for s in wanted]
    truth = brighter(wanted, [0] * 9)
    assert measure(flat, wanted, [0.0] * 9).grain(truth) == 0


def test_half_the_error_is_six_decibels(wanted: list[Sample]) -> None:
    pictures = np.array([s.picture for s in wanted])
    value, low, high = psnr_difference(brighter(wanted, [4] * 9), brighter(wanted, [8] * 9), pictures)
    assert (value, low, high) == pytest.approx((6.0206, 6.0206, 6.0206), abs=1e-4)


def test_the_interval_spans_what_the_pictures_say(wanted: list[Sample]) -> None:
    pictures = np.array([s.picture for s in wanted])
    ours, other = brighter(wanted, [4, 8, 8] * 3), brighter(wanted, [8, 8, 4] * 3)
    value, low, high = psnr_difference(ours, other, pictures)
    assert low == pytest.approx(-6.0206, abs=1e-3)  # the third picture drawn every time
    assert low < value < high == pytest.approx(6.0206, abs=1e-3)
    value, low, high = ssim_difference(ours, ours, pictures)
    assert (value, low, high) == (0, 0, 0)


def test_decibels() -> None:
    assert decibels(0) == float("inf")
    assert decibels(255**2) == 0
