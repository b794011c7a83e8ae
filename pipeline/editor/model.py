"""The network and the space it works in.

The model is a flow-matching diffusion model of the *residual*: y = k * (picture - smooth fill), zero
outside the hole. The flow does not begin at plain noise but at the guide, the residual of the exemplar
fill, under a little noise (a coupling that depends on the data: Albergo et al., ICML 2024, arXiv
2310.03725). At level s in [0, 1] the network sees (1 - s) * y + s * (guide + noise) and says what y is.
The noise is as strong as the picture's own texture around the hole, so a plain surface gets none.
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
OUT_CHANNELS = (3 + 1) * FOLD * FOLD  # a change of the residual, and how far the guide is believed
TIMES = 1000  # the network's time at level 1
WINDOW = 7  # pixels a side over which the texture's deviation is taken, odd
LOUDEST = 0.5  # the noise's greatest deviation, in residual units
MULTIPLE = 16  # picture sides must be multiples of this: the fold, and two halvings with room to spare


def build_unet(widths: tuple[int, ...] = (64, 96, 128)) -> UNet2DModel:
    """A fresh network; attention at every level but the finest. Its last layer starts at zero, so the
    untrained model answers halfway between the smooth fill and the exemplar fill."""
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
    the residual of the exemplar fill, `loudness` (n, 1, h, w) the noise's deviation in residual units,
    `hole` (n, 1, h, w) is 1 inside and 0 outside. Guide and loudness are zero outside the hole."""

    smooth: Tensor
    guide: Tensor
    loudness: Tensor
    hole: Tensor

    def to(self, device: torch.device) -> Condition:
        return Condition(
            self.smooth.to(device), self.guide.to(device), self.loudness.to(device), self.hole.to(device)
        )

    def begin(self, noise: Tensor) -> Tensor:
        """Where the flow begins: the guide under `noise` (n, 3, h, w) of unit deviation."""
        return self.guide + noise * self.loudness


def condition_on(picture: Tensor, exemplar: Tensor, hole: Tensor) -> Condition:
    """The condition for a picture in [-1, 1] whose exemplar fill is known."""
    smooth = smooth_fill(picture, hole)
    guide = (exemplar - smooth) * RESIDUAL_SCALE * hole
    return Condition(smooth, guide, loudness(picture, hole) * hole, hole)


def loudness(picture: Tensor, hole: Tensor) -> Tensor:
    """How strong the noise is, by pixel: (n, 1, h, w) in residual units, at most `LOUDEST`.

    The standard deviation of the known pixels in a window, continued smoothly through the hole.
    """
    known = 1 - hole
    share = _window_mean(known).clamp(min=1e-6)
    mean, square = _window_mean(picture * known) / share, _window_mean(picture**2 * known) / share
    deviation = (square - mean**2).clamp(min=0).mean(1, keepdim=True).sqrt()
    return (smooth_fill(deviation, hole) * RESIDUAL_SCALE).clamp(max=LOUDEST)


def _window_mean(image: Tensor) -> Tensor:
    from torch.nn.functional import avg_pool2d

    return avg_pool2d(image, WINDOW, stride=1, padding=WINDOW // 2, count_include_pad=False)


def predict_residual(unet: UNet2DModel, noisy: Tensor, level: Tensor, known: Condition) -> Tensor:
    """What the network takes the residual for: the guide, as far as it believes it, and a change.

    `noisy` is (n, 3, h, w), `level` is (n,) in [0, 1]. The answer is (n, 3, h, w), zero outside the hole.
    """
    import torch
    from torch.nn.functional import pixel_shuffle, pixel_unshuffle

    seen = pixel_unshuffle(torch.cat([noisy, known.smooth, known.guide, known.hole * 2 - 1], 1), FOLD)
    folded: Tensor = unet(seen.to(unet.dtype), level * TIMES).sample
    answer: Tensor = pixel_shuffle(folded.float(), FOLD)
    change, belief = answer[:, :3], answer[:, 3:].sigmoid()
    return (known.guide * belief + change) * known.hole


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
