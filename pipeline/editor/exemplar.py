"""The exemplar fill: a hole completed with patches copied from the rest of the picture.

After Wexler, Shechtman and Irani, "Space-Time Completion of Video" (PAMI 2007): on a pyramid from coarse
to fine, patches that touch the hole look up their nearest neighbours among the fully known patches, and
every unknown pixel becomes the weighted mean of what the patches over it propose. Every second patch a
side is asked: a quarter of the search, and a mean of fewer votes is sharper. The search is exhaustive,
which on a crop of up to 128 pixels is one matrix product.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .fill import smooth_fill

if TYPE_CHECKING:
    from torch import Tensor

PATCH = 5  # pixels a side, odd
COARSEST = 32  # shorter side of the coarsest level
STRIDE = 2  # pixels between two patches that are looked up, each way; less than PATCH, so all are covered
TRUST = 0.3  # weight of a pixel that is itself a guess, against 1 for a known one


def exemplar_fill(image: Tensor, hole: Tensor) -> Tensor:
    """Complete each item of a batch; shapes as in `smooth_fill`. Known pixels keep their value.

    Where no patch is fully known (a hole over nearly everything) the smooth fill stays.
    """
    import torch

    start = smooth_fill(image, hole)
    return torch.cat([_complete(start[i : i + 1], hole[i : i + 1], rounds=1) for i in range(len(image))])


def _complete(image: Tensor, hole: Tensor, *, rounds: int) -> Tensor:
    """One level of one picture: the next coarser level first, with a round more, then search and vote."""
    from torch.nn.functional import avg_pool2d, interpolate, max_pool2d

    height, width = image.shape[-2:]
    if min(height, width) >= 2 * COARSEST and height % 2 == width % 2 == 0:
        coarse = _complete(avg_pool2d(image, 2), max_pool2d(hole, 2), rounds=rounds + 1)
        guess = interpolate(coarse, size=(height, width), mode="bilinear", align_corners=False)
        image = image * (1 - hole) + guess * hole
    else:
        image = _peel(image, hole)
    for _ in range(rounds):
        image = _round(image, hole)
    return image


def _peel(image: Tensor, hole: Tensor) -> Tensor:
    """The coarsest level, from the rim inwards: each ring is matched by what is known or filled already,
    so that a pattern grows into the hole and is not drowned by the mean of its colours."""
    from torch.nn.functional import max_pool2d

    left = hole
    while left.any():
        ring = left * max_pool2d(1 - left, 3, stride=1, padding=1)
        if not ring.any():
            break
        filled = _round(image, hole, trust=1 - left * (1 - 1e-3), stride=1)
        image, left = image * (1 - ring) + filled * ring, left - ring
    return image


def _round(image: Tensor, hole: Tensor, trust: Tensor | None = None, stride: int = STRIDE) -> Tensor:
    """Look up the patches that touch the hole, `stride` apart, then let the found patches vote."""
    trust = 1 - hole * (1 - TRUST) if trust is None else trust
    patches, weights, unknown = _patches(image), _patches(trust), _patches(hole)
    touching = unknown.any(1)
    sources, targets = ~touching & _inside(image), touching & _lattice(image, stride)
    if not sources.any() or not targets.any():
        return image
    nearest, distance = _nearest(patches[targets], weights[targets], patches[sources])
    return _vote(image, hole, targets, patches[sources][nearest], distance)


def _nearest(targets: Tensor, weights: Tensor, sources: Tensor) -> tuple[Tensor, Tensor]:
    """Index of, and mean squared distance to, the nearest source of every target.

    `targets` is (t, 3 p), `weights` (t, p) and `sources` (s, 3 p) for p pixels a patch. The sum of
    w (t - s)^2 is expanded, so that the search is two matrix products.
    """
    wide = weights.repeat(1, 3)
    score = wide @ (sources**2).T - 2 * (wide * targets) @ sources.T
    best, index = score.min(1)
    distance = (best + (wide * targets**2).sum(1)) / wide.sum(1)
    return index, distance.clamp(min=0)


def _vote(image: Tensor, hole: Tensor, targets: Tensor, found: Tensor, distance: Tensor) -> Tensor:
    """Each unknown pixel: mean of the found patches over it, the better ones counting for more."""
    import torch
    from torch.nn.functional import fold

    worth = 1 / (distance / distance.mean().clamp(min=1e-8) + 0.1)
    ballots = torch.zeros(len(targets), 4 * PATCH * PATCH)
    ballots[targets] = torch.cat([found, torch.ones(len(found), PATCH * PATCH)], 1) * worth[:, None]
    votes = fold(ballots.T[None], image.shape[-2:], PATCH, padding=PATCH // 2)
    mean = votes[:, :3] / votes[:, 3:].clamp(min=1e-8)
    return image * (1 - hole) + mean * hole


def _patches(image: Tensor) -> Tensor:
    """The patch around every pixel, mirrored at the border: (h w, channels p)."""
    from torch.nn.functional import pad, unfold

    margin = PATCH // 2
    return unfold(pad(image, (margin,) * 4, mode="reflect"), PATCH)[0].T


def _inside(image: Tensor) -> Tensor:
    """Whether the patch around a pixel lies inside the picture, by pixel: bool (h w,)."""
    import torch

    margin = PATCH // 2
    inside = torch.zeros(image.shape[-2:], dtype=torch.bool)
    inside[margin:-margin, margin:-margin] = True
    return inside.flatten()


def _lattice(image: Tensor, stride: int) -> Tensor:
    """Whether a pixel's row and column are multiples of `stride`, by pixel: bool (h w,)."""
    import torch

    chosen = torch.zeros(image.shape[-2:], dtype=torch.bool)
    chosen[::stride, ::stride] = True
    return chosen.flatten()
