"""What a build finds in a folder or a Parquet file."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.config import SourceConfig
from pipeline.errors import ConfigError
from pipeline.sources import list_items, read_bytes, read_truth


def test_a_folder_is_read_in_order_without_hidden_files_or_truth(tmp_path: Path) -> None:
    for name in ("b.png", "sub/a.png", ".hidden.png", "a.png", "m.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    record = {"image": "a.png", "mask": "m.png", "objects": [{"concept": "dog", "contexts": ["news"]}]}
    (tmp_path / "truth.jsonl").write_text(json.dumps(record))
    items = list_items(SourceConfig(kind="folder", path=str(tmp_path)))
    assert [item.name for item in items] == ["a.png", "b.png", "sub/a.png"]
    assert read_bytes(items[2], tmp_path) == b"sub/a.png"
    assert read_truth(tmp_path)["a.png"].sightings == (("dog", ("news",)),)


def test_parquet_rows_of_any_row_group(tmp_path: Path) -> None:
    images = [{"bytes": bytes([number]) * 3, "path": f"{number}.png"} for number in range(5)]
    pq.write_table(pa.table({"image": images}), tmp_path / "part.parquet", row_group_size=2)
    items = list_items(SourceConfig(kind="parquet", path=str(tmp_path)))
    assert [item.name for item in items] == [f"part.parquet#{row}" for row in range(5)]
    assert [read_bytes(item, tmp_path) for item in items] == [bytes([number]) * 3 for number in range(5)]


def test_a_table_without_images_is_named(tmp_path: Path) -> None:
    pq.write_table(pa.table({"picture": [1]}), tmp_path / "part.parquet")
    with pytest.raises(ConfigError, match="has no column `image`"):
        list_items(SourceConfig(kind="parquet", path=str(tmp_path)))


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"image": "a.png", "objects": []}, "line 1: KeyError"),
        ({"image": "a.png", "mask": "../secret.png", "objects": []}, "lies outside the folder"),
    ],
)
def test_a_wrong_truth_line_is_named(record: dict[str, object], message: str, tmp_path: Path) -> None:
    (tmp_path / "truth.jsonl").write_text(json.dumps(record))
    with pytest.raises(ConfigError, match=message):
        read_truth(tmp_path)
