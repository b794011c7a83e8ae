"""What one training step sees: a pure function of the recipe's seed and the step's number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bench.concepts import CONTEXTS
from bench.policy import Sighting
from pipeline.safeguard_vl.cache import SceneCache, bits_of, concept_names
from pipeline.safeguard_vl.compose import pick
from pipeline.safeguard_vl.data import WORDINGS, Question, imagined
from pipeline.safeguard_vl.paste import Supply, paste
from pipeline.safeguard_vl.vision import flip, patch_over, relight, restyle, shift

if TYPE_CHECKING:
    from torch import Tensor

FIVE = 5 * WORDINGS  # the head of the pool: the five policies in their wordings
UNTOLD = 0x80  # context bits of a cell whose thing was pasted: in which contexts it stands is not known
CLEAN_SHARE = 0.12  # pictures shown with their regulated things gone


@dataclass(frozen=True, slots=True)
class Pictures:
    """B pictures: `images` uint8 (B, S, S, 3) or None where they are spelt, `cells` (B, T) concept numbers
    from 1 (0: nothing), `around` uint8 (B, T) context bits, `shown` their sightings."""

    images: NDArray[np.uint8] | None
    cells: NDArray[np.uint8]
    around: NDArray[np.uint8]
    shown: tuple[tuple[Sighting, ...], ...]


@dataclass(frozen=True, slots=True)
class Pasting:
    """What is pasted into drawn pictures: a share of them, made clean, gets a thing of `moved`, and then a
    share of all gets a piece of `art`."""

    moved_share: float = 0.0
    moved: Supply | None = None
    art_share: float = 0.0
    art: Supply | None = None


def spelt_pictures(generator: np.random.Generator, count: int, side: int) -> Pictures:
    """Pictures without pixels: imagined sightings laid out as boxes on a side x side grid, with holes."""
    cells = np.zeros((count, side, side), dtype=np.uint8)
    around = np.zeros_like(cells)
    names = concept_names()
    shown = tuple(imagined(generator) for _ in range(count))
    for b, sightings in enumerate(shown):
        free = generator.permutation(4)  # one quarter each, so that none hides another
        for quarter, sighting in zip(free, sightings, strict=False):
            half = side // 2
            height, width = generator.integers(1, half + 1, 2)
            top = int(quarter) // 2 * half + int(generator.integers(half - height + 1))
            left = int(quarter) % 2 * half + int(generator.integers(half - width + 1))
            box = np.s_[b, top : top + height, left : left + width]
            cells[box] = names.index(sighting.concept) + 1
            around[box] = bits_of(sighting.contexts)
    return Pictures(None, cells.reshape(count, -1), around.reshape(count, -1), shown)


def drawn_pictures(
    generator: np.random.Generator, cache: SceneCache, count: int, ready: int, pasting: Pasting | None = None
) -> Pictures:
    """Scenes out of the first `ready` of the cache, some shown clean or with things pasted, all lightly
    augmented."""
    indices = generator.integers(0, ready, count)
    clean = generator.random(count) < CLEAN_SHARE
    moved = generator.random(count) < pasting.moved_share if pasting and pasting.moved else None
    clean = clean if moved is None else clean | moved
    images = np.where(clean[:, None, None, None], cache.clean[indices], cache.images[indices])
    cells = np.where(clean[:, None], 0, cache.cells[indices]).astype(np.uint8)
    around = np.where(clean[:, None], 0, cache.around[indices]).astype(np.uint8)
    shown = tuple(() if gone else cache.shown(int(i)) for i, gone in zip(indices, clean, strict=True))
    images, cells, around = flip(images, cells, around, generator.random(count) < 0.5)
    pictures = Pictures(images, cells, around, shown)
    if pasting and pasting.moved and moved is not None:
        pictures = with_pasted(pictures, pasting.moved, moved, generator)
    if pasting and pasting.art:
        chosen = generator.random(count) < pasting.art_share
        pictures = with_pasted(pictures, pasting.art, chosen, generator)
    return printed(pictures, generator)


def printed(pictures: Pictures, generator: np.random.Generator) -> Pictures:
    """Patched over, printed another way, moved a little and lit anew: what changes no cell."""
    assert pictures.images is not None
    images = restyle(patch_over(pictures.images, pictures.cells, generator), generator)
    return replace(pictures, images=relight(shift(images, generator, 3), generator))


def with_pasted(
    pictures: Pictures, supply: Supply, chosen: NDArray[np.bool_], generator: np.random.Generator
) -> Pictures:
    """The chosen (B) get a thing of `supply`: its cells say what it is, and no context: nobody knows it."""
    assert pictures.images is not None
    images, cells, written = paste(pictures.images, pictures.cells, supply, chosen, generator)
    around = np.where(cells != pictures.cells, UNTOLD, pictures.around).astype(np.uint8)
    names, pairs = concept_names(), zip(pictures.shown, written, strict=True)
    shown = tuple((*before, Sighting(names[n - 1])) if n else before for before, n in pairs)
    return Pictures(images, cells, around, shown)


def crops(pictures: Pictures, generator: np.random.Generator, side: int) -> Pictures:
    """A square of side x side cells out of every picture, over a regulated cell where there is one.

    It teaches naming at a third of a picture's price. `shown` still speaks of the whole picture.
    """
    assert pictures.images is not None
    grid = int(pictures.cells.shape[1] ** 0.5)
    pixels = pictures.images.shape[1] // grid
    parts: list[tuple[NDArray[np.uint8], ...]] = []
    maps = (pictures.cells.reshape(-1, grid, grid), pictures.around.reshape(-1, grid, grid))
    for image, cells, around in zip(pictures.images, *maps, strict=True):
        there = np.argwhere(cells)
        middle = there[generator.integers(len(there))] if len(there) else generator.integers(0, grid, 2)
        y, x = np.clip(middle - generator.integers(0, side, 2), 0, grid - side)
        box = np.s_[y : y + side, x : x + side]
        pixel_box = np.s_[y * pixels : (y + side) * pixels, x * pixels : (x + side) * pixels]
        parts.append((image[pixel_box], cells[box].ravel(), around[box].ravel()))
    images, cells, around = (np.stack(part) for part in zip(*parts, strict=True))
    return Pictures(images, cells, around, pictures.shown)


def choose_questions(
    generator: np.random.Generator, pool: Sequence[Question], shown: Sequence[Sighting], count: int
) -> list[Question]:
    """`count` questions on one picture: half of them of the five, answers as balanced as the picture lets."""
    chosen = []
    for _ in range(count):
        five = generator.random() < 0.5
        wanted = "unsafe" if generator.random() < 0.5 else "safe"
        part = pool[:FIVE] if five or len(pool) == FIVE else pool[FIVE:]
        for _ in range(4):
            question = pick(part, generator)
            if question.policy.judge(shown).label == wanted:
                break
        chosen.append(question)
    return chosen


def context_flags(around: NDArray[np.uint8]) -> Tensor:
    """Context bits (B, T) as float flags (B, T, contexts), NaN where the cell is UNTOLD."""
    import torch

    bits = torch.from_numpy(around.astype(np.int64))[..., None]
    return (bits >> torch.arange(len(CONTEXTS)) & 1).float().masked_fill(bits == UNTOLD, torch.nan)
