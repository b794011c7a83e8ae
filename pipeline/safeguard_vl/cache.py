"""Scenes drawn once and kept at the model's resolution, so that training waits for no drawing.

`draw_scenes` fills a folder of memory-mapped arrays in chunks and takes up where it was stopped:
`done` is written after the pixels it counts. Cells are the squares that one image token stands for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from bench.policy import CONTEXTS, Sighting, load_concepts
from bench.staging import write_atomic

if TYPE_CHECKING:
    from pipeline.safeguard_vl.model import Shape
    from pipeline.scenes import Scene, SceneObject

Split = Literal["train", "test"]
SLOTS = 8  # sightings kept of one scene; scenes show fewer
EMPTY = 255
CHUNK = 100


def concept_names() -> tuple[str, ...]:
    """Every concept's id in a fixed order: the numbering of cells and sightings."""
    return tuple(sorted(load_concepts()))


@dataclass(frozen=True, slots=True)
class SceneCache:
    """N scenes of S x S pixels and T cells.

    `images`, `clean` uint8 (N, S, S, 3) RGB, the second with what is regulated gone; `cells` uint8 (N, T),
    0 for nothing regulated, else 1 + the concept's number; `around` uint8 (N, T), bit i set for context i;
    `sightings` uint8 (N, SLOTS, 2), concept number and context bits, EMPTY where there is none.
    """

    images: NDArray[np.uint8]
    clean: NDArray[np.uint8]
    cells: NDArray[np.uint8]
    around: NDArray[np.uint8]
    sightings: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.images)

    def shown(self, index: int) -> tuple[Sighting, ...]:
        """What scene `index` shows, in the policies' words."""
        names = concept_names()
        return tuple(
            Sighting(names[concept], contexts_of(int(bits)))
            for concept, bits in self.sightings[index]
            if concept != EMPTY
        )


def contexts_of(bits: int) -> frozenset[str]:
    """The contexts whose bits are set."""
    return frozenset(name for i, name in enumerate(CONTEXTS) if bits >> i & 1)


def bits_of(contexts: Sequence[str] | frozenset[str]) -> int:
    """One bit a context, in the order of CONTEXTS."""
    return sum(1 << CONTEXTS.index(name) for name in set(contexts))


def open_cache(folder: Path, shape: Shape, count: int, mode: Literal["r", "r+", "w+"] = "r") -> SceneCache:
    """The arrays of a cache, of which the first `drawn(folder)` scenes are filled."""
    picture = (count, shape.image_size, shape.image_size, 3)
    sizes = {
        "images": picture,
        "clean": picture,
        "cells": (count, shape.image_tokens),
        "around": (count, shape.image_tokens),
        "sightings": (count, SLOTS, 2),
    }
    return SceneCache(
        **{name: np.memmap(folder / f"{name}.u8", np.uint8, mode, shape=size) for name, size in sizes.items()}
    )


def drawn(folder: Path) -> int:
    """How many scenes of the cache are complete; 0 where there is none."""
    mark = folder / "done.json"
    return int(json.loads(mark.read_text())["done"]) if mark.exists() else 0


def draw_scenes(
    folder: Path,
    shape: Shape,
    count: int,
    *,
    first_seed: int,
    split: Split = "train",
    progress: Callable[[int, int], None] | None = None,
) -> SceneCache:
    """Draw scenes `first_seed` .. `first_seed + count - 1` that the folder does not hold yet."""
    from pipeline.scenes import make_scene

    folder.mkdir(parents=True, exist_ok=True)
    done = drawn(folder)
    cache = open_cache(folder, shape, count, "r+" if done else "w+")
    for start in range(done, count, CHUNK):
        stop = min(start + CHUNK, count)
        for index in range(start, stop):
            fill(cache, index, make_scene(first_seed + index, split=split), shape)
        for array in (cache.images, cache.clean, cache.cells, cache.around, cache.sightings):
            assert isinstance(array, np.memmap)
            array.flush()
        write_atomic(folder / "done.json", json.dumps({"done": stop}).encode())
        if progress is not None:
            progress(stop, count)
    return cache


def fill(cache: SceneCache, index: int, scene: Scene, shape: Shape) -> None:
    """Put one scene into the arrays."""
    cache.images[index] = shrink(scene.image, shape.image_size)
    cache.clean[index] = shrink(scene.clean, shape.image_size)
    regulated = [thing for thing in scene.objects if thing.concept is not None]
    side = scene.image.shape[0]
    names = concept_names()
    cache.sightings[index] = EMPTY
    cache.cells[index] = cache.around[index] = 0
    for slot, thing in enumerate(regulated[:SLOTS]):
        assert thing.concept is not None
        number, bits = names.index(thing.concept), bits_of(thing.contexts)
        cache.sightings[index, slot] = number, bits
        covered = list(covered_cells(thing, side, shape.grid // 2))
        cache.cells[index, covered] = number + 1
        cache.around[index, covered] = bits


def covered_cells(thing: SceneObject, side: int, cells: int) -> Iterator[int]:
    """Cells whose middle lies in the thing's box; for a tiny thing the cell of the box's middle."""
    x0, y0, x1, y1 = (edge * cells / side for edge in thing.box)
    columns = [c for c in range(cells) if x0 <= c + 0.5 <= x1] or [min(int((x0 + x1) / 2), cells - 1)]
    rows = [r for r in range(cells) if y0 <= r + 0.5 <= y1] or [min(int((y0 + y1) / 2), cells - 1)]
    for row in rows:
        yield from (row * cells + column for column in columns)


def shrink(image: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Resize H x W x 3 to size x size x 3 by the method of the model's own processor."""
    import torch
    from torchvision.transforms.v2.functional import InterpolationMode, resize  # type: ignore[import-untyped]

    planes = torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)
    small = resize(planes, [size, size], interpolation=InterpolationMode.BICUBIC, antialias=True)
    return np.asarray(small.permute(1, 2, 0).numpy())
