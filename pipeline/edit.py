"""Replace regions: cut each separate part out, have an editor fill it, composite it back.

An editor only ever sees crops; what it returns is composited back by `region`, so no editor can touch a
pixel outside the ring.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
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
    """Every task's original with its region replaced, each separate part at its own resolution.

    The first parts of all tasks go to the editor together, then the second ones, which see what the first
    have become.
    """
    results = [task.original for task in tasks]
    zoned = [zones(task.mask) for task in tasks]
    separate = [parts(zone.allowed) for zone in zoned]
    for number in range(max(map(len, separate), default=0)):
        turn = [index for index, of_task in enumerate(separate) if number < len(of_task)]
        crops = [
            crop_around(separate[i][number], context=tasks[i].context, canvases=config.canvases) for i in turn
        ]
        holes = [
            _hole(tasks[i], results[i], zoned[i], crop, number) for i, crop in zip(turn, crops, strict=True)
        ]
        for i, crop, fill in zip(turn, crops, editor.fill(holes), strict=True):
            results[i] = _put_back(results[i], fill, zoned[i], separate[i][number], crop, config)
    return results


def _hole(task: Task, picture: Pixels, zone: Zones, crop: Crop, number: int) -> Hole:
    """A window of the picture at the size of its canvas; all of the region in it is hidden."""
    content = Image.fromarray(cut(picture, crop)).resize(crop.canvas, Image.Resampling.LANCZOS)
    # any share of a masked pixel counts, so that nothing violating falls between two canvas pixels
    mask = Image.fromarray(cut(zone.allowed, crop).astype(np.uint8) * 255)
    share = np.asarray(mask.resize(crop.canvas, Image.Resampling.BOX))
    return Hole(np.asarray(content), share > 0, task.prompt, task.avoid, task.seed + number)


def _put_back(
    picture: Pixels, fill: Pixels, zone: Zones, part: Mask, crop: Crop, config: EditConfig
) -> Pixels:
    """The fill at the window's size, blended into the picture where the part allows it."""
    size = (crop.width, crop.height)
    back = np.asarray(Image.fromarray(fill).resize(size, Image.Resampling.LANCZOS))
    if config.colour_match:
        back = match_colour(back, cut(picture, crop), core=cut(zone.core, crop), allowed=cut(part, crop))
    return composite(picture, back, crop, np.where(part, zone.alpha, 0))
