"""What a step sees keeps pictures, cells and verdicts in agreement."""

from __future__ import annotations

import numpy as np
from transformers import PreTrainedTokenizerFast

from bench.policy import Sighting
from pipeline.safeguard_vl.batches import Pictures, choose_questions, context_flags, crops, spelt_pictures
from pipeline.safeguard_vl.cache import concept_names
from pipeline.safeguard_vl.data import question_pool
from pipeline.safeguard_vl.vision import flip

GENERATOR = np.random.default_rng(2)


def numbered(side: int, pixels: int) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """One picture whose every pixel holds its cell's number, and the map of those numbers."""
    cells = np.arange(side * side, dtype=np.uint8).reshape(1, side, side)
    image = np.repeat(np.repeat(cells, pixels, 1), pixels, 2)[..., None].repeat(3, -1)
    return image, cells.reshape(1, -1)


def test_crops_cut_pixels_and_cells_at_the_same_place() -> None:
    image, cells = numbered(side=6, pixels=4)
    for _ in range(20):
        cut = crops(Pictures(image, cells, cells, ((),)), GENERATOR, side=3)
        assert cut.images is not None
        assert cut.images.shape == (1, 12, 12, 3)
        assert (cut.images[0, ::4, ::4, 0].ravel() == cut.cells[0]).all()


def test_crops_hold_what_is_regulated() -> None:
    cells = np.zeros((1, 36), dtype=np.uint8)
    cells[0, 35] = 7
    image = np.zeros((1, 24, 24, 3), dtype=np.uint8)
    for _ in range(20):
        assert 7 in crops(Pictures(image, cells, cells, ((),)), GENERATOR, side=2).cells


def test_a_mirrored_picture_has_mirrored_cells() -> None:
    image, cells = numbered(side=4, pixels=2)
    images, turned, around = flip(image, cells, cells, np.array([True]))
    assert (images[0, ::2, ::2, 0].ravel() == turned[0]).all()
    assert turned[0, :4].tolist() == around[0, :4].tolist() == [3, 2, 1, 0]


def test_spelt_pictures_show_what_they_say() -> None:
    pictures = spelt_pictures(GENERATOR, count=30, side=8)
    for cells, shown in zip(pictures.cells, pictures.shown, strict=True):
        assert {concept_names()[n - 1] for n in np.unique(cells) if n} == {s.concept for s in shown}


def test_context_bits_become_flags() -> None:
    assert context_flags(np.array([[0b101]], dtype=np.uint8))[0, 0].tolist() == [1, 0, 1, 0, 0, 0, 0]


def test_answers_are_balanced_where_the_picture_lets(tokenizer: PreTrainedTokenizerFast) -> None:
    pool = question_pool(tokenizer, 1, 40)
    shown = (Sighting("alcohol"), Sighting("dice"))
    chosen = choose_questions(GENERATOR, pool, shown, 200)
    share = np.mean([question.policy.judge(shown).label == "unsafe" for question in chosen])
    assert 0.35 < share < 0.65
