"""Fit what the vision tower has learned to the codebook that the language model reads.

Seeing is learned by naming cells, in whatever space suits it. One linear layer, the vision tower's last,
is then all that stands between it and the spelling that reading was learned on; the least-squares layer is
computed outright.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from pipeline.safeguard_vl.aids import BACKGROUND, Aids
from pipeline.safeguard_vl.batches import context_flags, drawn_pictures
from pipeline.safeguard_vl.cache import SceneCache
from pipeline.safeguard_vl.vision import encode

if TYPE_CHECKING:
    from transformers import Qwen2_5_VLForConditionalGeneration

    from pipeline.safeguard_vl.model import Shape

BATCHES, BATCH = 25, 32
RIDGE = 1e-3  # of the features' mean square


def align(
    model: Qwen2_5_VLForConditionalGeneration,
    aids: Aids,
    shape: Shape,
    scenes: SceneCache,
    generator: np.random.Generator,
) -> float:
    """Replace the last layer of the vision tower by the one that best spells what cells show.

    Returns the share of the spelling's variance that it explains, in [0, 1].
    """
    layer = model.model.visual.merger.mlp[2]
    features = list[Tensor]()
    hook = layer.register_forward_pre_hook(lambda _, given: features.append(given[0].detach().float()))
    targets, weights = list[Tensor](), list[Tensor]()
    with torch.no_grad():
        for _ in range(BATCHES):
            pictures = drawn_pictures(generator, scenes, BATCH, len(scenes))
            assert pictures.images is not None
            encode(model, pictures.images, shape)
            cells = torch.from_numpy(pictures.cells.astype(np.int64))
            targets.append(aids.spell(cells, context_flags(pictures.around)).flatten(0, 1))
            weights.append(torch.where(cells > 0, 1.0, BACKGROUND).flatten())
        hook.remove()
        weight, bias, explained = least_squares(torch.cat(features), torch.cat(targets), torch.cat(weights))
        layer.weight.copy_(weight)
        layer.bias.copy_(bias)
    aids.name_by_codebook()
    return explained


def least_squares(features: Tensor, targets: Tensor, weights: Tensor) -> tuple[Tensor, Tensor, float]:
    """The weight (K, D) and bias (K,) that map features (N, D) to targets (N, K) with the least weighted
    squares, and the share of the targets' variance explained."""
    share = (weights / weights.sum()).double()[:, None]
    middle, aim = (share * features).sum(0), (share * targets).sum(0)
    inputs, outputs = features.double() - middle, targets.double() - aim
    square = inputs.T @ (share * inputs)
    square += RIDGE * square.diagonal().mean() * torch.eye(len(square), dtype=torch.float64)
    solution = torch.linalg.solve(square, inputs.T @ (share * outputs))
    left = (share * (outputs - inputs @ solution) ** 2).sum() / (share * outputs**2).sum()
    return solution.T.float(), (aim - middle @ solution).float(), float(1 - left)
