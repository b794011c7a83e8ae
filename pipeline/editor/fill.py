"""The smooth fill: what a hole looks like when nothing but its rim is known.

The diffusion model works on the difference from this fill, what is missing from it (edges, texture). The
fill is an approximate membrane: the solution of Laplace's equation inside the hole with the known
pixels as its boundary, found on a pyramid from coarse to fine with a few Jacobi sweeps a level.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

SWEEPS = 12  # Jacobi sweeps a level; the coarser level already carries the long-range part


def smooth_fill(image: Tensor, hole: Tensor) -> Tensor:
    """Replace the hole by a smooth surface through its rim; every known pixel keeps its value.

    `image` is (n, 3, h, w) of any float range, `hole` is (n, 1, h, w) with 1 where the pixel is unknown
    and 0 elsewhere. What `image` holds inside the hole has no influence. An item whose hole covers all
    of it has no rim, so it comes back as zero.
    """
    known = 1 - hole
    return _fill(image * known, known)


def _fill(image: Tensor, known: Tensor) -> Tensor:
    """One level: a coarse guess inside the hole, then sweeps that pull it onto the membrane."""
    if min(image.shape[-2:]) <= 2:
        return _mean_of_known(image, known)
    guess = _upsample(_fill(*_coarser(image, known)), image)
    filled = image * known + guess * (1 - known)
    for _ in range(SWEEPS):
        filled = image * known + _neighbour_mean(filled) * (1 - known)
    return filled


def _coarser(image: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    """Half the size; a coarse pixel is the mean of the known ones below it, and known if there is one."""
    from torch.nn.functional import avg_pool2d

    share = avg_pool2d(known, 2, ceil_mode=True)
    total = avg_pool2d(image * known, 2, ceil_mode=True)
    return total / share.clamp(min=1e-6), (share > 0).to(image.dtype)


def _mean_of_known(image: Tensor, known: Tensor) -> Tensor:
    count = known.sum((-2, -1), keepdim=True).clamp(min=1)
    mean = (image * known).sum((-2, -1), keepdim=True) / count
    return image * known + mean * (1 - known)


def _neighbour_mean(image: Tensor) -> Tensor:
    """Mean of the four neighbours; the border of the picture is mirrored."""
    from torch.nn.functional import pad

    wide = pad(image, (1, 1, 1, 1), mode="replicate")
    return (wide[..., :-2, 1:-1] + wide[..., 2:, 1:-1] + wide[..., 1:-1, :-2] + wide[..., 1:-1, 2:]) / 4


def _upsample(coarse: Tensor, like: Tensor) -> Tensor:
    from torch.nn.functional import interpolate

    return interpolate(coarse, size=like.shape[-2:], mode="bilinear", align_corners=False)
