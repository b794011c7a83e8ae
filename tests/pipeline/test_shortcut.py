"""The shortcut check finds an editor's fingerprint where there is one, and chance where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from pipeline.images import Mask
from pipeline.shortcut import LBP, Floats, Samples, _auc, tell_apart, texture_features


def drawn(pairs: int, shift: float, groups: np.ndarray | None = None) -> Samples:
    """Random features; those of the edited ones are shifted."""
    rng = np.random.default_rng(3)
    edited, other = rng.normal(size=(2, pairs, 12))
    edited[:, 0] += shift
    return Samples(edited, other, np.arange(pairs) if groups is None else groups)


def test_unlike_textures_are_told_apart_and_like_ones_are_not() -> None:
    found = tell_apart(drawn(120, 3.0), "control")
    assert (found.against, found.pairs) == ("control", 120)
    assert found.auc.value > 0.95
    assert found.accuracy.low > 0.85
    nothing = tell_apart(drawn(120, 0.0), "control")
    assert nothing.auc.low < 0.5 < nothing.auc.high
    assert nothing.accuracy.low < 0.5 < nothing.accuracy.high


def test_near_duplicates_do_not_help_the_classifier() -> None:
    """Ten scenes, each twelve times over, with nothing but the scene to learn: chance, out of fold."""
    few = drawn(10, 0.0)
    copies = np.repeat(np.arange(10), 12)
    found = tell_apart(Samples(few.edited[copies], few.other[copies], copies), "control")
    assert found.auc.value < 0.75


def test_too_few_pairs_say_so() -> None:
    with pytest.raises(ValueError, match="4 distinct pairs with a control are too few"):
        tell_apart(drawn(40, 0.0, groups=np.arange(40) % 4), "control")


def test_the_area_is_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    edited, other = np.round(rng.normal(size=(2, 50)) + np.array([[0.4], [0.0]]), 1)  # with ties
    expected = roc_auc_score([1] * 50 + [0] * 50, np.concatenate([edited, other]))
    weights = rng.multinomial(50, np.full(50, 1 / 50), 200).astype(float)
    figure = _auc(edited, other, weights)
    assert figure.value == pytest.approx(expected)
    first = roc_auc_score(
        [1] * 50 + [0] * 50, np.concatenate([edited, other]), sample_weight=np.tile(weights[0], 2)
    )
    assert _auc(edited, other, weights[:1]).low == pytest.approx(first)


@pytest.fixture
def square() -> Mask:
    mask = np.zeros((60, 80), bool)
    mask[15:40, 20:50] = True
    return mask


def features(pixels: np.ndarray, mask: Mask) -> Floats:
    return texture_features(pixels.astype(np.uint8), mask, 4)


def test_features_are_shares_of_the_ring_and_of_the_fill(square: Mask) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (60, 80, 3))
    found = features(pixels, square)
    ring, fill = found.reshape(2, -1)
    for side in (ring, fill):
        assert side[:LBP].sum() == pytest.approx(1)
        assert side[LBP : LBP + 8].sum() == pytest.approx(1)


def test_neither_place_nor_tone_nor_what_lies_outside_is_seen(square: Mask) -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 200, (60, 80, 3))
    moved, moved_mask = np.roll(pixels, (10, 20), (0, 1)), np.roll(square, (10, 20), (0, 1))
    assert features(moved, moved_mask) == pytest.approx(features(pixels, square))
    assert features(pixels + 40, square) == pytest.approx(features(pixels, square))
    elsewhere = pixels.copy()
    elsewhere[:10], elsewhere[50:] = 0, 255
    assert features(elsewhere, square) == pytest.approx(features(pixels, square))


def test_a_smoothed_fill_changes_the_fills_half_only(square: Mask) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (60, 80, 3))
    smooth = pixels.copy()
    smooth[22:33, 27:43] = 128
    before, after = features(pixels, square).reshape(2, -1), features(smooth, square).reshape(2, -1)
    assert after[0] == pytest.approx(before[0])
    assert after[1][-3] < before[1][-3]
