"""Row classes decide the columns; tables keep every value."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bench.dataset import ImageInfo
from bench.layout import TABLE_ROWS
from bench.schema import ImageRow, RejectRow, VerdictRow
from bench.tables import arrow_schema, batches, columns_of, from_table, record, to_table, write_parquet
from tests.bench.sample import sample


@pytest.mark.parametrize("row_type", TABLE_ROWS.values())
def test_a_table_has_the_fields_of_its_row_class(row_type: type) -> None:
    assert [column.name for column in columns_of(row_type)] == [f.name for f in fields(row_type)]


def test_image_info_is_the_image_row_without_its_pictures() -> None:
    without = [f.name for f in fields(ImageRow) if f.name not in ("image", "mask")]
    assert [f.name for f in fields(ImageInfo)] == without


def test_features_are_written_for_the_hub() -> None:
    metadata = arrow_schema(columns_of(ImageRow)).metadata[b"huggingface"]
    features = json.loads(metadata)["info"]["features"]
    assert features["image"] == {"_type": "Image"}
    assert features["mask"] == {"mode": "L", "_type": "Image"}
    assert features["contexts"] == {
        "feature": {"feature": {"dtype": "string", "_type": "Value"}, "_type": "List"},
        "_type": "List",
    }


def test_a_label_is_safe_0_unsafe_1() -> None:
    features = json.loads(arrow_schema(columns_of(VerdictRow)).metadata[b"huggingface"])["info"]["features"]
    assert features["safety_label"] == {"names": ["safe", "unsafe"], "_type": "ClassLabel"}


def test_rows_come_back_as_they_went() -> None:
    rows = sample(2)
    for part in (rows.images, rows.verdicts, rows.votes, rows.edits, rows.rejects):
        columns = columns_of(type(part[0]))
        assert from_table(type(part[0]), columns, to_table(columns, [record(row) for row in part])) == part


def test_a_cell_without_a_label_stays_without() -> None:
    empty = VerdictRow("a", "p", "edited", "L2", "d", None, (), None, 0, "human", "all raters skipped")
    columns = columns_of(VerdictRow)
    assert from_table(VerdictRow, columns, to_table(columns, [record(empty)])) == (empty,)


def test_a_table_without_rows_has_its_columns(tmp_path: Path) -> None:
    write_parquet(tmp_path / "none.parquet", columns_of(RejectRow), [])
    table = pq.read_table(tmp_path / "none.parquet")
    assert table.column_names == ["item", "stage", "reason"]
    assert from_table(RejectRow, columns_of(RejectRow), table) == ()


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([], [range(0, 0)]),
        ([4, 4, 4], [range(0, 2), range(2, 3)]),
        ([99, 1], [range(0, 1), range(1, 2)]),
        ([5, 5], [range(0, 2)]),
    ],
)
def test_batches_stay_under_the_limit(sizes: list[int], expected: list[range]) -> None:
    assert batches(sizes, 10) == expected
