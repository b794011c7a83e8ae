"""Training crops: pieces of photographs and drawn scenes at several scales, each with a random hole.

A batch is a function of (seed, step) alone. Photographs in a folder of `HELD_OUT` serve the figures only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .masks import random_mask

Picture = NDArray[np.uint8]

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
LONGEST = 1280  # longer sides are reduced on loading; finer grain would be noise at crop size
HELD_OUT = frozenset({"interiors", "nature"})  # licences that do not clearly allow weights made from them
SMALLEST = 96  # a picture is halved while its shorter side stays at least this long


@dataclass(frozen=True, slots=True)
class Batch:
    """`crops` is uint8 (n, size, size, 3) RGB, `holes` is bool (n, size, size)."""

    crops: NDArray[np.uint8]
    holes: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class CropSource:
    """Pictures as pyramids, full size first. Every picture is drawn equally often, whatever its size."""

    pyramids: tuple[tuple[Picture, ...], ...]

    def batch(self, seed: int, step: int, count: int, size: int) -> Batch:
        """The `count` crops of `size` pixels that belong to this seed and step."""
        rng = np.random.default_rng((seed, step))
        crops = [self._crop(rng, size) for _ in range(count)]
        holes = [random_mask(rng, size) for _ in range(count)]
        return Batch(np.stack(crops), np.stack(holes))

    def _crop(self, rng: np.random.Generator, size: int) -> Picture:
        pyramid = self.pyramids[rng.integers(len(self.pyramids))]
        level = pyramid[rng.integers(len(pyramid))]
        side = int(min(size * rng.uniform(1, 1.9), *level.shape[:2]))
        top = rng.integers(level.shape[0] - side + 1)
        left = rng.integers(level.shape[1] - side + 1)
        piece = Image.fromarray(level[top : top + side, left : left + side])
        return np.asarray(piece.resize((size, size), Image.Resampling.BOX))


def load_photos(folder: Path, *, held_out: bool = False) -> CropSource:
    """All photographs below `folder`, or the held-out ones; ValueError when there are none."""
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES)
    chosen = [file for file in files if is_held_out(file) == held_out]
    if not chosen:
        kind = "held-out" if held_out else "training"
        raise ValueError(
            f"no {kind} photographs in {folder} ({len(files)} files of {', '.join(SUFFIXES)}); "
            f"fetch some with: python -m pipeline.editor.fetch_photos {folder}"
        )
    return CropSource(tuple(_pyramid(_read(file)) for file in chosen))


def from_pictures(pictures: Sequence[Picture]) -> CropSource:
    """Crops of pictures already in memory, such as the clean side of drawn scenes: uint8 (h, w, 3) RGB."""
    return CropSource(tuple(_pyramid(picture) for picture in pictures))


def drawn_scenes(count: int, split: Literal["train", "test"] = "train") -> CropSource:
    """The clean sides of the scenes of the first `count` seeds, photographed places left out: those
    photographs may be held out here."""
    from ..scenes import make_scene

    scenes = (make_scene(seed, split=split) for seed in range(count))
    return from_pictures([scene.clean for scene in scenes if not scene.background.startswith("photo")])


def is_held_out(file: Path) -> bool:
    """Whether a photograph serves the figures instead of the training; decided by its folder's name."""
    return file.parent.name in HELD_OUT


def _read(file: Path) -> Picture:
    with Image.open(file) as image:
        image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
        return np.asarray(image.convert("RGB"))


def _pyramid(picture: Picture) -> tuple[Picture, ...]:
    levels = [picture]
    while min(levels[-1].shape[:2]) >= 2 * SMALLEST:
        levels.append(np.asarray(Image.fromarray(levels[-1]).reduce(2)))
    return tuple(levels)
