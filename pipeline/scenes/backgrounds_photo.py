"""Real photographs that come inside scikit-image and scikit-learn, as places.

Nothing is fetched: the files are in the wheels. Grass, gravel and brick are grey in the file and tinted
here. The pictures of people and of rockets that those packages hold are not used.
"""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path
from random import Random

import numpy as np
import skia
from numpy.typing import NDArray
from PIL import Image

from .backgrounds import Background
from .canvas import fading, filled, layer, picture, placed, stroked
from .colour import RGB, darker, lighter, vary
from .shapes import line
from .surfaces import box, contact_line, floor_map, ground, planks, plaster, tiled_floor

_LINEAR = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)


def _folder(package: str, *parts: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{package} is not installed: install the extra `build`")
    return Path(spec.origin).parent.joinpath(*parts)


@functools.cache
def _photo(name: str, longest: int = 640) -> NDArray[np.uint8]:
    """RGB uint8, its longer side at most `longest` pixels."""
    package = (
        ("sklearn", "datasets", "images") if name in ("china.jpg", "flower.jpg") else ("skimage", "data")
    )
    with Image.open(_folder(*package) / name) as file:
        image = file.convert("RGB")
    if name == "brick.png":  # its courses run upwards
        image = image.transpose(Image.Transpose.ROTATE_90)
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return np.asarray(image)


@functools.cache
def _image(name: str, tint: RGB | None = None) -> skia.Image:
    pixels = _photo(name)
    if tint is not None:
        grey = pixels.mean(axis=2, keepdims=True) / 128.0
        pixels = np.clip(grey * np.array(tint), 0, 255).astype(np.uint8)
    opaque = np.full((*pixels.shape[:2], 1), 255, dtype=np.uint8)
    return picture(np.concatenate([pixels, opaque], axis=2)).withDefaultMipmaps()


def _backdrop(
    canvas: skia.Canvas, rng: Random, name: str, window: tuple[float, float, float, float], bottom: float
) -> None:
    """A crop of the photo above `bottom`, slightly out of focus as behind a thing close to the camera.

    `window` is the left, top, right and bottom share within which the crop may slide.
    """
    image = _image(name)
    left, top, right, lower = (
        share * side for share, side in zip(window, (image.width(), image.height()) * 2, strict=True)
    )
    width = min(right - left, (lower - top) * 256 / bottom)
    x = rng.uniform(left, right - width)
    source = skia.Rect.MakeXYWH(x, top, width, width * bottom / 256)
    canvas.save()
    canvas.clipRect(box(0, 0, 256, bottom))
    with layer(canvas, 1.1, 1.0, box(0, 0, 256, bottom)):
        if rng.random() < 0.5:
            canvas.translate(256, 0)
            canvas.scale(-1, 1)
        canvas.drawImageRect(image, source, box(0, 0, 256, bottom), _LINEAR)
    canvas.restore()


def _ledge(canvas: skia.Canvas, rng: Random, top: float) -> None:
    """A stone parapet in the foreground."""
    stone = vary(rng, rng.choice([(186, 180, 170), (160, 158, 156), (200, 186, 160)]))
    ground(canvas, stone, top, 0.8, 0.5, 0.8)
    canvas.drawRect(box(0, top, 256, 3), filled(lighter(stone, 0.35)))
    for x in (rng.uniform(20, 80), rng.uniform(150, 230)):
        canvas.drawPath(line((x, top + 2), (128 + (x - 128) * 1.8, 256)), stroked(darker(stone, 0.35), 1.4))


def coffee_table(canvas: skia.Canvas, rng: Random) -> None:
    _backdrop(canvas, rng, "coffee.png", (0.0, 0.0, 1.0, 0.66), 160)
    planks(canvas, rng, vary(rng, (128, 62, 34), 0.03), 158, 4, True)


def palace_view(canvas: skia.Canvas, rng: Random) -> None:
    _backdrop(canvas, rng, "china.jpg", (0.0, 0.06, 1.0, 0.94), 180)
    _ledge(canvas, rng, 176)


def flower_garden(canvas: skia.Canvas, rng: Random) -> None:
    _backdrop(canvas, rng, "flower.jpg", (0.0, 0.1, 1.0, 0.95), 172)
    planks(canvas, rng, vary(rng, (166, 134, 96)), 168, 3, True)


def garage(canvas: skia.Canvas, rng: Random) -> None:
    _backdrop(canvas, rng, "motorcycle_left.png", (0.0, 0.05, 1.0, 0.9), 176)
    planks(canvas, rng, vary(rng, (118, 110, 100), 0.03), 172, 3, True)


def _receding(canvas: skia.Canvas, image: skia.Image, top: float) -> None:
    """A photographed ground laid out below `top`."""
    canvas.save()
    canvas.clipRect(box(0, top, 256, 256 - top))
    with placed(canvas, floor_map(top, 0.55)):
        for column in (-1, 0, 1):
            canvas.drawImageRect(image, box(column * 256, 0, 256, 256), _LINEAR)
    canvas.restore()
    area = box(0, top, 256, 256 - top)
    canvas.drawRect(area, fading(area, (0, 0), (0, 1), (255, 255, 250), 0.18, 0.0))


def brick_wall(canvas: skia.Canvas, rng: Random) -> None:
    image = _image("brick.png", rng.choice([(176, 106, 86), (190, 170, 146), (150, 140, 136)]))
    x = rng.uniform(0, image.width() * 0.1)
    canvas.drawImageRect(
        image,
        skia.Rect.MakeXYWH(x, 0, image.width() * 0.9, image.height() * 0.56),
        box(0, 0, 256, 160),
        _LINEAR,
    )
    if rng.random() < 0.5:
        tiled_floor(canvas, rng, (158, 154, 148), (146, 142, 136), 158, 7)
    else:
        planks(canvas, rng, vary(rng, (134, 96, 64)), 158, 5, True)


def lawn(canvas: skia.Canvas, rng: Random) -> None:
    plaster(canvas, rng, vary(rng, rng.choice([(196, 200, 196), (206, 186, 160)])), 150)
    for index in range(13):
        canvas.drawRect(box(index * 21 - 6, 78, 15, 76), filled(vary(rng, (232, 228, 220), 0.03)))
    canvas.drawRect(box(0, 94, 256, 8), filled((206, 202, 194)))
    _receding(canvas, _image("grass.png", (112, 148, 66)), 148)
    contact_line(canvas, 148)


def gravel_yard(canvas: skia.Canvas, rng: Random) -> None:
    wall = vary(rng, (186, 178, 166))
    plaster(canvas, rng, wall, 150)
    canvas.drawRect(box(0, 138, 256, 14), filled(darker(wall, 0.3)))
    canvas.drawRect(box(40, 40, 76, 100), filled((92, 70, 52)))
    for index in range(5):
        canvas.drawRect(box(43 + index * 14.4, 43, 13, 95), filled(vary(rng, (130, 96, 66), 0.04)))
    _receding(canvas, _image("gravel.png", rng.choice([(150, 144, 136), (168, 152, 130)])), 150)
    contact_line(canvas, 150)


def brick_and_lawn(canvas: skia.Canvas, rng: Random) -> None:
    image = _image("brick.png", (182, 96, 74))
    canvas.drawImageRect(
        image, skia.Rect.MakeXYWH(0, 0, image.width(), image.height() * 0.62), box(0, 0, 256, 158), _LINEAR
    )
    canvas.drawRect(box(0, 148, 256, 10), filled(lighter((120, 110, 100), 0.2)))
    _receding(canvas, _image("grass.png", (96, 138, 70)), 158)
    contact_line(canvas, 158)


PHOTOS = (
    Background("photo: brick wall", brick_wall, 178, 240, 0.8, (20, 10, 236, 130)),
    Background("photo: lawn", lawn, 172, 244, 0.72, (20, 6, 236, 76), room=True),
    Background("photo: gravel yard", gravel_yard, 174, 244, 0.74, (124, 10, 246, 120), room=True),
    Background("photo: coffee table", coffee_table, 178, 240, 0.84, None),
    Background("photo: palace view", palace_view, 192, 242, 0.86, None),
    Background("photo: flower garden", flower_garden, 186, 242, 0.86, None),
    Background("photo: garage", garage, 188, 242, 0.86, None, held_out=True),
    Background(
        "photo: brick and lawn", brick_and_lawn, 182, 244, 0.76, (20, 10, 236, 130), room=True, held_out=True
    ),
)
