"""Colours for what is pasted: pieces with colours get others, those of one ink get ink, fill or a plate."""

from __future__ import annotations

from math import cos, sin, sqrt

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Colour = NDArray[np.float32]
APART = 70  # grey levels by which ink must differ from what lies behind it
LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
THIRDS = np.full((3, 3), 1 / 3, dtype=np.float32)


def recolour(piece: Pixels, generator: np.random.Generator, strength: float = 1.0) -> Pixels:
    """RGBA with hue, saturation and brightness changed, one time in twelve turned to its negative.

    At strength 1 half of the pieces get any hue, the others one near their own; at 0 nothing changes.
    """
    turn = generator.uniform(-np.pi, np.pi) if generator.random() < 0.5 else generator.uniform(-0.35, 0.35)
    saturation = 1 + strength * generator.uniform(-0.7, 0.4)
    gain, lift = 1 + strength * generator.uniform(-0.3, 0.2), strength * generator.uniform(-30, 40)
    mixed = piece[..., :3] @ (hue_matrix(strength * turn, saturation) * gain).T.astype(np.float32) + lift
    if generator.random() < strength / 12:
        mixed = 255 - mixed
    changed = piece.copy()
    changed[..., :3] = np.clip(mixed, 0, 255)
    return changed


def hue_matrix(angle: float, saturation: float) -> NDArray[np.float64]:
    """Turns colours by `angle` around the axis of greys (Rodrigues' formula) and scales their distance
    from it; greys stay as they are."""
    cross = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / sqrt(3)
    turned = cos(angle) * np.eye(3) + sin(angle) * cross + (1 - cos(angle)) * THIRDS
    return np.asarray(THIRDS + saturation * (turned - THIRDS))


def dress_ink(piece: Pixels, generator: np.random.Generator, behind: float) -> Pixels:
    """RGBA of a piece of one ink (see art.ink): bare, filled, outlined or on a plate, in random colours.

    `behind` is the mean grey level of the picture it goes onto, from which a bare piece must stand out.
    """
    drawing = np.asarray(piece[..., 3] / np.float32(255), dtype=np.float32)
    way = generator.random()
    if way < 0.35:
        return _layers([(drawing, standing_out(generator, behind))])
    if way < 0.65:
        fill = random_colour(generator)
        outlined = np.asarray(piece[..., 0] / np.float32(255), dtype=np.float32)
        return _layers([(outlined, fill), (drawing, standing_out(generator, grey(fill)))])
    if way < 0.8:
        rim = random_colour(generator)
        return _layers([(thicker(drawing), rim), (drawing, standing_out(generator, grey(rim)))])
    return on_plate(drawing, generator)


def on_plate(drawing: NDArray[np.float32], generator: np.random.Generator) -> Pixels:
    """The ink on a disc or a rounded square that is as wide as 1.4 times the drawing."""
    side = drawing.shape[0]
    wide = int(side * 1.4) // 2 * 2
    inner = np.pad(drawing, (wide - side) // 2)
    across = (np.arange(wide) - (wide - 1) / 2) / (wide / 2)
    power = 2 if generator.random() < 0.5 else 6  # |x|^p + |y|^p <= 1: a disc, a rounded square
    distance = np.abs(across[:, None]) ** power + np.abs(across[None, :]) ** power
    plate = np.clip((1 - distance) * wide / 4, 0, 1).astype(np.float32)
    colour = random_colour(generator)
    return _layers([(plate, colour), (inner, standing_out(generator, grey(colour)))])


def thicker(drawing: NDArray[np.float32]) -> NDArray[np.float32]:
    """The ink spread by two pixels each way: an outline."""
    from PIL import Image, ImageFilter

    spread = Image.fromarray((drawing * 255).astype(np.uint8)).filter(ImageFilter.MaxFilter(5))
    return np.asarray(np.asarray(spread) / np.float32(255), dtype=np.float32)


def random_colour(generator: np.random.Generator) -> Colour:
    """RGB 0..255: black, white or grey one time in three, else of any hue."""
    if generator.random() < 1 / 3:
        return np.full(
            3, generator.choice([generator.uniform(0, 50), generator.uniform(200, 255), 128]), np.float32
        )
    return generator.uniform(0, 255, 3).astype(np.float32)


def standing_out(generator: np.random.Generator, behind: float) -> Colour:
    """A colour whose grey level differs from `behind` by APART at least."""
    for _ in range(8):
        colour = random_colour(generator)
        if abs(grey(colour) - behind) >= APART:
            return colour
    return np.full(3, 0 if behind > 127 else 255, np.float32)


def grey(colour: Colour) -> float:
    """The grey level of an RGB colour, 0..255."""
    return float(colour @ LUMA)


def _layers(layers: list[tuple[NDArray[np.float32], Colour]]) -> Pixels:
    """Coverages (H, W) in their colours, each over those before it, as straight RGBA."""
    first, colour = layers[0]
    alpha = first
    colours = np.broadcast_to(colour, (*first.shape, 3))
    for coverage, colour in layers[1:]:
        over = np.maximum(alpha, coverage)
        colours = colours + (colour - colours) * (coverage / np.maximum(over, 1e-6))[..., None]
        alpha = over
    return np.concatenate([colours, alpha[..., None] * 255], axis=-1).astype(np.uint8)
