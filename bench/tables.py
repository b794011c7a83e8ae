"""Rows to Parquet and back: Arrow types and Hugging Face features, both derived from the row classes.

`bench/schema.py` stays the one place that names a column; the field's type decides how it is stored.
The features go into the schema metadata under `huggingface`, so that `datasets.load_dataset` gives
decoded images and named labels without a loading script. Two writes of the same rows are the same
bytes (the Parquet footer names the pyarrow version, which is therefore part of "the same").
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, Protocol, TypeVar, get_args, get_origin, get_type_hints

import pyarrow as pa
import pyarrow.parquet as pq

from bench.schema import LABELS, Label

SHARD_BYTES = 500_000_000  # the Hub's viewer wants shards no larger
GROUP_BYTES = 8_000_000  # a row group is what one random access to a picture reads

Feature = dict[str, object]  # a Hugging Face feature in its JSON form


class Row(Protocol):
    """Any of the dataclasses of `bench.schema`."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[object]]]


R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Column:
    """One stored column. `names` is not empty for a class label: strings outside, their index on disk."""

    name: str
    type: pa.DataType
    feature: Feature
    names: tuple[str, ...] = ()
    repeats: bool = True  # its values recur, so a dictionary pays

    @property
    def is_image(self) -> bool:
        return self.feature["_type"] == "Image"


def text_column(name: str) -> Column:
    return Column(name, pa.string(), _value("string"))


def label_column(name: str, names: Sequence[str]) -> Column:
    return Column(name, pa.int64(), {"names": list(names), "_type": "ClassLabel"}, tuple(names))


def image_column(name: str, mode: str | None = None, repeats: bool = False) -> Column:
    """A column of encoded pictures.

    `mode` is the PIL mode they decode to (None: as stored). Pictures that recur on neighbouring rows
    (`repeats`) are stored once a row group.
    """
    feature: Feature = {"_type": "Image"} if mode is None else {"mode": mode, "_type": "Image"}
    storage = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    return Column(name, storage, feature, repeats=repeats)


def _value(dtype: str) -> Feature:
    return {"dtype": dtype, "_type": "Value"}


_SCALARS: Mapping[object, tuple[pa.DataType, str]] = {
    str: (pa.string(), "string"),
    bool: (pa.bool_(), "bool"),
    int: (pa.int64(), "int64"),
    float: (pa.float64(), "float64"),
}


def _storage(hint: object) -> tuple[pa.DataType, Feature]:
    """Arrow type and feature of a field's type: scalar, Literal of strings, tuple, or one of them or None."""
    options = [option for option in get_args(hint) if option is not type(None)]
    if get_origin(hint) is Literal:
        return _storage(str)
    if get_origin(hint) is tuple:
        item_type, item = _storage(options[0])
        return pa.list_(item_type), {"feature": item, "_type": "List"}
    if options:
        return _storage(options[0])
    arrow, dtype = _SCALARS[hint]
    return arrow, _value(dtype)


def _column(name: str, hint: object) -> Column:
    if hint is bytes:
        return image_column(name, "L" if name == "mask" else None)
    if hint == Label or Label in get_args(hint):
        return label_column(name, LABELS)
    return Column(name, *_storage(hint))


def columns_of(row_type: type) -> tuple[Column, ...]:
    """The stored columns of a row class, in the order of its fields."""
    return tuple(_column(name, hint) for name, hint in get_type_hints(row_type).items())


def arrow_schema(columns: Sequence[Column]) -> pa.Schema:
    """The Arrow schema, with the Hugging Face features in its metadata."""
    info = {"info": {"features": {column.name: column.feature for column in columns}}}
    fields = [(column.name, column.type) for column in columns]
    return pa.schema(fields, metadata={"huggingface": json.dumps(info)})


def record(row: Row) -> dict[str, object]:
    """A row's fields by name; the values are not copied."""
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


def to_table(columns: Sequence[Column], records: Sequence[Mapping[str, object]]) -> pa.Table:
    """Records (values as in the row classes; pictures as bytes or `{bytes, path}`) as an Arrow table."""
    arrays = [pa.array([_encode(column, r[column.name]) for r in records], column.type) for column in columns]
    return pa.Table.from_arrays(arrays, schema=arrow_schema(columns))


def _encode(column: Column, value: object) -> object:
    if column.is_image and isinstance(value, bytes):
        return {"bytes": value, "path": None}
    if column.names and value is not None:
        return column.names.index(str(value))
    return value


def from_table(make: Callable[..., R], columns: Sequence[Column], table: pa.Table) -> tuple[R, ...]:
    """The rows of a table: `make` is called with the decoded columns by name."""
    decoded = [[_decode(column, value) for value in table[column.name].to_pylist()] for column in columns]
    names = [column.name for column in columns]
    return tuple(make(**dict(zip(names, values, strict=True))) for values in zip(*decoded, strict=True))


def _decode(column: Column, value: object) -> object:
    if column.is_image and isinstance(value, dict):
        return value["bytes"]
    if column.names and isinstance(value, int):
        return column.names[value]
    return _frozen(value)


def _frozen(value: object) -> object:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def write_parquet(
    path: Path, columns: Sequence[Column], groups: Iterable[Sequence[Mapping[str, object]]]
) -> None:
    """Write one Parquet file, a row group for every item of `groups`, and flush it to the disk.

    Pictures are stored uncompressed (they are compressed already); a page index lets a reader skip
    what it does not need.
    """
    leaves = {leaf: column for column in columns for leaf in _leaves(column)}
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        with pq.ParquetWriter(
            file,
            arrow_schema(columns),
            compression={leaf: "NONE" if column.is_image else "SNAPPY" for leaf, column in leaves.items()},
            use_dictionary=[leaf for leaf, column in leaves.items() if column.repeats],
            dictionary_pagesize_limit=GROUP_BYTES,
            write_page_index=True,
        ) as writer:
            for group in groups:
                writer.write_table(to_table(columns, group), row_group_size=max(len(group), 1))
        file.flush()
        os.fsync(file.fileno())


def _leaves(column: Column) -> list[str]:
    """Parquet's dotted names of a column's primitive parts."""
    names, kind = [column.name], column.type
    while pa.types.is_list(kind):
        names, kind = [f"{names[0]}.list.element"], kind.value_type
    if pa.types.is_struct(kind):
        names = [f"{column.name}.{field.name}" for field in kind]
    return names


def batches(sizes: Sequence[int], max_bytes: int) -> list[range]:
    """Consecutive ranges over `sizes`, none above `max_bytes` (save a single larger item).

    An empty sequence gives one empty range, so that a table without rows still has a file.
    """
    cuts, start, total = [0], 0, 0
    for index, size in enumerate(sizes):
        if total + size > max_bytes and index > start:
            cuts.append(index)
            start, total = index, 0
        total += size
    return [range(a, b) for a, b in zip(cuts, [*cuts[1:], len(sizes)], strict=True)]
