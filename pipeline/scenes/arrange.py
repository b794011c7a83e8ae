"""Where the things of a scene stand, and which part of the place the picture shows."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from .backgrounds import Background
from .item import Item, View


def arranged(rng: Random, place: Background, items: list[Item], floor: float) -> tuple[Item, ...]:
    """Side by side in random order with little overlap, each at its own depth, nearest last.

    Nothing reaches below `floor` (y in units of 256).
    """
    row = [_at_depth(rng, place, item, floor) for item in items]
    rng.shuffle(row)
    widths = [item.extent[2] - item.extent[0] for item in row]
    fit = min(1.0, 260 / sum(widths))
    free = 248 - fit * sum(widths)  # below zero the outer ones overlap a little
    weights = [rng.uniform(0.3, 1.0) for _ in range(len(row) + 1)]
    x, done = 4.0, []
    for item, width, weight in zip(row, widths, weights, strict=False):
        x += free * weight / sum(weights)
        item = replace(item, scale=item.scale * fit)
        done.append(_inside(replace(item, x=x - item.extent[0]), floor))
        x += width * fit
    return tuple(sorted(done, key=lambda item: (item.group.pose != "hang", item.y + item.extent[3])))


def _at_depth(rng: Random, place: Background, item: Item, floor: float) -> Item:
    if item.group.pose == "hang" and place.wall is not None:
        _, top, _, bottom = place.wall
        return replace(item, y=(top + bottom) / 2)
    y = rng.uniform(
        place.back + (12 if item.concept else 0), max(place.back + 12, min(place.front, floor - 4))
    )
    item = replace(item, scale=item.scale * place.scale_at(y), y=y)
    if item.group.pose == "lie":  # most of what lies there has to be on the surface, not against the wall
        _, top, _, low = item.extent
        y = min(floor - 3, place.front + 8, max(y + low * 0.3, place.back + 0.72 * (low - top)))
        item = replace(item, y=y - low)
    return item


def _inside(item: Item, floor: float) -> Item:
    """Shrunk and shifted until it lies within the picture."""
    left, top, right, bottom = item.extent
    fit = min(1.0, 238 / (right - left), (min(item.y + bottom, floor) - 6) / (bottom - top))
    item = replace(item, scale=item.scale * fit)
    left, top, right, bottom = item.extent
    return replace(
        item, x=min(max(item.x, 8 - left), 248 - right), y=min(max(item.y, 6 - top), floor - bottom)
    )


def framed(rng: Random, items: tuple[Item, ...]) -> View:
    """A closer view that still holds every thing, up to 1.4 times as close."""
    boxes = [(i.x + i.extent[0], i.y + i.extent[1], i.x + i.extent[2], i.y + i.extent[3]) for i in items]
    left, top = min(box[0] for box in boxes) - 6, min(box[1] for box in boxes) - 6
    right, bottom = max(box[2] for box in boxes) + 6, max(box[3] for box in boxes) + 4
    side = min(256.0, max(256 / rng.uniform(1.0, 1.4), right - left, bottom - top))
    low_x, high_x = max(0.0, right - side), min(256 - side, max(0.0, left))
    low_y, high_y = max(0.0, bottom - side), min(256 - side, max(0.0, top))
    return View(_between(rng, low_x, high_x), _between(rng, low_y, high_y), side)


def _between(rng: Random, low: float, high: float) -> float:
    return rng.uniform(low, high) if low < high else (low + high) / 2
