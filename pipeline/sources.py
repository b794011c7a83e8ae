"""What a build reads: scenes to draw, files in a folder, or rows of Parquet files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from .config import SourceConfig
from .errors import ConfigError


@dataclass(frozen=True, slots=True)
class SourceItem:
    """One input by name. `location` is a path, `path#row` for Parquet, or the seed of a scene."""

    name: str
    location: str


@dataclass(frozen=True, slots=True)
class Truth:
    """What a folder's `truth.jsonl` says of one picture: sightings, and the mask beside it."""

    sightings: tuple[tuple[str, tuple[str, ...]], ...]
    mask: Path
    clean: Path | None = None  # its true counterpart: no input of its own
    synthetic: bool = False


def list_items(config: SourceConfig) -> list[SourceItem]:
    """All inputs in a fixed order. Raises ConfigError for a source that is not there."""
    if config.kind == "scenes":
        seeds = range(config.seed, config.seed + config.count)
        return [SourceItem(f"scene-{seed:06d}", str(seed)) for seed in seeds]
    root = Path(config.path)
    if not config.path or not root.exists():
        raise ConfigError(f"source.path: {config.path!r} does not exist; give a folder of images")
    if config.kind == "folder":
        return list(_files(root))
    return list(_rows(root))


def _files(root: Path) -> Iterator[SourceItem]:
    truth = read_truth(root)
    beside = {file for known in truth.values() for file in (known.mask, known.clean)}
    for path in sorted(root.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
        if path.is_file() and not hidden and path not in beside and path.name != "truth.jsonl":
            yield SourceItem(path.relative_to(root).as_posix(), str(path))


def _rows(root: Path) -> Iterator[SourceItem]:
    import pyarrow.parquet as pq

    files = [root] if root.is_file() else sorted(root.rglob("*.parquet"))
    if not files:
        raise ConfigError(f"source.path: no .parquet file below {root}")
    for file in files:
        if "image" not in pq.read_schema(file).names:
            raise ConfigError(f"source.path: {file} has no column `image`")
        for row in range(pq.read_metadata(file).num_rows):
            yield SourceItem(f"{file.name}#{row}", f"{file}#{row}")


def read_bytes(item: SourceItem) -> bytes:
    """The stored bytes of a folder's or Parquet file's item."""
    path, _, row = item.location.rpartition("#")
    if path.endswith(".parquet"):
        return _row_bytes(path, int(row))
    return Path(item.location).read_bytes()


def _row_bytes(path: str, row: int) -> bytes:
    group, offset = _group_of(path, row)
    value = _image_column(path, group)[offset]
    return bytes(value["bytes"] or b"") if isinstance(value, dict) else bytes(value or b"")


def _group_of(path: str, row: int) -> tuple[int, int]:
    import pyarrow.parquet as pq

    metadata = pq.read_metadata(path)
    for group in range(metadata.num_row_groups):
        size = metadata.row_group(group).num_rows
        if row < size:
            return group, row
        row -= size
    raise IndexError(f"{path} has no row {row}")


@lru_cache(maxsize=1)
def _image_column(path: str, group: int) -> list[dict[str, bytes | None] | bytes | None]:
    import pyarrow.parquet as pq

    column = pq.ParquetFile(path).read_row_group(group, columns=["image"]).column("image")
    return list(column.to_pylist())


@lru_cache(maxsize=8)
def read_truth(root: Path) -> dict[str, Truth]:
    """`truth.jsonl` of a folder by picture name (as `safeeditbench scenes` writes it), or nothing."""
    file = root / "truth.jsonl"
    if not file.exists():
        return {}
    found = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            record = json.loads(line)
            found[record["image"]] = _truth(record, root)
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError(f"{file} line {number}: {error!r}; expected image, mask, objects") from error
    return found


def _truth(record: dict[str, Any], root: Path) -> Truth:
    seen = [thing for thing in record["objects"] if thing["concept"]]
    return Truth(
        sightings=tuple((thing["concept"], tuple(thing["contexts"])) for thing in seen),
        mask=_below(root, record["mask"]),
        clean=_below(root, record["clean"]) if "clean" in record else None,
        synthetic=bool(record.get("synthetic", False)),
    )


def _below(root: Path, name: str) -> Path:
    """A file of the folder. Raises ValueError for a path that leads out of it."""
    if not (root / name).resolve().is_relative_to(root.resolve()):
        raise ValueError(f"{name!r} lies outside the folder")
    return root / name
