"""What is pasted changes pixels and cells together, and nothing when there is no room or no wish."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from bench.policy import Sighting
from pipeline.safeguard_vl.art import ArtCache, ArtRow
from pipeline.safeguard_vl.batches import UNTOLD, Pasting, context_flags, drawn_pictures
from pipeline.safeguard_vl.cache import SLOTS, SceneCache, concept_names
from pipeline.safeguard_vl.dress import dress_ink, hue_matrix, recolour, standing_out
from pipeline.safeguard_vl.dress import grey as grey_level
from pipeline.safeguard_vl.paste import Piece, covered_cells, free_place, paste, warped
from pipeline.safeguard_vl.recipe import Stage
from pipeline.safeguard_vl.supplies import MovedThings, art_supply, cut_out

BLADE = 1 + concept_names().index("blade")
RED = np.full((96, 96, 4), (255, 0, 0, 255), dtype=np.uint8)
ALL = np.array([True])


def grey(count: int = 1) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """Pictures of 144 grey pixels a side and their 81 empty cells."""
    return np.full((count, 144, 144, 3), 128, np.uint8), np.zeros((count, 81), np.uint8)


def scenes(count: int = 6) -> SceneCache:
    """Grey scenes that show a red blade of 48 x 32 pixels in cells 10-12 and 19-21."""
    clean, cells = grey(count)
    images = clean.copy()
    images[:, 16:48, 16:64] = (250, 10, 10)
    cells[:, [10, 11, 12, 19, 20, 21]] = BLADE
    sightings = np.full((count, SLOTS, 2), 255, np.uint8)
    sightings[:, 0] = BLADE - 1, 0
    return SceneCache(images, clean, cells, np.zeros_like(cells), sightings)


def test_cells_are_those_whose_pixels_changed() -> None:
    for seed in range(20):
        images, cells = grey()
        supply = lambda g, b: Piece(RED, 60.0, BLADE)  # noqa: E731
        after, named, written = paste(images, cells, supply, ALL, np.random.default_rng(seed))
        red = (after[0, ..., 0] > 180) & (after[0, ..., 1] < 90)
        shares = red.reshape(9, 16, 9, 16).mean((1, 3)).ravel()
        assert (named[0][shares > 0.5] == BLADE).all()
        assert (named[0][shares < 0.3] == 0).all()
        assert written == [BLADE]


def test_ordinary_things_change_pixels_but_no_cell() -> None:
    images, cells = grey()
    after, named, written = paste(
        images, cells, lambda g, b: Piece(RED, 60.0, 0), ALL, np.random.default_rng(1)
    )
    assert (after != images).any()
    assert not named.any()
    assert written == [0]


def test_pictures_not_chosen_or_without_a_free_place_stay_as_they_are() -> None:
    images, cells = grey(2)
    cells[1] = 5
    chosen = np.array([False, True])
    after, named, written = paste(
        images, cells, lambda g, b: Piece(RED, 60.0, BLADE), chosen, np.random.default_rng(1)
    )
    assert (after == images).all()
    assert (named == cells).all()
    assert written == [0, 0]


def test_a_free_place_touches_no_regulated_cell() -> None:
    cells = np.zeros(81, np.uint8)
    cells.reshape(9, 9)[:, :4] = 3
    for seed in range(30):
        corner = free_place(cells, (40, 40), 144, np.random.default_rng(seed))
        assert corner is None or corner[1] >= 4 * 16


def test_a_cell_is_covered_from_two_fifths_on() -> None:
    alpha = np.zeros((144, 144), np.float32)
    alpha[16:32, 16:48] = 1  # two whole cells
    alpha[16:32, 48:55] = 1  # 7 of 16 columns
    alpha[32:37, 16:32] = 1  # 5 of 16 rows
    assert np.flatnonzero(covered_cells(alpha, 9)).tolist() == [10, 11, 12]


def test_a_thin_outline_covers_what_it_encloses_and_a_thin_stick_the_cells_along_it() -> None:
    ring = np.zeros((144, 144), np.float32)
    ring[16:64, 16:64] = 1
    ring[18:62, 18:62] = 0
    assert covered_cells(ring, 9).sum() == 9
    stick = np.zeros((144, 144), np.float32)
    stick[20:23, 0:64] = 1
    assert np.flatnonzero(covered_cells(stick, 9)).tolist() == [9, 10, 11, 12]


def test_warping_keeps_the_longer_side_about_as_asked() -> None:
    for seed in range(10):
        layer = warped(Piece(RED, 50.0, 1), np.random.default_rng(seed))
        assert 40 <= max(layer.shape[:2]) <= 110
        assert layer.max() <= 1.0


def test_hue_turns_colours_and_leaves_greys() -> None:
    third = hue_matrix(2 * np.pi / 3, 1.0)
    assert third @ np.array([255, 0, 0]) == pytest.approx([0, 255, 0])
    assert third @ np.array([90, 90, 90]) == pytest.approx([90, 90, 90])
    assert hue_matrix(1.0, 0.0) @ np.array([30, 60, 90]) == pytest.approx([60, 60, 60])


def test_recolouring_keeps_the_shape() -> None:
    piece = np.random.default_rng(0).integers(0, 256, (96, 96, 4), dtype=np.uint8)
    assert (recolour(piece, np.random.default_rng(1))[..., 3] == piece[..., 3]).all()
    assert (recolour(piece, np.random.default_rng(1), strength=0.0) == piece).all()


def test_ink_stands_out_from_what_it_lies_on() -> None:
    for seed in range(60):
        generator = np.random.default_rng(seed)
        behind = float(generator.uniform(0, 255))
        assert abs(grey_level(standing_out(generator, behind)) - behind) >= 70


def test_a_dressed_drawing_keeps_its_ink_opaque() -> None:
    drawing = np.zeros((96, 96, 4), np.uint8)
    drawing[40:56, 40:56] = (255, 0, 0, 255)
    for seed in range(30):
        dressed = dress_ink(drawing, np.random.default_rng(seed), behind=128.0)
        assert dressed[dressed.shape[0] // 2, dressed.shape[1] // 2, 3] == 255


def test_an_object_is_cut_out_where_the_scene_differs_from_itself_without_it() -> None:
    cache = scenes(1)
    cut = cut_out(cache.images[0], cache.clean[0], cache.cells[0], BLADE)
    assert cut.shape == (32, 48, 4)
    assert cut[16, 24].tolist() == [250, 10, 10, 255]


def test_objects_in_a_context_are_not_moved() -> None:
    cache = scenes()
    cache.around[:] = 1
    assert MovedThings(cache)(np.random.default_rng(0), 128.0) is None


def art() -> ArtCache:
    """A red blade and a red apple."""
    rows = (ArtRow("a", "knife", "blade", True), ArtRow("a", "apple", "", True))
    return ArtCache(np.stack([RED, RED]), rows)


def test_two_in_five_pieces_of_art_are_ordinary() -> None:
    supply = art_supply(art(), 144)
    numbers = [supply(np.random.default_rng(seed), 128.0).number for seed in range(300)]
    assert set(numbers) == {0, BLADE}
    assert 0.3 < np.mean([n == 0 for n in numbers]) < 0.5


def test_a_batch_is_a_function_of_its_seed_and_says_what_it_shows() -> None:
    cache = scenes()
    pasting = Pasting(0.5, MovedThings(cache), 0.5, art_supply(art(), 144))
    first, second = (drawn_pictures(np.random.default_rng(4), cache, 12, 6, pasting) for _ in range(2))
    assert first.images is not None
    assert second.images is not None
    assert (first.images == second.images).all()
    assert (first.cells == second.cells).all()
    assert first.shown == second.shown
    for cells, shown in zip(first.cells, first.shown, strict=True):
        assert cells.any() == bool(shown)
        assert set(shown) <= {Sighting("blade")}


def test_without_shares_the_batch_is_that_of_a_recipe_without_pasting() -> None:
    plain, none = (drawn_pictures(np.random.default_rng(4), scenes(), 8, 6, p) for p in (None, Pasting()))
    assert plain.images is not None
    assert none.images is not None
    assert (plain.images == none.images).all()


def test_contexts_of_pasted_things_are_not_told() -> None:
    assert torch.isnan(context_flags(np.array([[UNTOLD]], np.uint8))).all()
    cache = scenes()
    pictures = drawn_pictures(np.random.default_rng(0), cache, 8, 6, Pasting(1.0, MovedThings(cache)))
    assert (pictures.around[pictures.cells > 0] == UNTOLD).all()
    assert not pictures.around[pictures.cells == 0].any()


@pytest.mark.parametrize("name", ["read", "join"])
def test_only_seeing_pastes(name: str) -> None:
    with pytest.raises(ValueError, match="need a see stage"):
        Stage(name, 1, 1, 2, 1e-3, art=0.5)  # type: ignore[arg-type]
