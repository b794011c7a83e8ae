"""Tables as published: Parquet, JSONL, JSON or CSV, read as records without their pictures."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from bench.published.pictures import InParquet, Place
from bench.schema import LABELS, Label

KINDS = (".parquet", ".jsonl", ".json", ".csv")  # where a copy holds several, the first that is known

Words = Mapping[str, Label]
PLAIN_WORDS: Words = {"safe": "safe", "unsafe": "unsafe"}


class PublishedError(ValueError):
    """A copy of a published set cannot be read; the message names file, row and remedy."""


@dataclass(frozen=True, slots=True)
class Record:
    """A row of a table. Class labels are read as their names; stored pictures are only located."""

    file: Path
    number: int  # from 1
    values: Mapping[str, object]
    pictures: Mapping[str, Place]  # by column

    def error(self, problem: str) -> PublishedError:
        return PublishedError(f"{self.file.name}: row {self.number}: {problem}")

    def text(self, column: str) -> str:
        """A text or a whole number as text. PublishedError where the cell is empty or something else."""
        value = self.values.get(column)
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            raise self.error(f"column {column} holds {value!r}, expected a text")
        return str(value)

    def optional(self, column: str) -> str:
        """As `text`, and "" where the cell is empty or the column is not there."""
        return "" if self.values.get(column) in (None, "") else self.text(column)

    def label(self, column: str, words: Words = PLAIN_WORDS) -> Label | None:
        """Safe or unsafe from a word in any case or from 0 or 1; None from an empty cell or -1."""
        value = self.values.get(column)
        if value in (None, "", -1, "-1"):
            return None
        word = str(value).strip().lower()
        if isinstance(value, bool) or (word not in words and word not in ("0", "1")):
            known = ", ".join([*words, "0 (safe)", "1 (unsafe)"])
            raise self.error(f"column {column} holds {value!r}, which is no label; known are {known}")
        return words[word] if word in words else LABELS[int(word)]


def tables_in(path: Path, kind: str) -> list[Path]:
    """The tables of one kind in a folder and in its `data` folder, or the one file that is given."""
    if path.is_file():
        return [path] if path.suffix == kind else []
    return sorted([*path.glob(f"*{kind}"), *path.glob(f"data/*{kind}")])


def split_of(file: Path) -> str:
    """`test` for `test-00000-of-00002.parquet` and for `test.jsonl`."""
    return re.sub(r"-\d+-of-\d+$", "", file.stem)


def of_splits(files: Sequence[Path], wanted: Sequence[str]) -> list[Path]:
    """The files of the wanted splits; all files where none of those splits is there."""
    return [file for file in files if split_of(file) in wanted] or list(files)


def columns_of(file: Path) -> tuple[str, ...]:
    """The names of a table's columns, from its header or its first record."""
    if file.suffix == ".parquet":
        return tuple(_schema(file).names)
    first = next(_plain(file), {})
    return tuple(first)


def read_records(file: Path) -> Iterator[Record]:
    """The rows of a table, in order."""
    if file.suffix == ".parquet":
        yield from _parquet(file)
    else:
        for number, values in enumerate(_plain(file), start=1):
            yield Record(file, number, values, {})


def _parquet(file: Path) -> Iterator[Record]:
    schema = _schema(file)
    pictures = [field.name for field in schema if _holds_pictures(field)]
    others = [name for name in schema.names if name not in pictures]
    names = _class_names(schema)
    number = 0
    with pq.ParquetFile(file) as parquet:
        for group in range(parquet.num_row_groups):
            for row, raw in enumerate(parquet.read_row_group(group, columns=others).to_pylist()):
                number += 1
                values = {name: _named(value, names.get(name)) for name, value in raw.items()}
                places = {name: InParquet(file, group, row, name) for name in pictures}
                yield Record(file, number, values, places)


def _schema(file: Path) -> pa.Schema:
    try:
        return pq.read_schema(file)
    except (pa.ArrowInvalid, OSError) as error:
        raise PublishedError(f"{file} cannot be read as Parquet: {error}; copy it again") from error


def _holds_pictures(field: pa.Field) -> bool:
    if pa.types.is_struct(field.type):
        return "bytes" in [part.name for part in field.type]
    return bool(pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type))


def _class_names(schema: pa.Schema) -> dict[str, list[str]]:
    """Column -> class names, from the features that `datasets` leaves in the schema's metadata."""
    told = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
    features = told.get("info", {}).get("features", {})
    return {
        name: feature["names"]
        for name, feature in features.items()
        if isinstance(feature, dict) and feature.get("_type") == "ClassLabel"
    }


def _named(value: object, names: list[str] | None) -> object:
    """A class by its name; -1, which `datasets` writes for no label, is None."""
    if names is None or not isinstance(value, int):
        return value
    return names[value] if 0 <= value < len(names) else None


def _plain(file: Path) -> Iterator[Mapping[str, object]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            yield from csv.DictReader(stream) if file.suffix == ".csv" else _objects(file, stream)
    except (csv.Error, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise PublishedError(f"{file.name} cannot be read as {file.suffix[1:]}: {error}; mend it") from error


def _objects(file: Path, stream: TextIO) -> Iterator[Mapping[str, object]]:
    if file.suffix == ".jsonl":
        values = [_line(file, number, line) for number, line in enumerate(stream, start=1) if line.strip()]
    else:
        values = json.load(stream)
    for number, value in enumerate(values if isinstance(values, list) else [], start=1):
        if not isinstance(value, dict):
            raise PublishedError(f"{file.name}: row {number}: {str(value)[:80]!r} is no record")
        yield value


def _line(file: Path, number: int, line: str) -> object:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise PublishedError(f"{file.name}:{number} is not JSON ({error}); mend that line") from error
