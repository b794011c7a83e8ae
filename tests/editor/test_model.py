"""The noise is as loud as the picture's own texture around the hole, and never louder than half."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from pipeline.editor.model import build_unet, condition_on, loudness, predict_residual


def hole(size: int = 48) -> Tensor:
    made = torch.zeros(1, 1, size, size)
    made[..., 16:32, 14:34] = 1
    return made


def grainy(deviation: float) -> Tensor:
    """Grey noise, in [-1, 1] units, the same in all channels."""
    grain = torch.randn(1, 1, 48, 48, generator=torch.Generator().manual_seed(0))
    return 0.2 + deviation * grain.expand(1, 3, 48, 48)


def test_a_plain_surface_gets_no_noise() -> None:
    assert loudness(torch.full((1, 3, 48, 48), 0.4), hole()).max() < 0.005


@pytest.mark.parametrize("deviation", [0.02, 0.05, 0.1])
def test_grain_gets_noise_of_its_own_deviation(deviation: float) -> None:
    inside = loudness(grainy(deviation), hole())[hole() > 0]
    assert inside.mean() == pytest.approx(4 * deviation, rel=0.1)  # four: the residual's scale


def test_it_is_never_louder_than_half() -> None:
    assert loudness(grainy(0.5), hole()).max() == 0.5


def test_what_the_hole_held_has_no_influence() -> None:
    painted = grainy(0.1) * (1 - hole()) + hole()
    assert torch.equal(loudness(grainy(0.1), hole()), loudness(painted, hole()))


def test_a_crop_that_is_all_hole_gets_none() -> None:
    assert not loudness(grainy(0.1), torch.ones(1, 1, 48, 48)).any()


def test_the_flow_begins_at_the_guide_and_stays_in_the_hole() -> None:
    known = condition_on(grainy(0.1), torch.zeros(1, 3, 48, 48), hole())
    assert torch.equal(known.begin(torch.zeros(1, 3, 48, 48)), known.guide)
    assert not known.begin(torch.randn(1, 3, 48, 48))[(hole() == 0).expand(1, 3, 48, 48)].any()


def test_an_untrained_network_answers_halfway_to_the_guide() -> None:
    known = condition_on(grainy(0.1), torch.zeros(1, 3, 48, 48), hole())
    with torch.no_grad():
        answer = predict_residual(build_unet((32, 32)), known.guide, torch.ones(1), known)
    assert torch.allclose(answer, known.guide / 2)
