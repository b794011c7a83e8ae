"""Pictures small enough to live inside a page."""

from __future__ import annotations

import base64
import contextlib
import io
from collections.abc import Callable, Set

from PIL import Image

from bench.evaluation_set import EvaluationSet

SIDE = 160  # pixels of the longer side


def thumbnails(
    data: EvaluationSet, wanted: Set[str], progress: Callable[[int, int], None] | None = None
) -> dict[str, str]:
    """A data URI for each wanted picture, by image id. One that cannot be opened has none.

    They are opened in the order of the set, which reads every part of its tables once. `progress` is called
    with (pictures done, pictures in all).
    """
    ids = [image_id for image_id in data.image_ids if image_id in wanted]
    found = {}
    for done, image_id in enumerate(ids, start=1):
        with contextlib.suppress(Exception):  # whatever a damaged file makes the decoder raise
            found[image_id] = data_uri(data.picture(image_id))
        if progress:
            progress(done, len(ids))
    return found


def data_uri(picture: Image.Image, side: int = SIDE, quality: int = 70) -> str:
    """The picture as a WebP data URI, at most `side` pixels on its longer side, never enlarged."""
    small = picture.convert("RGB")
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=quality, method=4)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
