"""Many scenes on one sheet, to look at."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from .model import Scene


def contact_sheet(scenes: Sequence[Scene], columns: int = 6, *, gap: int = 4) -> Image.Image:
    """The pictures row by row on white. All scenes must have the size of the first.

    Raises:
        ValueError: no scenes, or no columns.
    """
    if not scenes or columns < 1:
        raise ValueError(
            f"{len(scenes)} scenes in {columns} columns make no sheet; give at least one of each"
        )
    side = scenes[0].image.shape[0] + gap
    rows = -(-len(scenes) // columns)
    sheet = Image.new("RGB", (columns * side + gap, rows * side + gap), "white")
    for index, scene in enumerate(scenes):
        place = (index % columns * side + gap, index // columns * side + gap)
        sheet.paste(Image.fromarray(scene.image), place)
    return sheet
