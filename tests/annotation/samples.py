"""Small pictures and votes for the tests of this package."""

from __future__ import annotations

import io
from collections.abc import Sequence
from hashlib import sha256

from PIL import Image, ImageDraw

from annotation.order import Picture
from bench.schema import Answer, LabelSource, VoteRow


class Album:
    """Drawn pictures: every third an original, the two after it its edited picture and its control."""

    def __init__(self, count: int, size: int = 96) -> None:
        images = [checkerboard(number, size) for number in range(count)]
        self.bytes_of = {sha256(image).hexdigest()[:16]: image for image in images}
        self.pictures: Sequence[Picture] = [
            Picture(image_id, f"pair-{number // 3}", edited=number % 3 > 0)
            for number, image_id in enumerate(self.bytes_of)
        ]

    def read(self, image_id: str) -> bytes:
        return self.bytes_of[image_id]


def checkerboard(number: int, size: int = 96) -> bytes:
    """A PNG whose colours depend on `number`: strong edges, so that a veil can be measured."""
    image = Image.new("RGB", (size, size), (40 * number % 256, number // 256, 200))
    draw = ImageDraw.Draw(image)
    for x in range(0, size, 16):
        for y in range(x // 16 % 2 * 16, size, 32):
            draw.rectangle([x, y, x + 15, y + 15], fill=(250, 60 * number % 256, number % 251))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def vote(
    image_id: str,
    rater: str,
    answer: Answer,
    *,
    policy_id: str = "L3",
    digest: str = "d",
    rule: str = "",
    source: LabelSource = "human",
) -> VoteRow:
    return VoteRow(image_id, policy_id, digest, rater, answer, rule, None, True, 1.0, source)
