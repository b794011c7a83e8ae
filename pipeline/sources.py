"""What a build reads: scenes to draw, files in a folder, or rows of Parquet files."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .config import SourceConfig
from .errors import ConfigError
from .images import Refused
from .plain_file import check_kind, read_plain

if TYPE_CHECKING:
    import pyarrow as pa

TRUTH = "truth.jsonl"


@dataclass(frozen=True, slots=True)
class SourceItem:
    """One input by name. `location` is a path, or the seed of a scene; `row` is that of a Parquet file."""

    name: str
    location: str
    row: int | None = None


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
        folder = path.is_dir() and not path.is_symlink()
        if not folder and not hidden and path not in beside and path.name != TRUTH:
            yield SourceItem(_name(path.relative_to(root)), str(path))


def _name(path: Path) -> str:
    """The path in UTF-8, which a file's name need not be; what is none becomes `\\xff`."""
    return path.as_posix().encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _rows(root: Path) -> Iterator[SourceItem]:
    import pyarrow.parquet as pq

    files = [root] if root.is_file() else sorted(root.rglob("*.parquet"))
    if not files:
        raise ConfigError(f"source.path: no .parquet file below {root}")
    for file in files:
        try:
            check_kind(file.stat().st_mode)
            schema, rows = pq.read_schema(file), pq.read_metadata(file).num_rows
        except (OSError, ValueError, MemoryError) as error:
            raise ConfigError(f"source.path: {file} is no Parquet file ({error}); take it away") from error
        if "image" not in schema.names:
            raise ConfigError(f"source.path: {file} has no column `image`")
        if not _holds_bytes(schema.field("image").type):
            kind = schema.field("image").type
            raise ConfigError(
                f"source.path: {file}: the column `image` is {kind!s:.60}, not bytes or a struct"
            )
        yield from (SourceItem(f"{_name(Path(file.name))}#{row}", str(file), row) for row in range(rows))


def _holds_bytes(kind: pa.DataType) -> bool:
    """Bytes, or what Hugging Face writes: a struct with the field `bytes`."""
    import pyarrow as pa

    if pa.types.is_struct(kind):
        return any(
            kind.field(i).name == "bytes" and _holds_bytes(kind.field(i).type) for i in range(len(kind))
        )
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def read_bytes(item: SourceItem, root: Path) -> bytes:
    """The stored bytes of an item of `root`, a folder or a Parquet file. Raises Refused where it has none."""
    if item.row is None:
        return read_plain(Path(item.location), root)
    try:
        return _row_bytes(item.location, item.row)
    except (OSError, ValueError, LookupError, MemoryError) as error:  # whatever a damaged file makes of it
        raise Refused(f"the row cannot be read: {error}") from error


def _row_bytes(path: str, row: int) -> bytes:
    group, offset = _group_of(path, row)
    value = _image_column(path, group)[offset].as_py()
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
def _image_column(path: str, group: int) -> pa.ChunkedArray:
    import pyarrow.parquet as pq

    return pq.ParquetFile(path).read_row_group(group, columns=["image"]).column("image")


@lru_cache(maxsize=8)
def read_truth(root: Path) -> dict[str, Truth]:
    """`truth.jsonl` of a folder by picture name (as `safeeditbench scenes` writes it), or nothing."""
    file = root / TRUTH
    if not os.path.lexists(file):
        return {}
    try:
        lines = read_plain(file, root).decode("utf-8").removesuffix("\n").split("\n")
    except ValueError as error:
        raise ConfigError(f"{file}: {error}") from error
    found = {}
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line)
            found[_text(record["image"])] = _truth(record, root)
        except (KeyError, TypeError, ValueError, RecursionError, OSError) as error:
            told = f"{error!r:.200}"
            raise ConfigError(f"{file} line {number}: {told}; expected image, mask, objects") from error
    return found


def _truth(record: dict[str, Any], root: Path) -> Truth:
    seen = [thing for thing in record["objects"] if thing["concept"]]
    return Truth(
        sightings=tuple((_text(thing["concept"]), tuple(map(_text, thing["contexts"]))) for thing in seen),
        mask=_below(root, record["mask"]),
        clean=_below(root, record["clean"]) if "clean" in record else None,
        synthetic=bool(record.get("synthetic", False)),
    )


def _text(value: object) -> str:
    """A name. Raises TypeError for any other value, ValueError for what has no UTF-8."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.60} is no name")
    value.encode()
    return value


def _below(root: Path, name: str) -> Path:
    """A file of the folder. Raises ValueError for a path that leads out of it."""
    if not (root / name).resolve().is_relative_to(root.resolve()):
        raise ValueError(f"{name!r} lies outside the folder")
    return root / name
