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

Floats = NDArray[np.float32]

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


def restyle(images: NDArray[np.uint8], generator: np.random.Generator) -> NDArray[np.uint8]:
    """Print half of the pictures (B, S, S, 3) another way: paler or tinted, softer or sharper, in fewer
    tones, with grain. Shapes stay; what depends on one way of drawing does not."""
    changed = images.astype(np.float32)
    for i in np.flatnonzero(generator.random(len(images)) < 0.5):
        for change in generator.permutation(len(_CHANGES))[:2]:
            changed[i] = _CHANGES[change](changed[i], generator)
    return np.clip(changed, 0, 255).astype(np.uint8)


def _fade(picture: Floats, generator: np.random.Generator) -> Floats:
    grey = picture.mean(axis=-1, keepdims=True)
    return np.asarray(grey + (picture - grey) * generator.uniform(0, 1.3), dtype=np.float32)


def _tint(picture: Floats, generator: np.random.Generator) -> Floats:
    return np.asarray(picture * generator.uniform(0.8, 1.15, 3), dtype=np.float32)


def _focus(picture: Floats, generator: np.random.Generator) -> Floats:
    edged = np.pad(picture, ((1, 1), (1, 1), (0, 0)), mode="edge")
    soft = (edged[:-2, 1:-1] + edged[2:, 1:-1] + edged[1:-1, :-2] + edged[1:-1, 2:] + picture) / 5
    softer = generator.uniform(-1.5, 1.0)  # below 0: sharper
    return np.asarray(picture + (soft - picture) * softer, dtype=np.float32)


def _fewer_tones(picture: Floats, generator: np.random.Generator) -> Floats:
    step = np.float32(256 / generator.integers(4, 10))
    return np.asarray((np.floor(picture / step) + 0.5) * step, dtype=np.float32)


def _grain(picture: Floats, generator: np.random.Generator) -> Floats:
    grain = generator.standard_normal((*picture.shape[:2], 1), dtype=np.float32)
    return picture + grain * np.float32(generator.uniform(3, 16))


_CHANGES = (_fade, _tint, _focus, _fewer_tones, _grain)


def patch_over(
    images: NDArray[np.uint8], cells: NDArray[np.uint8], generator: np.random.Generator
) -> NDArray[np.uint8]:
    """Cover a harmless square of half of the pictures (B, S, S, 3) with another harmless square, as an editor
    might have: traces of editing alone must not tell the verdict. `cells` (B, T) are 0 where harmless."""
    side = int(cells.shape[1] ** 0.5)
    pixels = images.shape[1] // side
    patched = images.copy()
    for i in np.flatnonzero(generator.random(len(images)) < 0.5):
        extent = int(generator.integers(1, side // 2))
        taken = cells[i].reshape(side, side) > 0
        corners = generator.integers(0, side - extent + 1, (12, 2))
        free = [(y, x) for y, x in corners if not taken[y : y + extent, x : x + extent].any()]
        if len(free) >= 2:
            (y, x), (v, u) = (np.array(corner) * pixels for corner in free[:2])
            size = extent * pixels
            patched[i, y : y + size, x : x + size] = images[i, v : v + size, u : u + size]
    return patched
