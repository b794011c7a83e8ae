"""From a plan to pixels: shadows, things, light, and the grading that ties a picture together."""

from __future__ import annotations

from random import Random

import numpy as np
import skia
from numpy.typing import NDArray

from .canvas import blurred, layer, lit, placed, sheet
from .colour import RGB
from .drawing import Drawing, Part, Pose
from .item import Item
from .news import news_frame
from .plan import Plan
from .styles import TRAIN_STYLES, Style, paint_drawing, paint_silhouette
from .textures import film_grain

_SHADOW: RGB = (14, 10, 20)
Pixels = NDArray[np.uint8]


def render(plan: Plan, rng: Random, size: int) -> tuple[Pixels, Pixels]:
    """The picture and its clean counterpart, both uint8 size x size x 3 in RGB."""
    look = rng.getrandbits(64)
    full, canvas = sheet(size)
    canvas.save()
    canvas.concat(plan.view.matrix)
    plan.background.paint(canvas, rng)
    bare, other = sheet(size)
    other.save()
    other.concat(plan.view.matrix)
    bare[:] = full
    for item in plan.items:
        strokes = record(item, plan.light, plan.background.light, True)
        canvas.drawPicture(strokes)
        if item.concept is not None:
            strokes = record(item, plan.light, plan.background.light, False)
        other.drawPicture(strokes)
    canvas.restore()
    other.restore()
    if plan.news:
        frame = rng.getrandbits(32)
        news_frame(canvas, Random(frame))
        news_frame(other, Random(frame))
    return _graded(full, look), _graded(bare, look)


def record(item: Item, light: float, brightness: float, with_thing: bool) -> skia.Picture:
    """The strokes of one thing with its props and shadows; without the thing only the props."""
    recorder = skia.PictureRecorder()
    canvas = recorder.beginRecording(skia.Rect.MakeWH(256, 256))
    group, prop_style = item.group, item.style if item.style in TRAIN_STYLES else "shaded"
    if group.behind:
        _shadow(canvas, item, group.behind, group.pose, light)
        _painted(canvas, item, group.behind, prop_style, light, brightness)
    if with_thing:
        if not group.icon:
            on_props = (
                "hang"
                if group.upright and group.pose == "stand" and group.behind and group.front
                else group.pose
            )
            _shadow(canvas, item, group.thing, on_props, light)
        _painted(canvas, item, group.thing, "cartoon" if group.icon else item.style, light, brightness)
    if group.front:
        _painted(canvas, item, group.front, prop_style, light, brightness)
    return recorder.finishRecordingAsPicture()


def _painted(
    canvas: skia.Canvas, item: Item, parts: tuple[Part, ...], style: Style, light: float, brightness: float
) -> None:
    drawing = Drawing(parts, item.group.pose)
    bounds = item.matrix.mapRect(skia.Rect.MakeLTRB(*drawing.box)).makeOutset(8, 8)
    with layer(canvas, 0.0, 1.0, bounds):
        with placed(canvas, item.matrix):
            paint_drawing(canvas, drawing, style, light)
        canvas.drawRect(bounds, lit(bounds, light, 0.16 if style == "shaded" else 0.08, brightness))


def _shadow(canvas: skia.Canvas, item: Item, parts: tuple[Part, ...], pose: Pose, light: float) -> None:
    drawing = Drawing(parts, pose)
    if pose == "stand":
        _standing_shadow(canvas, item, drawing, light)
        return
    reach, sigma, alpha = (4.0, 3.0, 0.34) if pose == "lie" else (3.0, 2.2, 0.3)
    bounds = item.matrix.mapRect(skia.Rect.MakeLTRB(*drawing.box)).makeOutset(14, 14)
    for share, blur, strength in ((1.0, sigma, alpha), (0.35, 0.8, alpha)):
        with layer(canvas, blur, strength, bounds):
            canvas.translate(-light * reach * share, reach * share)
            with placed(canvas, item.matrix):
                paint_silhouette(canvas, drawing, _SHADOW)


def _standing_shadow(canvas: skia.Canvas, item: Item, drawing: Drawing, light: float) -> None:
    """A cast shadow that leans away from the light, and a tight dark line under the base."""
    cast = skia.Matrix()
    cast.setAll(1, 0.55 * light, -0.55 * light * item.y, 0, 0.3, 0.7 * item.y, 0, 0, 1)
    left, top, right, bottom = drawing.box
    bounds = cast.mapRect(item.matrix.mapRect(skia.Rect.MakeLTRB(left, top, right, bottom))).makeOutset(9, 9)
    with layer(canvas, 2.6, 0.3, bounds), placed(canvas, cast), placed(canvas, item.matrix):
        paint_silhouette(canvas, drawing, _SHADOW)
    box = item.matrix.mapRect(skia.Rect.MakeLTRB(left, -3, right, 5))
    canvas.drawOval(box.makeInset(box.width() * 0.08, -1.0), blurred(_SHADOW, 2.2, 0.5))


def _graded(pixels: Pixels, look: int) -> Pixels:
    """One camera for the whole picture: exposure, warmth, vignette and sensor noise, in exact integers."""
    rng, size = Random(look), pixels.shape[0]
    exposure, warmth = rng.uniform(0.9, 1.08), rng.uniform(-0.05, 0.06)
    gains = np.round(256 * exposure * np.array([1 + warmth, 1.0, 1 - warmth])).astype(np.int32)
    grain = film_grain(1024)
    x, y = rng.randrange(1024 - min(size, 1023)), rng.randrange(1024 - min(size, 1023))
    strength = rng.randint(1, 3)
    noise = grain[np.arange(y, y + size) % 1024][:, np.arange(x, x + size) % 1024].astype(np.int32)
    graded = pixels[..., :3].astype(np.int32) * gains * _vignette(size)[..., None] >> 16
    graded += (noise * strength >> 4)[..., None]
    return np.clip(graded, 0, 255).astype(np.uint8)


def _vignette(size: int) -> NDArray[np.int32]:
    axis = (np.arange(size) * 2 + 1 - size) ** 2
    return (256 - (axis[:, None] + axis[None, :]) * 22 // (2 * size * size)).astype(np.int32)
