"""A fill that is like its surroundings scores 1, one that is too smooth or too rough less."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.images import Mask, Pixels
from pipeline.naturalness import FLOOR, Features, Grain, open_naturalness, window
from pipeline.region import around
from pipeline.weights import ModelError
from tests.pipeline.tiny_models import backbones


@pytest.fixture
def picture() -> Pixels:
    return np.random.default_rng(0).integers(100, 141, (80, 100, 3), np.uint8)


@pytest.fixture
def hole() -> Mask:
    mask = np.zeros((80, 100), bool)
    mask[30:50, 40:64] = True
    return mask


def by_hand(pixels: Pixels, allowed: Mask) -> float:
    """Grain, pixel by pixel."""
    near = around(allowed, round(float(allowed.sum() ** 0.5)))
    grey = pixels[near].astype(float).mean(axis=2)
    fill, padded = allowed[near], np.pad(grey, 1, mode="edge")
    inside, outside = [], []
    for y, x in np.ndindex(*grey.shape):
        residual = abs(grey[y, x] - padded[y : y + 3, x : x + 3].mean())
        (inside if fill[y, x] else outside).append(residual)
    a, b = FLOOR + np.median(inside), FLOOR + np.median(outside)
    return float(min(a, b) / max(a, b))


def test_grain_is_what_it_is_by_hand(picture: Pixels, hole: Mask) -> None:
    smooth = picture.copy()
    smooth[hole] = smooth[hole] // 3 + 80
    for pixels in (picture, smooth):
        assert Grain().score(pixels, hole) == pytest.approx(by_hand(pixels, hole), abs=1e-4)


def test_a_fill_without_the_grain_of_its_surroundings_is_unnatural(picture: Pixels, hole: Mask) -> None:
    assert (Grain().score(picture, hole) or 0) > 0.85
    flat = picture.copy()
    flat[hole] = 120
    assert (Grain().score(flat, hole) or 1) < 0.1
    rough = np.full_like(picture, 120)
    rough[hole] = picture[hole]
    assert (Grain().score(rough, hole) or 1) < 0.1
    assert Grain().score(np.full_like(picture, 120), hole) == 1.0


def test_without_surroundings_or_fill_there_is_no_score(picture: Pixels) -> None:
    assert Grain().score(picture, np.ones((80, 100), bool)) is None
    assert Grain().score(picture, np.zeros((80, 100), bool)) is None


def test_the_window_is_a_square_in_the_picture_with_the_region_in_its_middle(hole: Mask) -> None:
    assert window(hole) == (slice(16, 64), slice(28, 76))
    corner = np.zeros((80, 100), bool)
    corner[70:80, 0:10] = True
    assert window(corner) == (slice(60, 80), slice(0, 20))


@pytest.mark.slow
@pytest.mark.parametrize("build", [backbones.dinov2, backbones.clip, backbones.vit])
def test_features_of_any_vision_transformer(
    build: backbones.Build, tmp_path: Path, picture: Pixels, hole: Mask
) -> None:
    scorer = open_naturalness(str(build(tmp_path / "tiny-backbone")), "cpu")
    assert scorer.name == "tiny-backbone"
    alike, unlike = np.full_like(picture, 120), np.full_like(picture, 120)
    unlike[hole] = [255, 0, 0]
    same, other = scorer.score(alike, hole), scorer.score(unlike, hole)
    assert same is not None
    assert other is not None
    assert -1 <= other < same <= 1 + 1e-6
    assert scorer.score(picture, np.ones((80, 100), bool)) is None


@pytest.mark.slow
def test_features_are_remove_by_hand(tmp_path: Path, picture: Pixels, hole: Mask) -> None:
    """The cosine of mean patch features, with the patches taken from the model step by step."""
    import torch
    from transformers import Dinov2Model

    folder = backbones.dinov2(tmp_path / "dino")
    found = Features(str(folder), device="cpu").score(picture, hole)
    crop = Image.fromarray(picture[window(hole)]).resize((56, 56), Image.Resampling.BILINEAR)
    scaled = (np.asarray(crop) / 255 - 0.5) / 0.5
    pixels = torch.tensor(scaled, dtype=torch.float32).permute(2, 0, 1)[None]
    with torch.inference_mode():
        tokens = Dinov2Model.from_pretrained(folder)(pixels).last_hidden_state[0, 1:].numpy()
    inside = np.zeros((4, 4), bool)
    inside[1:3, 1:3] = True  # rows 14..34 and columns 12..36 of the window's 48
    patches = tokens.reshape(4, 4, -1)
    a, b = patches[inside].mean(axis=0), patches[~inside].mean(axis=0)
    assert found == pytest.approx(float(a @ b / np.linalg.norm(a) / np.linalg.norm(b)), abs=0.02)


@pytest.mark.slow
def test_a_model_without_patches_is_refused(tmp_path: Path) -> None:
    folder = str(backbones.resnet(tmp_path / "resnet"))
    with pytest.raises(ModelError, match="name a vision transformer or 'grain'"):
        open_naturalness(folder, "cpu")
