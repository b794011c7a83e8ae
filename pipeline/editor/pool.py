"""Training examples with their guides, made once and drawn from many times.

The exemplar fill of a crop takes as long as a training step, so crops, holes and guides are prepared
before the training and varied when drawn: mirrored, turned, and changed in gain, offset and colour.
What a step draws is a function of (seed, step) alone, so a resumed run sees what an unbroken one sees.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .data import CropSource

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Pool:
    """`crops` and `guides` are uint8 (n, size, size, 3) RGB, `holes` is bool (n, size, size)."""

    crops: NDArray[np.uint8]
    guides: NDArray[np.uint8]
    holes: NDArray[np.bool_]

    def draw(self, seed: int, step: int, count: int) -> Pool:
        """`count` varied examples, the same ones for the same seed and step."""
        rng = np.random.default_rng((seed, step))
        picks = rng.integers(len(self.crops), size=count)
        examples = [_vary(rng, self.crops[i], self.guides[i], self.holes[i]) for i in picks]
        crops, guides, holes = zip(*examples, strict=True)
        return Pool(np.stack(crops), np.stack(guides), np.stack(holes))


def prepare_pool(
    source: CropSource, seed: int, count: int, size: int, progress: Progress | None = None
) -> Pool:
    """Cut `count` crops of `size` pixels with random holes, and complete each by the exemplar fill."""
    from .exemplar import exemplar_fill
    from .model import holes_to_tensor, to_pictures, to_tensor

    batch = source.batch(seed, 0, count, size)
    guides = np.empty_like(batch.crops)
    for i in range(count):
        crop, hole = to_tensor(batch.crops[i : i + 1]), holes_to_tensor(batch.holes[i : i + 1])
        guides[i : i + 1] = to_pictures(exemplar_fill(crop, hole))
        if progress is not None:
            progress(i + 1, count)
    return Pool(batch.crops, guides, batch.holes)


def kept_pool(file: Path, make: Callable[[], Pool]) -> Pool:
    """The pool in `file`, made and written there first if there is none."""
    if not file.exists():
        pool = make()
        partial = file.with_suffix(".partial.npz")
        np.savez(partial, crops=pool.crops, guides=pool.guides, holes=pool.holes)
        partial.replace(file)
    with np.load(file) as arrays:
        return Pool(arrays["crops"], arrays["guides"], arrays["holes"])


def _vary(
    rng: np.random.Generator, crop: NDArray[np.uint8], guide: NDArray[np.uint8], hole: NDArray[np.bool_]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.bool_]]:
    """One change for all three: a mirror, now and then a turn, and for the pictures the colours."""
    mirror = -1 if rng.random() < 0.5 else 1
    turns = int(rng.integers(4)) if rng.random() < 0.3 else 0
    gain, offset = rng.uniform(0.7, 1.2) * rng.uniform(0.9, 1.1, 3), rng.uniform(-25, 25)
    pictures = np.stack([crop, guide]) * gain + offset
    crop, guide = np.clip(np.rint(pictures), 0, 255).astype(np.uint8)
    return _turn(crop, mirror, turns), _turn(guide, mirror, turns), np.rot90(hole[:, ::mirror], turns)


def _turn(picture: NDArray[np.uint8], mirror: int, turns: int) -> NDArray[np.uint8]:
    return np.rot90(picture[:, ::mirror], turns)
