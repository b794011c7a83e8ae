"""Small pictures and votes for the tests of this package."""

from __future__ import annotations

import io
from hashlib import sha256

from PIL import Image, ImageDraw

from annotation.push import Picture
from bench.schema import Answer, LabelSource, VoteRow


def picture(number: int, size: int = 96) -> Picture:
    """A checkerboard whose colours depend on `number`: strong edges, so that a veil can be measured."""
    image = Image.new("RGB", (size, size), (40 * number % 256, 90, 200))
    draw = ImageDraw.Draw(image)
    for x in range(0, size, 16):
        for y in range(x // 16 % 2 * 16, size, 32):
            draw.rectangle([x, y, x + 15, y + 15], fill=(250, 60 * number % 256, 20))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return Picture(sha256(buffer.getvalue()).hexdigest()[:16], buffer.getvalue())


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
