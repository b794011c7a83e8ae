"""`datasets` itself reads our tiny copies, with the published features, and decodes the same pixels."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.published_copies import (
    POLICYSHIFTBENCH,
    SAFEEDITBENCH,
    UNSAFEBENCH,
    parquet,
    policyshift_row,
    safeeditbench_rows,
    unsafebench_rows,
)
from tests.bench.test_published_readers import opened

pytest.importorskip("datasets")

SCRIPT = """
import hashlib, json, sys
import pyarrow.parquet as pq
from datasets import Value, load_dataset
for file in sys.argv[1:]:
    rows = load_dataset("parquet", data_files=file, split="train")
    kinds = " ".join(f"{name}:{feature.dtype if type(feature) is Value else type(feature).__name__}"
                     for name, feature in rows.features.items())
    print(len(rows), kinds)
    rows.to_parquet(f"{file}.again")
    ours, theirs = pq.read_schema(file), pq.read_schema(f"{file}.again")
    told = [json.loads(schema.metadata[b"huggingface"])["info"]["features"] for schema in (ours, theirs)]
    assert ours.equals(theirs) and told[0] == told[1], (ours, theirs, told)
    print(hashlib.sha256(rows[0]["image"].convert("RGB").tobytes()).hexdigest())
"""


def test_datasets_reads_the_same(tmp_path: Path) -> None:
    shift = [policyshift_row("id_test", 7, 1, "A", "pass"), policyshift_row("id_test", 7, 1, "B", "block")]
    files = [
        parquet(tmp_path / "a/test.parquet", SAFEEDITBENCH, safeeditbench_rows()),
        parquet(tmp_path / "b/test.parquet", UNSAFEBENCH, unsafebench_rows()),
        parquet(tmp_path / "c/id_test.parquet", POLICYSHIFTBENCH, shift),
    ]
    offline = {
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": str(tmp_path / "h"),
        "HF_DATASETS_CACHE": str(tmp_path / "d"),
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, files)],
        capture_output=True,
        text=True,
        env={**os.environ, **offline},
    )
    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()
    assert told[0::2] == [
        "4 image:Image image_path:string safety_label:ClassLabel policy_name:ClassLabel policy:string",
        "3 image:Image safety_label:string category:string source:string text:string",
        "2 question:string image:Image answer:string image_idx:int64 section_id:int64 section_title:string "
        "policy_name:string tier:string discrimination_score:float64 policy_description:string label:string "
        "split_type:string violated_categories:List",
    ]
    assert told[1::2] == [_pixels(file) for file in files]


def _pixels(file: Path) -> str:
    data = opened(file)
    return hashlib.sha256(data.picture(data.image_ids[0]).tobytes()).hexdigest()
