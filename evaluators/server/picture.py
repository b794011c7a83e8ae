"""A picture on its way to a server."""

from __future__ import annotations

import base64
import io
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image


class Picture:
    """A picture as a PNG, so that its pixels reach the server unchanged; packed once however often it is
    asked about, and fast rather than small."""

    def __init__(self, image: Image.Image) -> None:
        self._image = image

    @cached_property
    def base64(self) -> str:
        """Raises OSError where a PNG cannot hold such a picture."""
        buffer = io.BytesIO()
        self._image.save(buffer, "PNG", compress_level=1)
        return base64.b64encode(buffer.getvalue()).decode()

    @cached_property
    def data_uri(self) -> str:
        return f"data:image/png;base64,{self.base64}"
