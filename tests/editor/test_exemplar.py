"""The exemplar fill: patterns go on through the hole, and known pixels stay."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from pipeline.editor.exemplar import _nearest, exemplar_fill
from pipeline.editor.fill import smooth_fill


def square_hole(size: int = 48) -> Tensor:
    hole = torch.zeros(1, 1, size, size)
    hole[..., 16:30, 18:32] = 1
    return hole


def edge(size: int = 48) -> Tensor:
    """Dark left, bright right of column 25."""
    picture = torch.full((1, 3, size, size), -0.8)
    picture[..., 25:] = 0.8
    return picture


def stripes(size: int = 48) -> Tensor:
    return torch.sin(torch.arange(size) * 1.2).expand(1, 3, size, size).contiguous()


def error(fill: Tensor, truth: Tensor, hole: Tensor) -> float:
    return float((((fill - truth) * hole) ** 2).sum() / (3 * hole.sum()))


@pytest.mark.parametrize("pattern", [edge, stripes])
def test_a_pattern_goes_on_through_the_hole(pattern: object) -> None:
    assert callable(pattern)
    truth, hole = pattern(), square_hole()
    assert error(exemplar_fill(truth, hole), truth, hole) < 0.3 * error(smooth_fill(truth, hole), truth, hole)


def test_known_pixels_keep_their_value_and_the_hole_is_not_read() -> None:
    torch.manual_seed(0)
    picture, hole = torch.rand(1, 3, 48, 48), square_hole()
    filled = exemplar_fill(picture, hole)
    assert torch.equal(filled * (1 - hole), picture * (1 - hole))
    assert torch.equal(filled, exemplar_fill(picture + 9 * hole, hole))


def test_items_of_a_batch_do_not_mix() -> None:
    pictures, holes = torch.cat([edge(), stripes()]), torch.cat([square_hole()] * 2)
    both = exemplar_fill(pictures, holes)
    assert torch.equal(both[1:], exemplar_fill(stripes(), square_hole()))


def test_without_a_known_patch_the_smooth_fill_stays() -> None:
    picture, hole = edge(32), torch.ones(1, 1, 32, 32)
    hole[..., 0] = 0
    assert torch.allclose(exemplar_fill(picture, hole), torch.full_like(picture, -0.8), atol=1e-5)


def test_the_search_agrees_with_plain_distances() -> None:
    torch.manual_seed(1)
    targets, sources, weights = torch.rand(20, 75), torch.rand(30, 75), torch.rand(20, 25) + 0.1
    wide = weights.repeat(1, 3)[:, None]
    plain = (wide * (targets[:, None] - sources[None]) ** 2).sum(-1) / wide.sum(-1)
    index, distance = _nearest(targets, weights, sources)
    assert torch.equal(index, plain.argmin(1))
    assert torch.allclose(distance, plain.min(1).values, atol=1e-5)
