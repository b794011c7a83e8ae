"""The small parts: shapes, colours, letters, and every drawing in every style."""

from __future__ import annotations

from random import Random

import pytest

from pipeline.scenes.canvas import filled, sheet
from pipeline.scenes.catalogue import ORDINARY, REGULATED
from pipeline.scenes.colour import darker, lighter, luminance, mix
from pipeline.scenes.drawing import Variant, mirrored
from pipeline.scenes.lettering import width_of, written
from pipeline.scenes.shapes import box_of, circle, moved, outline, rect, ring
from pipeline.scenes.styles import STYLES, paint_drawing

ALL = [variant for variants in REGULATED.values() for variant in variants] + list(ORDINARY)


def test_outline_reads_svg_commands() -> None:
    assert box_of([outline("M1 2 H11 V7 L1 7 Z")]) == (1, 2, 11, 7)
    assert box_of([outline("M0 0 10 0 10 5")]) == (0, 0, 10, 5)
    with pytest.raises(ValueError, match="3 numbers after L"):
        outline("M0 0 L1 2 3")


def test_shapes_move_scale_and_turn() -> None:
    assert box_of([moved(rect(0, 0, 2, 4), 10, 20, 2.0)]) == (10, 20, 14, 28)
    left, top, right, bottom = box_of([moved(rect(0, 0, 2, 4), 0, 0, 1.0, 90)])
    assert (round(left), round(top), round(right), round(bottom)) == (-4, 0, 0, 2)


def test_ring_has_a_hole() -> None:
    shape = ring(0, 0, 10, 5)
    assert shape.contains(8, 0)
    assert not shape.contains(0, 0)
    assert circle(0, 0, 10).contains(0, 0)


def test_colours_mix_in_plain_rgb() -> None:
    assert mix((0, 0, 0), (100, 200, 50), 0.5) == (50, 100, 25)
    assert lighter((0, 0, 0), 1.0) == (255, 255, 255)
    assert darker((100, 100, 100), 0.5) == (50, 50, 50)
    assert luminance((255, 255, 255)) == pytest.approx(1.0)


def test_text_is_centred() -> None:
    left, top, right, bottom = box_of(part.shape for part in written("LIVE", 50, 10, 12, (0, 0, 0)))
    assert (left + right) / 2 == pytest.approx(50)
    assert (top, bottom) == (10, 22)
    assert right - left == pytest.approx(width_of("LIVE", 12))


def test_mirrored_drawing_has_the_mirrored_box() -> None:
    drawing = REGULATED["firearm"][0].draw(Random(1))
    left, top, right, bottom = drawing.box
    assert mirrored(drawing).box == pytest.approx((-right, top, -left, bottom))


def test_at_least_sixteen_concepts_and_sixteen_ordinary_things() -> None:
    assert len(REGULATED) >= 16
    assert len(ORDINARY) >= 16
    assert all(any(not variant.held_out for variant in variants) for variants in REGULATED.values())
    assert len({variant.name for variant in ALL}) == len(ALL)


@pytest.mark.parametrize("variant", ALL, ids=lambda variant: variant.name)
def test_every_drawing_looks_different_in_every_style(variant: Variant) -> None:
    drawing = variant.draw(Random(3))
    left, top, right, bottom = drawing.box
    seen = set()
    for style in STYLES:
        pixels, canvas = sheet(64)
        canvas.clear(filled((128, 128, 128)).getColor())
        scale = 220 / max(right - left, bottom - top)
        canvas.translate(128 - (left + right) / 2 * scale, 128 - (top + bottom) / 2 * scale)
        canvas.scale(scale, scale)
        paint_drawing(canvas, drawing, style, -1.0)
        assert (pixels[..., :3] != 128).any(axis=2).mean() > 0.04
        seen.add(pixels.tobytes())
    assert len(seen) == len(STYLES)
