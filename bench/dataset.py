"""Read a benchmark folder: `load_benchmark(root)`.

Opening reads the tables without the picture columns (a few bytes an image); pictures are read one
Parquet row group at a time when they are asked for. Digests are not checked here: that is
`bench.check.verify_benchmark`.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import MISSING, dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from PIL import Image

from bench.layout import CARD, POLICIES, SUMS
from bench.policy import Policy, PolicyError, load_policies
from bench.schema import EditRow, RegionRow, RejectRow, Role, VerdictRow, VoteRow
from bench.tables import Row, columns_of, from_table

R = TypeVar("R", bound=Row)


class BenchmarkError(ValueError):
    """A folder is not a benchmark, or a part of it is missing or unreadable."""


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """An `ImageRow` without its two pictures; see there."""

    image_id: str
    pair_id: str
    role: Role
    concepts: tuple[str, ...]
    contexts: tuple[tuple[str, ...], ...]
    split: str
    source: str
    licence: str
    synthetic: bool
    width: int
    height: int
    sha256: str
    phash: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a picture lies: row `row` of row group `group` of `file`."""

    file: Path
    group: int
    row: int


class Benchmark:
    """A benchmark on disk. Tables are tuples of rows; pictures are read when asked for.

    `digest` is the sha256 of SHA256SUMS and so of every published byte. `image_ids` is in the table's
    order: by pair, then original, edited, control.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.digest = hashlib.sha256(_required(root / SUMS).read_bytes()).hexdigest()
        self.policies = _policies(_required(root / POLICIES))
        self._info: dict[str, ImageInfo] = {}
        self._places: dict[str, _Place] = {}
        for file in shards(root, "images"):
            self._index(file)
        self.image_ids: tuple[str, ...] = tuple(self._info)
        self._group = lru_cache(maxsize=4)(_read_group)

    def _index(self, file: Path) -> None:
        columns = columns_of(ImageInfo)
        parquet = _open(file)
        for group in range(parquet.num_row_groups):
            table = parquet.read_row_group(group, columns=[column.name for column in columns])
            for row, info in enumerate(from_table(ImageInfo, columns, table)):
                self._info[info.image_id] = info
                self._places[info.image_id] = _Place(file, group, row)

    @cached_property
    def title(self) -> str:
        """The card's `pretty_name`, or the folder's name."""
        front = front_matter(_required(self.root / CARD).read_text(encoding="utf-8"))
        return str(front.get("pretty_name", self.root.name))

    @cached_property
    def verdicts(self) -> tuple[VerdictRow, ...]:
        return read_rows(self.root, "verdicts", VerdictRow)

    @cached_property
    def votes(self) -> tuple[VoteRow, ...]:
        return read_rows(self.root, "votes", VoteRow)

    @cached_property
    def edits(self) -> tuple[EditRow, ...]:
        return read_rows(self.root, "edits", EditRow)

    @cached_property
    def regions(self) -> tuple[RegionRow, ...]:
        """Each region's own mask; empty for a benchmark that was written before there was such a table."""
        return read_rows(self.root, "regions", RegionRow) if (self.root / "regions").is_dir() else ()

    @cached_property
    def rejects(self) -> tuple[RejectRow, ...]:
        return read_rows(self.root, "rejects", RejectRow)

    def meta(self, image_id: str) -> ImageInfo:
        """Everything known of an image but its bytes.

        Raises:
            KeyError: the benchmark has no such image.
        """
        try:
            return self._info[image_id]
        except KeyError:
            raise KeyError(f"image {image_id!r} is not in {self.root}; ids are 16 hex digits") from None

    def image_bytes(self, image_id: str) -> bytes:
        """The encoded picture as published (lossless PNG or WebP)."""
        return self._bytes(image_id, "image")

    def mask_bytes(self, image_id: str) -> bytes:
        """The encoded 8-bit mask as published."""
        return self._bytes(image_id, "mask")

    def picture(self, image_id: str) -> Image.Image:
        """The picture, RGB."""
        return Image.open(io.BytesIO(self.image_bytes(image_id))).convert("RGB")

    def mask(self, image_id: str) -> Image.Image:
        """The mask, mode L, of the picture's size.

        255 on the violating region for an original; on everything the edit was allowed to change
        (dilated region and ring) for an edited picture or a control; 0 elsewhere.
        """
        return Image.open(io.BytesIO(self.mask_bytes(image_id))).convert("L")

    def _bytes(self, image_id: str, column: str) -> bytes:
        self.meta(image_id)
        place = self._places[image_id]
        return self._group(place.file, place.group, column)[place.row]


def load_benchmark(root: Path) -> Benchmark:
    """Open the benchmark in `root`.

    Raises:
        BenchmarkError: `root` is not a benchmark folder, or a table is missing or unreadable.
    """
    if not root.is_dir():
        raise BenchmarkError(f"{root} is not a folder; give the folder that `safeeditbench build` wrote")
    if not (root / SUMS).is_file():
        raise BenchmarkError(
            f"{root} holds no {SUMS}, so it is no finished benchmark; build or copy it again"
        )
    return Benchmark(root)


def shards(root: Path, table: str) -> list[Path]:
    """The Parquet files of a table, in order.

    Raises:
        BenchmarkError: there is none.
    """
    files = sorted((root / table).glob("*.parquet"))
    if not files:
        raise BenchmarkError(f"{root} lacks the table {table!r} ({table}/*.parquet); copy or build it again")
    return files


def read_table(file: Path, names: list[str]) -> pa.Table:
    """The named columns of one Parquet file.

    Raises:
        BenchmarkError: it is not a Parquet file or lacks one of the columns.
    """
    parquet = _open(file)
    if missing := sorted(set(names) - set(parquet.schema_arrow.names)):
        raise BenchmarkError(
            f"{file} lacks the columns {', '.join(missing)}; it was written by another version"
        )
    return parquet.read(columns=names)


def read_rows(root: Path, table: str, row_type: type[R]) -> tuple[R, ...]:
    """All rows of a table, its files in order. A column with a default may be missing: it is younger."""
    columns = columns_of(row_type)
    declared = row_type.__dataclass_fields__.values()
    younger = {field.name for field in declared if field.default is not MISSING}
    rows: list[R] = []
    for file in shards(root, table):
        missing = younger.difference(_open(file).schema_arrow.names)
        present = [column for column in columns if column.name not in missing]
        rows += from_table(row_type, present, read_table(file, [column.name for column in present]))
    return tuple(rows)


def front_matter(card: str) -> dict[str, object]:
    """The YAML block a card begins with, {} when it has none."""
    if not card.startswith("---\n") or "\n---" not in card[4:]:
        return {}
    loaded = yaml.safe_load(card[4:].split("\n---", 1)[0])
    return loaded if isinstance(loaded, dict) else {}


def _policies(folder: Path) -> tuple[Policy, ...]:
    try:
        return load_policies(folder)
    except PolicyError as error:
        raise BenchmarkError(f"the policies cannot be read: {error}") from error


def _required(path: Path) -> Path:
    if not path.exists():
        raise BenchmarkError(f"{path.parent} lacks {path.name}; copy or build the benchmark again")
    return path


def _open(file: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(file)
    except (pa.ArrowInvalid, OSError) as error:
        raise BenchmarkError(f"{file} cannot be read as Parquet: {error}; copy or build it again") from error


def _read_group(file: Path, group: int, column: str) -> list[bytes]:
    table = _open(file).read_row_group(group, columns=[column])
    return [picture["bytes"] for picture in table[column].to_pylist()]
