"""Published art drawn once and kept small, so that training waits for no drawing.

    python -m pipeline.safeguard_vl.art FOLDER

reads the sets that fetch_art put into FOLDER and writes FOLDER/cache. SVG is drawn by skia, WebP read by
Pillow. Pieces of one ink (line icons) keep their ink as alpha and, as red, the filled shape inside their
outline, so that they can be coloured anew every time.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.staging import write_atomic
from pipeline.safeguard_vl.art_list import ORDINARY, ArtList, ArtSet, read_art_list
from pipeline.safeguard_vl.cache import concept_names

SIDE = 96  # pixels of a kept piece
FINE = 2 * SIDE  # pixels it is drawn with first
FAINTEST = 0.02  # share of the square that must be covered; below, nothing was drawn
BLACK = "#000"

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class ArtRow:
    """One piece: where it comes from, the concept it shows (ORDINARY: none), whether it has own colours."""

    set: str
    name: str
    concept: str
    colour: bool


@dataclass(frozen=True, slots=True)
class ArtCache:
    """`pixels` uint8 (N, SIDE, SIDE, 4) straight RGBA, a row each."""

    pixels: Pixels
    rows: tuple[ArtRow, ...]

    def numbers(self) -> NDArray[np.int64]:
        """What each piece writes into the cells it covers: 1 + its concept's number, 0 for ordinary (N)."""
        names = concept_names()
        return np.array([0 if r.concept == ORDINARY else 1 + names.index(r.concept) for r in self.rows])


def open_art(folder: Path) -> ArtCache:
    """The cache in `folder`. Raises FileNotFoundError naming the commands that make one."""
    index = folder / "pieces.json"
    if not index.exists():
        raise FileNotFoundError(
            f"{folder}: no art here; run python -m pipeline.safeguard_vl.fetch_art {folder.parent} and "
            f"python -m pipeline.safeguard_vl.art {folder.parent}"
        )
    rows = tuple(ArtRow(**row) for row in json.loads(index.read_text(encoding="utf-8")))
    return ArtCache(np.memmap(folder / "pieces.u8", np.uint8, "r", shape=(len(rows), SIDE, SIDE, 4)), rows)


def keep_art(folder: Path, art: ArtList) -> ArtCache:
    """Draw every listed piece of the sets in `folder` into `folder/cache`, anew, and open it."""
    drawn: list[Pixels] = []
    rows: list[ArtRow] = []
    for art_set in art.sets:
        for row, pixels in set_pieces(folder / art_set.name, art_set, art):
            if (pixels[..., 3] > 127).mean() >= FAINTEST:
                drawn.append(pixels)
                rows.append(row)
    (folder / "cache").mkdir(exist_ok=True)
    write_atomic(folder / "cache" / "pieces.u8", b"".join(pixels.tobytes() for pixels in drawn))
    write_atomic(folder / "cache" / "pieces.json", json.dumps([asdict(row) for row in rows]).encode())
    return open_art(folder / "cache")


def set_pieces(folder: Path, art_set: ArtSet, art: ArtList) -> Iterator[tuple[ArtRow, Pixels]]:
    """The listed pieces of one set, in the order of their names; none where the set was not fetched."""
    icons = folder / "icons.json"
    svgs = dict(svg_sources(icons)) if icons.exists() else {}
    pictures = {} if svgs else {character_name(file): file for file in sorted(folder.glob("*.webp"))}
    for name in sorted(svgs) or sorted(pictures):
        concept = art.label(art_set.name, name)
        if concept is not None:
            fine = draw_svg(svgs[name]) if svgs else read_picture(pictures[name])
            pixels = fitted(fine)
            yield (
                ArtRow(art_set.name, name, concept, art_set.colour),
                pixels if art_set.colour else ink(pixels),
            )


def svg_sources(icons: Path) -> Iterator[tuple[str, str]]:
    """Name and SVG text of every icon of a set in Iconify's JSON format."""
    content = json.loads(icons.read_text(encoding="utf-8"))
    for name, icon in content["icons"].items():
        left, top = icon.get("left", 0), icon.get("top", 0)
        width = icon.get("width", content.get("width", 16))
        height = icon.get("height", content.get("height", 16))
        yield (
            name,
            f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width='
            f'"{FINE}" height="{FINE}" viewBox="{left} {top} {width} {height}">'
            f"{icon['body'].replace('currentColor', BLACK)}</svg>",
        )


def character_name(file: Path) -> str:
    """The Unicode name of a picture named by its code point: 1f377 is wine-glass; sequences keep theirs."""
    points = [int(part, 16) for part in file.stem.split("-") if part != "fe0f"]
    name = unicodedata.name(chr(points[0]), "") if len(points) == 1 else ""
    return name.lower().replace(" ", "-") or file.stem


def draw_svg(svg: str) -> Pixels:
    """RGBA (FINE, FINE, 4) of an SVG's text. Raises ValueError where skia cannot read it."""
    import skia

    text = svg.encode()
    document = skia.SVGDOM.MakeFromStream(skia.MemoryStream(text, True))
    if document is None:
        raise ValueError(
            f"skia cannot read the SVG that begins {svg[:200]!r}; list its piece as wrong in art.toml"
        )
    surface = skia.Surface(FINE, FINE)
    document.setContainerSize(skia.Size(FINE, FINE))
    document.render(surface.getCanvas())
    info = skia.ImageInfo.Make(FINE, FINE, skia.kRGBA_8888_ColorType, skia.kUnpremul_AlphaType)
    pixels = np.zeros((FINE, FINE, 4), dtype=np.uint8)
    surface.readPixels(info, pixels, FINE * 4, 0, 0)
    return pixels


def read_picture(file: Path) -> Pixels:
    """RGBA (H, W, 4) of a picture file."""
    from PIL import Image

    with Image.open(file) as picture:
        return np.asarray(picture.convert("RGBA"))


def fitted(pixels: Pixels) -> Pixels:
    """Cut RGBA to what is opaque and fit that into SIDE x SIDE, in the middle, keeping its shape."""
    from PIL import Image, ImageOps

    rows, columns = (np.flatnonzero((pixels[..., 3] > 8).any(axis)) for axis in (1, 0))
    if not len(rows):
        return np.zeros((SIDE, SIDE, 4), dtype=np.uint8)
    cut = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    small = ImageOps.contain(Image.fromarray(cut), (SIDE, SIDE), Image.Resampling.LANCZOS)
    placed = Image.new("RGBA", (SIDE, SIDE))
    placed.paste(small, ((SIDE - small.width) // 2, (SIDE - small.height) // 2))
    return np.asarray(placed)


def ink(pixels: Pixels) -> Pixels:
    """A piece of one ink: alpha is the ink, red the filled shape within its outline, green and blue 0."""
    from scipy.ndimage import binary_fill_holes

    kept = np.zeros_like(pixels)
    kept[..., 3] = pixels[..., 3]
    kept[..., 0] = np.where(binary_fill_holes(pixels[..., 3] > 100), 255, pixels[..., 3])
    return kept


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    kept = keep_art(Path(sys.argv[1]), read_art_list())
    print(f"{len(kept.rows)} pieces of {len({row.set for row in kept.rows})} sets in {sys.argv[1]}/cache")
