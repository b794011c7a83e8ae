"""Pictures as the model's vision tower takes them, in batches and with light augmentation.

`patches` is the arithmetic of the stock image processor without its per-picture overhead; a test holds
the two equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import Qwen2_5_VLForConditionalGeneration

    from pipeline.safeguard_vl.model import Shape

# The processor's normalisation, in units of 0..1, for red, green and blue.
MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)


def patches(images: NDArray[np.uint8], shape: Shape) -> Tensor:
    """uint8 (B, S, S, 3) RGB to float32 (B * grid * grid, 3 * 2 * patch * patch), 2x2 neighbours together.

    S is any multiple of two patches; grid is S / patch.
    """
    import torch

    batch, half, patch = len(images), images.shape[1] // shape.patch // 2, shape.patch
    mean, std = torch.tensor(MEAN), torch.tensor(STD)
    values = (torch.from_numpy(np.array(images)).float() / 255 - mean) / std
    blocks = values.reshape(batch, half, 2, patch, half, 2, patch, 3)
    ordered = blocks.permute(0, 1, 4, 2, 5, 7, 3, 6)  # picture, block, patch of the block, colour, y, x
    still = ordered.unsqueeze(6).expand(*ordered.shape[:6], 2, patch, patch)  # two equal frames: a still
    return still.reshape(batch * (2 * half) ** 2, -1)


def encode(model: Qwen2_5_VLForConditionalGeneration, images: NDArray[np.uint8], shape: Shape) -> Tensor:
    """The vision tower's tokens (B, T, hidden) of uint8 (B, S, S, 3) pictures."""
    import torch

    side = images.shape[1] // shape.patch
    grid = torch.tensor([[1, side, side]]).expand(len(images), 3)
    found = model.model.get_image_features(patches(images, shape), grid, return_dict=True)
    return torch.stack(list(found.pooler_output))


def flip(
    images: NDArray[np.uint8], cells: NDArray[np.uint8], around: NDArray[np.uint8], chosen: NDArray[np.bool_]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """Mirror the chosen pictures (B, S, S, 3) and their cell maps (B, T) left to right."""
    side = int(cells.shape[1] ** 0.5)
    images = np.where(chosen[:, None, None, None], images[:, :, ::-1], images)

    def turned(maps: NDArray[np.uint8]) -> NDArray[np.uint8]:
        square = maps.reshape(-1, side, side)
        return np.where(chosen[:, None, None], square[:, :, ::-1], square).reshape(maps.shape)

    return images, turned(cells), turned(around)


def relight(images: NDArray[np.uint8], generator: np.random.Generator) -> NDArray[np.uint8]:
    """Change brightness by up to 20 % and contrast by up to 15 %, differently for every picture."""
    size = (len(images), 1, 1, 1)
    gain = generator.uniform(0.85, 1.15, size).astype(np.float32)
    lift = generator.uniform(-0.2, 0.2, size).astype(np.float32) * 128
    changed = (images.astype(np.float32) - 128) * gain + 128 + lift
    return np.clip(changed, 0, 255).astype(np.uint8)


def shift(images: NDArray[np.uint8], generator: np.random.Generator, most: int) -> NDArray[np.uint8]:
    """Move every picture by up to `most` pixels each way, repeating its edge. Cell maps stay as they are."""
    side = images.shape[1]
    padded = np.pad(images, ((0, 0), (most, most), (most, most), (0, 0)), mode="edge")
    corners = generator.integers(0, 2 * most + 1, (len(images), 2))
    moved = [padded[i, y : y + side, x : x + side] for i, (y, x) in enumerate(corners)]
    return np.stack(moved)
