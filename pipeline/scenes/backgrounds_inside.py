"""Drawn rooms: tables, counters, shelves and halls."""

from __future__ import annotations

from random import Random

import skia

from .backgrounds import Background
from .canvas import blurred, filled, gradient, stroked
from .colour import CREAM, RGB, WHITE, darker, hsv, lighter, vary
from .shapes import circle, ellipse, line, outline, poly, rect
from .surfaces import (
    box,
    counter,
    framed_picture,
    lamp_glow,
    planks,
    plaster,
    sheen,
    tiled_floor,
    tiles,
    wash,
    window,
)
from .textures import grain

_DAY: tuple[RGB, RGB] = ((150, 196, 236), (226, 236, 240))


def wooden_table(canvas: skia.Canvas, rng: Random) -> None:
    plaster(
        canvas,
        rng,
        vary(rng, rng.choice([(206, 196, 178), (150, 172, 176), (188, 150, 132), (170, 182, 150)])),
        150,
    )
    if rng.random() < 0.6:
        framed_picture(canvas, rng, rng.uniform(20, 130), rng.uniform(14, 30), 90, 66)
    else:
        window(canvas, rng.uniform(30, 120), 14, 84, 76, _DAY)
    planks(canvas, rng, vary(rng, rng.choice([(160, 106, 60), (120, 76, 46), (186, 140, 92)])), 146, 6, True)


def tiled_kitchen(canvas: skia.Canvas, rng: Random) -> None:
    tile = rng.choice([(226, 230, 228), (190, 216, 214), (236, 222, 190), (164, 190, 206)])
    tiles(canvas, rng, tile, darker(tile, 0.25), box(0, 0, 256, 150), rng.choice([22, 26, 32]))
    canvas.drawPath(line((0, 34), (256, 34)), stroked((120, 124, 130), 3))
    for index in range(rng.randint(2, 4)):
        _hanging_tool(canvas, rng, 30 + index * 34 + rng.uniform(-6, 6))
    counter(
        canvas,
        rng,
        rng.choice([(150, 144, 138), (196, 164, 122), (92, 92, 98), (214, 208, 200)]),
        148,
        238,
        (222, 216, 204),
    )


def _hanging_tool(canvas: skia.Canvas, rng: Random, x: float) -> None:
    length = rng.uniform(30, 46)
    canvas.drawPath(line((x, 36), (x, 36 + length)), stroked((132, 136, 142), 3))
    if rng.random() < 0.5:
        canvas.drawPath(ellipse(x, 40 + length, 8, 11), filled((126, 130, 138)))
    else:
        canvas.drawPath(rect(x - 9, 34 + length, 18, 22, 4), filled((112, 78, 50)))


def office_desk(canvas: skia.Canvas, rng: Random) -> None:
    wall = vary(rng, rng.choice([(196, 204, 212), (214, 208, 196), (170, 186, 190)]))
    plaster(canvas, rng, wall, 150)
    window(canvas, 16, 8, 104, 84, _DAY)
    for index in range(11):
        canvas.drawRect(box(16, 9 + index * 7.4, 104, 3.4), filled((238, 238, 234), 0.92))
    x = rng.uniform(140, 160)
    canvas.drawRect(box(x + 32, 110, 18, 34), filled((60, 62, 68)))
    canvas.drawRect(box(x, 46, 82, 66), filled((34, 36, 42)))
    screen = box(x + 4, 50, 74, 54)
    canvas.drawRect(screen, gradient(screen, (0, 0), (1, 1), [(70, 110, 160), (40, 66, 110)]))
    for index in range(5):
        canvas.drawRect(box(x + 10, 57 + index * 8, rng.uniform(24, 60), 3), filled((214, 226, 240), 0.8))
    planks(
        canvas,
        rng,
        vary(rng, rng.choice([(206, 176, 136), (226, 222, 214), (130, 90, 58)]), 0.03),
        142,
        2,
        True,
    )


def bookshelf(canvas: skia.Canvas, rng: Random) -> None:
    wood = vary(rng, rng.choice([(126, 84, 50), (176, 136, 92), (226, 220, 208)]))
    canvas.drawRect(box(0, 0, 256, 256), filled(darker(wood, 0.45)))
    grain(canvas, rect(0, 0, 256, 256), 1.0, 0.12, 1.0, 0.5, 3)
    for bottom in (92, 180):
        x = rng.uniform(-6, 4)
        end = 256 if bottom == 92 else rng.uniform(70, 110)
        while x < end:
            width, height = rng.uniform(9, 19), rng.uniform(52, 76)
            _book(canvas, rng, x, bottom - height, width, height)
            x += width
    for y in (92, 0):
        canvas.drawRect(
            box(0, y - 2, 256, 9),
            gradient(box(0, y - 2, 256, 9), (0, 0), (0, 1), [lighter(wood, 0.2), darker(wood, 0.2)]),
        )
        canvas.drawRect(box(0, y + 7, 256, 9), blurred((0, 0, 0), 4, 0.4))
    canvas.drawRect(
        box(0, 178, 256, 56),
        gradient(box(0, 178, 256, 56), (0, 0), (0, 1), [darker(wood, 0.2), lighter(wood, 0.15)]),
    )
    canvas.drawRect(
        box(0, 234, 256, 22), gradient(box(0, 234, 256, 22), (0, 0), (0, 1), [wood, darker(wood, 0.5)])
    )
    grain(canvas, rect(0, 178, 256, 78), 1.0, 9.0, 1.0, 0.5, 3)


def _book(canvas: skia.Canvas, rng: Random, x: float, y: float, width: float, height: float) -> None:
    cover = hsv(rng.random(), rng.uniform(0.25, 0.6), rng.uniform(0.3, 0.75))
    spine = box(x + 0.5, y, width - 1, height)
    canvas.drawRect(
        spine,
        gradient(spine, (0, 0), (1, 0), [darker(cover, 0.3), lighter(cover, 0.15), darker(cover, 0.35)]),
    )
    for share in (0.16, 0.78):
        canvas.drawRect(box(x + 0.5, y + height * share, width - 1, 3), filled((226, 196, 120), 0.8))


def museum_hall(canvas: skia.Canvas, rng: Random) -> None:
    wall = vary(rng, rng.choice([(126, 52, 50), (70, 92, 96), (198, 190, 174), (76, 84, 64)]), 0.04)
    plaster(canvas, rng, wall, 150)
    canvas.drawRect(box(0, 136, 256, 14), filled(lighter(wall, 0.5)))
    framed_picture(canvas, rng, 66, 24, 62, 78)
    framed_picture(canvas, rng, 146, 32, 78, 60)
    for x in (8, 232):
        column = box(x, 0, 26, 150)
        canvas.drawRect(
            column,
            gradient(
                column, (0, 0), (1, 0), [(150, 146, 140), (236, 232, 224), (196, 190, 182), (120, 116, 112)]
            ),
        )
        canvas.drawRect(box(x - 4, 138, 34, 12), filled((206, 200, 190)))
    tiled_floor(canvas, rng, (206, 198, 184), (120, 108, 100), 150, 8)
    lamp_glow(canvas, 128, -10, 150, alpha=0.35)


def clinic(canvas: skia.Canvas, rng: Random) -> None:
    wall = vary(rng, rng.choice([(206, 226, 220), (212, 222, 232), (226, 228, 222)]), 0.02)
    plaster(canvas, rng, wall, 156)
    canvas.drawRect(box(0, 96, 256, 5), filled((96, 166, 164)))
    for x in (22, 94):
        canvas.drawRect(box(x, 10, 66, 70), filled((246, 248, 248)))
        canvas.drawRect(box(x, 10, 66, 70), stroked((186, 196, 200), 1.5))
        canvas.drawRect(box(x + 56, 40, 3, 12), filled((150, 160, 166)))
    canvas.drawRect(box(190, 20, 46, 58), filled((250, 250, 248)))
    canvas.drawPath(outline("M194 58 H204 L208 44 L213 68 L217 52 L220 58 H232"), stroked((60, 150, 150), 2))
    counter(canvas, rng, (222, 230, 232), 154, 240, (196, 208, 212))


def night_bar(canvas: skia.Canvas, rng: Random) -> None:
    base = hsv(rng.choice([0.62, 0.75, 0.02, 0.9]), 0.55, 0.22)
    wash(canvas, box(0, 0, 256, 160), [darker(base, 0.3), base])
    for _ in range(16):
        glow = hsv(rng.choice([0.08, 0.12, 0.55, 0.9, 0.75]), 0.6, 1.0)
        x, y, radius = rng.uniform(0, 256), rng.uniform(8, 120), rng.uniform(5, 14)
        canvas.drawPath(circle(x, y, radius), blurred(glow, 1.4, rng.uniform(0.14, 0.4)))
    neon = hsv(rng.random(), 0.65, 1.0)
    curve = outline("M40 66 Q70 24 100 60 Q128 92 158 54 Q186 22 216 62")
    canvas.drawPath(curve, blurred(neon, 5, 0.75, width=7))
    canvas.drawPath(curve, stroked(lighter(neon, 0.75), 2.6))
    planks(canvas, rng, vary(rng, (122, 72, 46)), 152, 3, True)
    lamp_glow(canvas, 128, 190, 120, (255, 190, 110), 0.3)


def living_room(canvas: skia.Canvas, rng: Random) -> None:
    plaster(canvas, rng, vary(rng, rng.choice([(216, 204, 184), (158, 178, 170), (200, 170, 158)])), 138)
    framed_picture(canvas, rng, 150, 12, 78, 48)
    canvas.drawRect(box(0, 132, 256, 7), filled(CREAM))
    planks(canvas, rng, vary(rng, (150, 104, 66)), 138, 10)
    sofa = hsv(rng.random(), 0.4, 0.5)
    for area, radius in (
        (box(14, 76, 124, 50), 10),
        (box(4, 100, 22, 52), 9),
        (box(126, 100, 22, 52), 9),
        (box(18, 112, 116, 32), 8),
    ):
        canvas.drawRoundRect(
            area,
            radius,
            radius,
            gradient(area, (0, 0), (0, 1), [lighter(sofa, 0.22), sofa, darker(sofa, 0.35)]),
        )
    rug = hsv(rng.random(), 0.5, 0.55)
    for share, shade in ((1.0, rug), (0.9, lighter(rug, 0.45)), (0.84, darker(rug, 0.1))):
        canvas.drawPath(
            poly(
                (128 - 100 * share, 198 - 34 * share),
                (128 + 100 * share, 198 - 34 * share),
                (128 + 140 * share, 202 + 46 * share),
                (128 - 140 * share, 202 + 46 * share),
            ),
            filled(shade),
        )
    grain(canvas, rect(0, 150, 256, 106), 0.2, 1.0, 0.8, 0.3, 7)


def workbench(canvas: skia.Canvas, rng: Random) -> None:
    board = vary(rng, (176, 142, 98))
    canvas.drawRect(box(0, 0, 256, 150), filled(board))
    grain(canvas, rect(0, 0, 256, 150), 0.8, 1.0, 1.0, 0.3, 2)
    for row in range(9):
        for column in range(17):
            canvas.drawPath(circle(column * 16 + 4, row * 16 + 8, 1.8), filled(darker(board, 0.65)))
    for x, colour in ((36, (200, 60, 50)), (84, (60, 110, 170)), (200, (220, 170, 50))):
        canvas.drawPath(line((x, 24), (x, 66)), stroked((120, 124, 132), 4.5))
        canvas.drawPath(rect(x - 5, 62, 10, 38, 4), filled(colour))
    canvas.drawRect(box(124, 20, 46, 64), filled(WHITE))
    planks(canvas, rng, vary(rng, (128, 100, 72)), 148, 4, True)


def classroom(canvas: skia.Canvas, rng: Random) -> None:
    plaster(canvas, rng, (222, 214, 190), 156)
    canvas.drawRect(box(22, 10, 212, 104), filled((150, 104, 60)))
    board = box(28, 16, 200, 90)
    canvas.drawRect(board, gradient(board, (0, 0), (1, 1), [(58, 96, 80), (38, 70, 58)]))
    grain(canvas, rect(28, 16, 200, 90), 1.4, 3.0, 1.0, 0.5, 8)
    for index in range(4):
        canvas.drawPath(
            outline(
                f"M44 {34 + index * 16} Q{70 + index * 9} {28 + index * 16} "
                f"{rng.uniform(100, 190)} {34 + index * 16}"
            ),
            stroked((232, 236, 230), 2, 0.7),
        )
    canvas.drawPath(poly((176, 88), (196, 52), (216, 88)), stroked((240, 220, 150), 2, 0.8))
    canvas.drawRect(box(60, 108, 40, 4), filled(WHITE))
    planks(canvas, rng, (190, 150, 100), 154, 1, True)


def corridor(canvas: skia.Canvas, rng: Random) -> None:
    wall = vary(rng, rng.choice([(190, 200, 206), (206, 196, 176)]))
    canvas.drawRect(box(0, 0, 256, 256), filled(wall))
    for side in (0, 256):
        inner = 76 if side == 0 else 180
        area = poly((side, 0), (inner, 40), (inner, 140), (side, 190))
        canvas.drawPath(
            area,
            gradient(
                area.getBounds(), (side == 0, 0), (side != 0, 0), [darker(wall, 0.05), darker(wall, 0.3)]
            ),
        )
    canvas.drawPath(poly((0, 0), (256, 0), (180, 40), (76, 40)), filled(lighter(wall, 0.5)))
    canvas.drawRect(box(76, 40, 104, 100), filled(lighter(wall, 0.12)))
    door = box(108, 62, 42, 78)
    canvas.drawRect(door, gradient(door, (0, 0), (1, 0), [(126, 92, 62), (96, 66, 44)]))
    canvas.drawPath(circle(143, 104, 2.4), filled((226, 196, 110)))
    canvas.drawPath(
        poly((0, 190), (76, 140), (180, 140), (256, 190), (256, 256), (0, 256)), filled((150, 146, 140))
    )
    canvas.save()
    canvas.clipPath(poly((0, 190), (76, 140), (180, 140), (256, 190), (256, 256), (0, 256)))
    tiled_floor(canvas, rng, (186, 180, 170), (158, 152, 144), 140, 10)
    canvas.restore()
    sheen(canvas, 140)


INSIDE = (
    Background("wooden table", wooden_table, 172, 238, 0.82),
    Background("tiled kitchen", tiled_kitchen, 170, 232, 0.85, (20, 50, 236, 130), suits="kitchen"),
    Background("office desk", office_desk, 168, 238, 0.8, (128, 6, 250, 60)),
    Background("bookshelf", bookshelf, 192, 228, 0.9, (110, 100, 250, 168)),
    Background(
        "museum hall", museum_hall, 172, 242, 0.75, (50, 10, 206, 110), room=True, suits="museum_or_education"
    ),
    Background("clinic", clinic, 174, 234, 0.85, (20, 10, 236, 120), suits="medical"),
    Background("night bar", night_bar, 176, 238, 0.82, light=0.92),
    Background("living room", living_room, 176, 242, 0.75, (120, 8, 250, 100), room=True),
    Background("workbench", workbench, 172, 238, 0.82, held_out=True),
    Background(
        "classroom", classroom, 178, 240, 0.82, (30, 16, 228, 104), held_out=True, suits="museum_or_education"
    ),
    Background("corridor", corridor, 178, 244, 0.72, (84, 44, 172, 100), room=True, held_out=True),
)
