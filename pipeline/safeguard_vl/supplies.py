"""Where pasted things come from: published art, or the objects of other drawn scenes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from pipeline.safeguard_vl.art import ArtCache
from pipeline.safeguard_vl.cache import SceneCache
from pipeline.safeguard_vl.dress import dress_ink, recolour
from pipeline.safeguard_vl.paste import Piece

PLAIN = 0.4  # share of pasted art that shows ordinary things
COLOURED = 0.6  # share of pasted art that has colours of its own, where the concept has both
SIZES = (0.2, 0.6)  # of a picture's side
DIFFERENT = 20  # grey levels from which on a pixel belongs to an object, not to its shadow
TRIES = 4
ENOUGH = 20  # pieces from which on a concept is pasted as often as any other
LEAST = 60  # pixels of an object worth moving


@dataclass(frozen=True, slots=True)
class ArtSupply:
    """Art by what it shows: `shelves[number]` are the rows with own colours and those of one ink."""

    art: ArtCache
    shelves: Mapping[int, tuple[NDArray[np.int64], NDArray[np.int64]]]
    side: int

    def __call__(self, generator: np.random.Generator, behind: float) -> Piece:
        """One piece in new colours: two in five ordinary, else concepts alike, or by their few pieces."""
        regulated = [number for number in self.shelves if number]
        plain = 0 in self.shelves and (not regulated or generator.random() < PLAIN)
        weights = np.array([min(ENOUGH, sum(map(len, self.shelves[n]))) for n in regulated], dtype=float)
        number = 0 if plain else int(generator.choice(regulated, p=weights / weights.sum()))
        coloured, inked = self.shelves[number]
        own = len(inked) == 0 or (len(coloured) > 0 and generator.random() < COLOURED)
        rows = coloured if own else inked
        pixels = np.array(self.art.pixels[rows[int(generator.integers(len(rows)))]])
        dressed = recolour(pixels, generator) if own else dress_ink(pixels, generator, behind)
        return Piece(dressed, self.side * generator.uniform(*SIZES), number)


def art_supply(art: ArtCache, side: int) -> ArtSupply:
    """Sort a cache by what its pieces show, for pictures of side x side pixels."""
    numbers, own = art.numbers(), np.array([row.colour for row in art.rows])
    shelves = {
        int(n): (np.flatnonzero((numbers == n) & own), np.flatnonzero((numbers == n) & ~own))
        for n in np.unique(numbers)
    }
    return ArtSupply(art, shelves, side)


@dataclass(frozen=True, slots=True)
class MovedThings:
    """Objects of drawn scenes, cut out where the scene differs from itself without them."""

    scenes: SceneCache

    def __call__(self, generator: np.random.Generator, behind: float) -> Piece | None:
        """One object that stands in no context, in nearly its own colours; None where few scenes have one."""
        for _ in range(TRIES):
            index = int(generator.integers(len(self.scenes)))
            cells, around = self.scenes.cells[index], self.scenes.around[index]
            found = np.unique(cells[(cells > 0) & (around == 0)])
            if len(found):
                number = int(found[generator.integers(len(found))])
                cut = cut_out(self.scenes.images[index], self.scenes.clean[index], cells, number)
                if (cut[..., 3] > 127).sum() >= LEAST:
                    side = self.scenes.images.shape[1]
                    longest = max(cut.shape[:2]) * generator.uniform(0.6, 1.3)
                    longest = float(np.clip(longest, SIZES[0] * side, SIZES[1] * side))
                    return Piece(recolour(cut, generator, 0.3), longest, number)
        return None


def cut_out(
    image: NDArray[np.uint8], clean: NDArray[np.uint8], cells: NDArray[np.uint8], number: int
) -> NDArray[np.uint8]:
    """RGBA of what (S, S, 3) shows in the cells that hold `number`, and half a cell around them.

    Alpha is 255 where the picture differs from the clean one, and within such an outline; cells of other
    concepts are left out. The result may be empty (0, 0, 4).
    """
    from scipy.ndimage import binary_fill_holes

    grid = int(len(cells) ** 0.5)
    pixels = image.shape[0] // grid
    rows, columns = np.nonzero(cells.reshape(grid, grid) == number)
    box = np.s_[
        max(0, rows.min() * pixels - pixels // 2) : (rows.max() + 1) * pixels + pixels // 2,
        max(0, columns.min() * pixels - pixels // 2) : (columns.max() + 1) * pixels + pixels // 2,
    ]
    others = np.kron(((cells > 0) & (cells != number)).reshape(grid, grid), np.ones((pixels, pixels), bool))[
        box
    ]
    differs = np.abs(image[box].astype(np.int16) - clean[box]).max(-1) > DIFFERENT
    solid = binary_fill_holes(differs & ~others)
    there = [np.flatnonzero(solid.any(axis)) for axis in (1, 0)]
    if not len(there[0]):
        return np.zeros((0, 0, 4), dtype=np.uint8)
    tight = np.s_[there[0][0] : there[0][-1] + 1, there[1][0] : there[1][-1] + 1]
    soft = Image.fromarray((solid[tight] * 255).astype(np.uint8)).filter(ImageFilter.BoxBlur(0.5))
    return np.concatenate([image[box][tight], np.asarray(soft)[..., None]], axis=-1)
