"""Pictures small enough to live inside a page."""

from __future__ import annotations

import base64
import io

from PIL import Image

SIDE = 160  # pixels of the longer side


def data_uri(picture: Image.Image, side: int = SIDE, quality: int = 70) -> str:
    """The picture as a WebP data URI, at most `side` pixels on its longer side, never enlarged."""
    small = picture.convert("RGB")
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=quality, method=4)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
