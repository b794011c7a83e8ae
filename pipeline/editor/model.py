"""The network and the space it works in.

The model is a flow-matching diffusion model of the *residual*: y = k * (picture - smooth fill), zero
outside the hole. At noise level s in [0, 1] it sees (1 - s) * y + s * noise and says what y is. Beside
the smooth fill it is shown the exemplar fill, which has structure but also mistakes and soft grain.
Pictures are folded 2x2 into channels first, which costs a CPU a quarter of the time at full size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .fill import smooth_fill

if TYPE_CHECKING:
    import torch
    from diffusers.models.unets.unet_2d import UNet2DModel
    from torch import Tensor

FOLD = 2
RESIDUAL_SCALE = 4.0  # k: brings the residual of photographs in [-1, 1] to about unit deviation
IN_CHANNELS = (3 + 3 + 3 + 1) * FOLD * FOLD  # noisy residual, smooth fill, the guide's residual, hole
OUT_CHANNELS = 3 * FOLD * FOLD
TIMES = 1000  # the network's time at noise level 1
MULTIPLE = 16  # picture sides must be multiples of this: the fold, and two halvings with room to spare


def build_unet(widths: tuple[int, ...] = (64, 96, 128)) -> UNet2DModel:
    """A fresh network; attention at every level but the finest. Its last layer starts at zero, so the
    untrained model answers with the smooth fill."""
    from diffusers.models.unets.unet_2d import UNet2DModel
    from torch.nn import init

    levels = len(widths)
    unet: UNet2DModel = UNet2DModel(
        in_channels=IN_CHANNELS,
        out_channels=OUT_CHANNELS,
        layers_per_block=1,
        block_out_channels=widths,
        down_block_types=("DownBlock2D", *["AttnDownBlock2D"] * (levels - 1)),
        up_block_types=(*["AttnUpBlock2D"] * (levels - 1), "UpBlock2D"),
        norm_num_groups=8,
        attention_head_dim=32,
    )
    for parameter in unet.conv_out.parameters():
        init.zeros_(parameter)
    return unet


@dataclass(frozen=True, slots=True)
class Condition:
    """What is known of a batch: `smooth` (n, 3, h, w) is the smooth fill in [-1, 1], `guide` (n, 3, h, w)
    the residual of the exemplar fill, `hole` (n, 1, h, w) is 1 inside and 0 outside."""

    smooth: Tensor
    guide: Tensor
    hole: Tensor

    def to(self, device: torch.device) -> Condition:
        return Condition(self.smooth.to(device), self.guide.to(device), self.hole.to(device))


def condition_on(picture: Tensor, exemplar: Tensor, hole: Tensor) -> Condition:
    """The condition for a picture in [-1, 1] whose exemplar fill is known."""
    smooth = smooth_fill(picture, hole)
    return Condition(smooth, (exemplar - smooth) * RESIDUAL_SCALE * hole, hole)


def predict_residual(unet: UNet2DModel, noisy: Tensor, level: Tensor, known: Condition) -> Tensor:
    """What the network takes the residual for.

    `noisy` is (n, 3, h, w), `level` is (n,) in [0, 1]. The answer is (n, 3, h, w), zero outside the hole.
    """
    import torch
    from torch.nn.functional import pixel_shuffle, pixel_unshuffle

    seen = pixel_unshuffle(torch.cat([noisy, known.smooth, known.guide, known.hole * 2 - 1], 1), FOLD)
    folded: Tensor = unet(seen.to(unet.dtype), level * TIMES).sample
    return pixel_shuffle(folded.float(), FOLD) * known.hole


def to_tensor(pictures: NDArray[np.uint8]) -> Tensor:
    """uint8 (n, h, w, 3) to float (n, 3, h, w) in [-1, 1]."""
    import torch

    return torch.from_numpy(pictures.astype(np.float32)).permute(0, 3, 1, 2) / 127.5 - 1


def to_pictures(tensor: Tensor) -> NDArray[np.uint8]:
    """float (n, 3, h, w) in [-1, 1] to uint8 (n, h, w, 3), rounded and clipped."""
    levels = ((tensor + 1) * 127.5).round().clamp(0, 255)
    pictures: NDArray[np.uint8] = levels.permute(0, 2, 3, 1).cpu().numpy().astype(np.uint8)
    return pictures


def holes_to_tensor(holes: NDArray[np.bool_]) -> Tensor:
    """bool (n, h, w) to float (n, 1, h, w) of 0 and 1."""
    import torch

    return torch.from_numpy(holes.astype(np.float32)).unsqueeze(1)
