"""Where a published picture lies, and how it is opened without being copied to disk."""

from __future__ import annotations

import io
import os
import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif")


class PictureError(ValueError):
    """One picture cannot be shown: missing, damaged, too large or outside its folder."""


@dataclass(frozen=True, slots=True)
class InFile:
    path: Path


@dataclass(frozen=True, slots=True)
class InParquet:
    """Row `row` of row group `group`; the column holds bytes, or `{bytes, path}` as `datasets` writes it."""

    file: Path
    group: int
    row: int
    column: str


@dataclass(frozen=True, slots=True)
class Nowhere:
    """A picture that the set names and the copy lacks."""

    reason: str


Place = InFile | InParquet | Nowhere


def find_picture(root: Path, name: str, folders: tuple[str, ...] = ("",)) -> Place:
    """The file `name` in one of `folders` of `root`, in that order; `name` may lack its suffix.

    Nothing outside `root` is opened. Only the written path is held to that and not what a symbolic link
    points at, since the Hub's download cache is made of links out of the folder.
    """
    inside = os.path.normpath(name).replace("\\", "/")
    if Path(inside).is_absolute() or inside.split("/")[0] == "..":
        return Nowhere(f"{name!r} leads out of {root}; give paths inside the folder")
    for folder in folders:
        for suffix in ("", *SUFFIXES):
            path = root / folder / f"{inside}{suffix}"
            if path.is_file():
                return InFile(path)
    return Nowhere(
        f"{name!r} is not in {root} ({', '.join(folder or '.' for folder in folders)}); copy it there"
    )


class Pictures:
    """Opens pictures; keeps the last two row groups of Parquet that it read."""

    def __init__(self) -> None:
        self._group = lru_cache(maxsize=2)(_read_group)

    def data(self, place: Place) -> bytes:
        """The bytes as published. PictureError where there are none."""
        match place:
            case Nowhere(reason):
                raise PictureError(reason)
            case InFile(path):
                return path.read_bytes()
            case InParquet(file, group, row, column):
                return _stored(self._group(file, group, column)[row].as_py(), place)

    def open(self, place: Place) -> Image.Image:
        """RGB and right side up, as `datasets` decodes it. PictureError says what is wrong with it."""
        data = self.data(place)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", Image.DecompressionBombWarning)
                with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                    return ImageOps.exif_transpose(image).convert("RGB")
        except UnidentifiedImageError:
            raise PictureError(f"not an image of a known format ({', '.join(FORMATS)})") from None
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise PictureError(f"too many pixels: {error}") from None
        except (OSError, SyntaxError, ValueError) as error:
            raise PictureError(f"damaged image: {error}") from None


def _read_group(file: Path, group: int, column: str) -> pa.ChunkedArray:
    with pq.ParquetFile(file) as parquet:
        return parquet.read_row_group(group, columns=[column])[column]


def _stored(value: bytes | dict[str, bytes | str | None] | None, place: InParquet) -> bytes:
    data = value.get("bytes") if isinstance(value, dict) else value
    if not isinstance(data, bytes):
        raise PictureError(f"{place.file.name}: column {place.column} holds no bytes here, only {value!r}")
    return data
