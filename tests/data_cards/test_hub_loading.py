"""`datasets.load_dataset` reads the folder offline, whole and streaming."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.data_cards.sample_card import publish

pytest.importorskip("datasets")

SCRIPT = """
import sys
from datasets import ClassLabel, Image, load_dataset
root = sys.argv[1]
for streaming in (False, True):
    tables = {n: load_dataset(root, n, split="test", streaming=streaming)
              for n in ("images", "verdicts", "votes", "edits", "flat")}
    print({name: sum(1 for _ in table) for name, table in tables.items()})
    first = next(iter(tables["images"]))
    print(first["image"].size, first["mask"].mode, first["contexts"])
    flat = tables["flat"].features
    print(list(flat), flat["safety_label"].names, flat["policy_name"].names)
    row = list(tables["flat"])[1]
    print(row["safety_label"], row["policy_name"], row["image_path"])
alone = load_dataset("parquet", data_files=f"{root}/images/*.parquet", split="train")
print(alone.features["mask"])
"""


@pytest.mark.slow
def test_folder_parquet_and_streaming(tmp_path: Path) -> None:
    out = publish(tmp_path / "bench")
    offline = {
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": str(tmp_path / "cache"),
        "HF_DATASETS_CACHE": str(tmp_path / "d"),
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(out)],
        capture_output=True,
        text=True,
        env={**os.environ, **offline},
    )
    assert done.returncode == 0, done.stderr
    once = [
        "{'images': 8, 'verdicts': 40, 'votes': 15, 'edits': 5, 'flat': 40}",
        "(48, 48) L [['toy_or_cartoon', 'news']]",
        "['image', 'image_path', 'safety_label', 'policy_name', 'policy'] ['safe', 'unsafe'] "
        "['Policy L1', 'Policy L2', 'Policy L3', 'Policy L4', 'Policy L5']",
        "1 1 p000.png",
    ]
    assert done.stdout.splitlines() == [*once, *once, "Image(mode='L', decode=True)"]
