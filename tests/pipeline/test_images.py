"""What the decoder takes, how it turns it, and what it refuses with which reason."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.images import (
    Refused,
    decode,
    encode,
    encode_mask,
    hash_distance,
    load,
    load_mask,
    perceptual_hash,
)
from tests.pipeline.hostile import hostile_folder

LIMIT = 64_000_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_folder(tmp_path_factory.mktemp("hostile"))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("truncated.jpg", "damaged image: image file is truncated"),
        ("empty.png", "the file is empty"),
        ("text.png", "not an image of a known format"),
        ("huge.png", "more than 64,000,000 pixels"),
        ("animated.gif", r"animated \(3 frames\)"),
        ("tiny.png", "8 x 8 is too small"),
    ],
)
def test_refused_with_its_reason(folder: Path, name: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        decode((folder / name).read_bytes(), max_pixels=LIMIT)


def test_a_rotated_jpeg_is_turned_right_side_up(folder: Path) -> None:
    pixels = decode((folder / "rotated.jpg").read_bytes(), max_pixels=LIMIT)
    assert pixels.shape == (96, 64, 3)  # stored as 96 wide, 64 high, with EXIF orientation 6
    assert np.abs(pixels[8, 32].astype(int) - (255, 0, 0)).max() < 12  # the red side is up


def test_cmyk_comes_out_in_colour(folder: Path) -> None:
    pixels = decode((folder / "cmyk.jpg").read_bytes(), max_pixels=LIMIT)
    assert np.abs(pixels[32, 48].astype(int) - (255, 0, 0)).max() < 12


def test_sixteen_bit_grey_is_scaled_not_clipped(folder: Path) -> None:
    pixels = decode((folder / "sixteen.png").read_bytes(), max_pixels=LIMIT)
    assert pixels[0, 0, 0] == 0
    assert pixels[0, -1, 0] == 255
    assert abs(int(pixels[0, 48, 0]) - 128) <= 2


def test_transparency_becomes_white() -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (32, 32), (255, 0, 0, 0)).save(buffer, "PNG")
    assert (decode(buffer.getvalue(), max_pixels=LIMIT) == 255).all()


def test_encoding_is_lossless_and_repeatable() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (33, 47, 3), np.uint8)
    assert (load(encode(pixels)) == pixels).all()
    assert encode(pixels) == encode(pixels.copy())
    mask = pixels[..., 0] > 100
    assert (load_mask(encode_mask(mask)) == mask).all()


def test_perceptual_hash_barely_moves_under_noise() -> None:
    rng = np.random.default_rng(0)
    rough = np.asarray(Image.fromarray(rng.integers(0, 256, (6, 6, 3), np.uint8)).resize((96, 96), 3))
    noisy = np.clip(rough.astype(int) + rng.integers(-3, 4, rough.shape), 0, 255).astype(np.uint8)
    assert hash_distance(perceptual_hash(rough), perceptual_hash(noisy)) <= 4
    assert hash_distance(perceptual_hash(rough), perceptual_hash(rough[::-1])) > 10
