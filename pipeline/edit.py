"""Replace regions: cut each separate part out, have an editor fill it, composite it back.

An editor only ever sees crops; what it returns is composited back by `region`, so no editor can touch a
pixel outside the ring.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from .colour_match import match_colour
from .config import EditConfig
from .images import Mask, Pixels
from .inpainters.base import Editor, Hole
from .region import Crop, Zones, composite, crop_around, cut, parts, zones

EMBEDDED = Path(__file__).parent / "editor" / "weights"


@dataclass(frozen=True, slots=True)
class Task:
    """One picture to edit: the region to replace, what the editor is told, and the item's own seed.
    `context` is the margin of a crop, as a share of its longer side."""

    original: Pixels
    mask: Mask
    prompt: str
    avoid: str
    seed: int
    context: float


@dataclass(frozen=True, slots=True)
class Piece:
    """A separate part of a task's region, the window it is edited in, and the hole an editor gets."""

    part: Mask
    crop: Crop
    hole: Hole


_loading = threading.Lock()


def load_editor(config: EditConfig) -> Editor:
    """The configured editor, loaded once a process whichever thread asks first."""
    with _loading:
        return _load_once(config)


@lru_cache(maxsize=1)
def _load_once(config: EditConfig) -> Editor:
    from .inpainters.diffusers_editor import DiffusersEditor

    if config.model:
        return DiffusersEditor(config.model, config)
    return DiffusersEditor(str(EMBEDDED), config, name="embedded")


def edit_regions(editor: Editor, tasks: Sequence[Task], config: EditConfig) -> list[Pixels]:
    """Every task's original with its region replaced, each separate part at its own resolution."""
    zoned = [zones(task.mask) for task in tasks]
    pieces = [list(_pieces(task, zone, config)) for task, zone in zip(tasks, zoned, strict=True)]
    filled = iter(editor.fill([piece.hole for of_task in pieces for piece in of_task]))
    return [
        _put_back(task, zone, [(piece, next(filled)) for piece in of_task], config)
        for task, zone, of_task in zip(tasks, zoned, pieces, strict=True)
    ]


def _pieces(task: Task, zone: Zones, config: EditConfig) -> Iterator[Piece]:
    for number, part in enumerate(parts(zone.allowed)):
        crop = crop_around(part, context=task.context, canvases=config.canvases)
        picture = Image.fromarray(cut(task.original, crop)).resize(crop.canvas, Image.Resampling.LANCZOS)
        # any share of a masked pixel counts, so that nothing violating falls between two canvas pixels
        mask = Image.fromarray(cut(zone.allowed, crop).astype(np.uint8) * 255)
        share = np.asarray(mask.resize(crop.canvas, Image.Resampling.BOX))
        yield Piece(
            part, crop, Hole(np.asarray(picture), share > 0, task.prompt, task.avoid, task.seed + number)
        )


def _put_back(task: Task, zone: Zones, filled: Sequence[tuple[Piece, Pixels]], config: EditConfig) -> Pixels:
    """The fills at the window's size, blended into the original one after the other."""
    result = task.original
    for piece, fill in filled:
        crop = piece.crop
        size = (crop.width, crop.height)
        back = np.asarray(Image.fromarray(fill).resize(size, Image.Resampling.LANCZOS))
        if config.colour_match:
            allowed = cut(piece.part, crop)
            back = match_colour(back, cut(task.original, crop), core=cut(zone.core, crop), allowed=allowed)
        result = composite(result, back, crop, np.where(piece.part, zone.alpha, 0))
    return result
