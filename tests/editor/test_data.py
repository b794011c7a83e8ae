"""Training crops: the same for the same seed and step, never from held-out photographs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.editor.data import Picture, from_pictures, load_photos
from pipeline.editor.masks import random_mask


def noise(height: int, width: int) -> Picture:
    return np.random.default_rng(height).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("seed", range(40))
def test_a_hole_covers_five_to_forty_percent(seed: int) -> None:
    mask = random_mask(np.random.default_rng(seed), 64)
    assert mask.shape == (64, 64)
    assert 0.045 <= mask.mean() <= 0.41


def test_a_batch_depends_on_seed_and_step_alone() -> None:
    source = from_pictures([noise(200, 300), noise(100, 96)])
    first, again = source.batch(1, 7, 4, 32), source.batch(1, 7, 4, 32)
    assert np.array_equal(first.crops, again.crops)
    assert np.array_equal(first.holes, again.holes)
    assert not np.array_equal(first.crops, source.batch(1, 8, 4, 32).crops)
    assert not np.array_equal(first.crops, source.batch(2, 7, 4, 32).crops)


def test_shapes_and_types() -> None:
    batch = from_pictures([noise(150, 150)]).batch(0, 0, 3, 48)
    assert batch.crops.shape == (3, 48, 48, 3)
    assert batch.crops.dtype == np.uint8
    assert batch.holes.shape == (3, 48, 48)
    assert batch.holes.dtype == np.bool_


def test_a_picture_smaller_than_the_crop_is_enlarged() -> None:
    assert from_pictures([noise(40, 30)]).batch(0, 0, 2, 64).crops.shape == (2, 64, 64, 3)


def test_held_out_photographs_are_kept_apart(tmp_path: Path) -> None:
    folders = ("scikit-image", "interiors", "panoramas", "nature")
    for shade, folder in enumerate(folders):
        (tmp_path / folder).mkdir()
        Image.new("RGB", (100, 100), (shade, shade, shade)).save(tmp_path / folder / "photo.png")
    shades = [
        {int(p[0][0, 0, 0]) for p in load_photos(tmp_path, held_out=held).pyramids} for held in (False, True)
    ]
    assert shades == [{0, 2}, {1, 3}]


def test_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no training photographs in .*pipeline\.editor\.fetch_photos"):
        load_photos(tmp_path)
