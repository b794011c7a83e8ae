"""The embedded editor as a diffusers pipeline: a hole in a picture, filled by a few flow-matching steps.

    pipe = SafeEditInpaintPipeline.from_pretrained("pipeline/editor/weights")
    filled = pipe(image=crop, mask_image=mask, generator=torch.Generator().manual_seed(7)).images[0]

It works on crops (64 to 128 pixels is what it was trained for) and has no text encoder: it removes, it
cannot be told what to put in place. Pixels outside the hole come back bit for bit.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from diffusers.models.unets.unet_2d import UNet2DModel
from diffusers.pipelines.pipeline_utils import DiffusionPipeline, ImagePipelineOutput
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler
from diffusers.utils.torch_utils import randn_tensor
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from .exemplar import exemplar_fill
from .model import (
    MULTIPLE,
    RESIDUAL_SCALE,
    TIMES,
    Condition,
    condition_on,
    holes_to_tensor,
    predict_residual,
    to_pictures,
    to_tensor,
)

Pictures = Image.Image | Sequence[Image.Image]
Generators = torch.Generator | list[torch.Generator] | None


def default_scheduler() -> FlowMatchEulerDiscreteScheduler:
    """Levels in equal steps; the network's time is the level times 1000."""
    scheduler: FlowMatchEulerDiscreteScheduler = FlowMatchEulerDiscreteScheduler(
        num_train_timesteps=TIMES, shift=1.0
    )
    return scheduler


class SafeEditInpaintPipeline(DiffusionPipeline):
    """Fills holes in RGB crops; `unet` is what `model.build_unet` makes."""

    unet: UNet2DModel
    scheduler: FlowMatchEulerDiscreteScheduler

    def __init__(self, unet: UNet2DModel, scheduler: FlowMatchEulerDiscreteScheduler) -> None:
        super().__init__()
        self.register_modules(unet=unet, scheduler=scheduler)  # type: ignore[no-untyped-call]

    @torch.no_grad()
    def __call__(
        self,
        image: Pictures,
        mask_image: Pictures,
        num_inference_steps: int = 1,
        generator: Generators = None,
        prompt: str | Sequence[str] | None = None,
    ) -> ImagePipelineOutput:
        """Fill every crop's hole.

        `image` and `mask_image` are one picture or equally many, all of one size whose sides are
        multiples of 16; a mask is greyscale, and 128 and above means replace. `generator` is one
        generator, or one an item, which makes an item's fill independent of its companions up to
        rounding. `prompt` is accepted so that the call is that of other inpainting pipelines; it has
        no influence. Returns PIL pictures of the same size. ValueError for sizes that do not fit.
        """
        crops, holes = _stack(_listed(image), "RGB"), _stack(_listed(mask_image), "L") >= 128
        _check(crops, holes, num_inference_steps)
        picture, hole = to_tensor(crops), holes_to_tensor(holes)
        known = condition_on(picture, exemplar_fill(picture, hole), hole)
        residual = self._sample(known.to(self._execution_device), num_inference_steps, generator)
        sampled = to_pictures(known.smooth + residual.cpu() / RESIDUAL_SCALE)
        filled = np.where(holes[..., None], sampled, crops)
        return ImagePipelineOutput(images=[Image.fromarray(picture) for picture in filled])

    def _sample(self, known: Condition, steps: int, generator: Generators) -> Tensor:
        """From the guide under noise to a residual, in equal steps of the level."""
        noise = randn_tensor(tuple(known.guide.shape), generator=generator, device=known.guide.device)
        noisy = known.begin(noise)
        levels = np.linspace(1, 1 / steps, steps).tolist()
        self.scheduler.set_timesteps(sigmas=levels, device=known.guide.device)
        for time in self.progress_bar(self.scheduler.timesteps):
            level = time / TIMES
            residual = predict_residual(self.unet, noisy, level.expand(len(noisy)), known)
            velocity = (noisy - residual) / level
            (noisy,) = self.scheduler.step(velocity, time, noisy, return_dict=False)  # type: ignore[arg-type]
        clear: Tensor = noisy
        return clear


def _listed(pictures: Pictures) -> list[Image.Image]:
    return [pictures] if isinstance(pictures, Image.Image) else list(pictures)


def _stack(pictures: list[Image.Image], mode: str) -> NDArray[np.uint8]:
    sizes = sorted({picture.size for picture in pictures})
    if len(sizes) != 1:
        raise ValueError(f"pictures of one call must have one size, got {sizes}; edit them one by one")
    return np.stack([np.asarray(picture.convert(mode)) for picture in pictures])


def _check(crops: NDArray[np.uint8], holes: NDArray[np.bool_], steps: int) -> None:
    height, width = crops.shape[1:3]
    if crops.shape[:3] != holes.shape:
        raise ValueError(
            f"{len(crops)} pictures of {width}x{height} do not fit "
            f"{len(holes)} masks of {holes.shape[2]}x{holes.shape[1]}; give every picture a mask of its size"
        )
    if height % MULTIPLE or width % MULTIPLE:
        raise ValueError(f"sides must be multiples of {MULTIPLE}, got {width}x{height}; resize the crop")
    if steps < 1:
        raise ValueError(f"num_inference_steps must be at least 1, got {steps}")
