"""The pool: crops, guides and holes change together, and by seed and step alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.editor.data import from_pictures
from pipeline.editor.pool import Pool, kept_pool, prepare_pool


@pytest.fixture(scope="module")
def pool() -> Pool:
    picture = np.random.default_rng(0).integers(30, 220, (120, 140, 3), dtype=np.uint8)
    return prepare_pool(from_pictures([picture]), seed=3, count=6, size=32)


def test_guides_differ_from_crops_in_the_holes_only(pool: Pool) -> None:
    differs = (pool.crops != pool.guides).any(-1)
    assert not differs[~pool.holes].any()
    assert differs[pool.holes].mean() > 0.5


def test_variation_keeps_the_three_together(pool: Pool) -> None:
    drawn = pool.draw(0, 0, 40)
    assert drawn.crops.shape == (40, 32, 32, 3)
    assert not (drawn.crops != drawn.guides).any(-1)[~drawn.holes].any()


def test_a_draw_depends_on_seed_and_step_alone(pool: Pool) -> None:
    first, again, other = pool.draw(1, 7, 4), pool.draw(1, 7, 4), pool.draw(1, 8, 4)
    assert np.array_equal(first.crops, again.crops)
    assert np.array_equal(first.guides, again.guides)
    assert not np.array_equal(first.crops, other.crops)


def test_a_kept_pool_is_made_once(pool: Pool, tmp_path: Path) -> None:
    made: list[int] = []

    def make() -> Pool:
        made.append(1)
        return pool

    first, second = (kept_pool(tmp_path / "pool.npz", make) for _ in range(2))
    assert made == [1]
    assert np.array_equal(first.guides, second.guides)
    assert np.array_equal(first.holes, pool.holes)
    assert [file.name for file in tmp_path.iterdir()] == ["pool.npz"]
