"""The smooth fill: known pixels stay, the hole takes the membrane through its rim."""

from __future__ import annotations

import numpy as np
import torch
from scipy.sparse import lil_matrix
from scipy.sparse.linalg import spsolve

from pipeline.editor.fill import smooth_fill


def ramp_with_hole() -> tuple[torch.Tensor, torch.Tensor]:
    across = torch.linspace(-1, 1, 32).expand(1, 3, 32, 32)
    hole = torch.zeros(1, 1, 32, 32)
    hole[..., 8:20, 10:22] = 1
    return across, hole


def membrane(image: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """Laplace's equation inside the hole, solved exactly as a sparse linear system."""
    places = [tuple(place) for place in np.argwhere(hole)]
    index = {place: i for i, place in enumerate(places)}
    matrix, right = lil_matrix((len(places), len(places))), np.zeros(len(places))
    for (row, column), i in index.items():
        matrix[i, i] = 4
        for near in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            if near in index:
                matrix[i, index[near]] = -1
            else:
                right[i] += image[near]
    solved = image.copy()
    solved[hole] = spsolve(matrix.tocsr(), right)
    return solved


def test_known_pixels_keep_their_value() -> None:
    image, hole = torch.rand(2, 3, 32, 48), torch.zeros(2, 1, 32, 48)
    hole[..., 5:25, 9:30] = 1
    kept = (hole == 0).expand_as(image)
    assert torch.equal(smooth_fill(image, hole)[kept], image[kept])


def test_what_the_hole_held_has_no_influence() -> None:
    image, hole = ramp_with_hole()
    assert torch.equal(smooth_fill(image, hole), smooth_fill(image + 100 * hole, hole))


def test_a_ramp_is_continued_through_the_hole() -> None:
    image, hole = ramp_with_hole()
    assert (smooth_fill(image, hole) - image).abs().max() < 0.05


def test_the_fill_is_close_to_the_exact_membrane() -> None:
    rng = np.random.default_rng(3)
    coarse = torch.from_numpy(rng.uniform(-1, 1, (1, 3, 4, 4)).astype(np.float32))
    image = torch.nn.functional.interpolate(coarse, size=(32, 32), mode="bicubic")
    hole = ramp_with_hole()[1]
    exact = membrane(image[0, 0].double().numpy(), hole[0, 0].numpy() > 0)
    error = np.abs(smooth_fill(image, hole)[0, 0].numpy() - exact)
    assert error.max() < 0.1 * float(image.max() - image.min())


def test_a_picture_that_is_all_hole_becomes_zero() -> None:
    assert torch.equal(
        smooth_fill(torch.ones(1, 3, 16, 16), torch.ones(1, 1, 16, 16)), torch.zeros(1, 3, 16, 16)
    )
