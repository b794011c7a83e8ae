"""The table of a run: what goes in comes out, the same bytes twice, small enough to mail."""

from __future__ import annotations

import random
import string
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.results import ResultRow, read_results, write_results

FULL = ResultRow(
    image_id="a-edited",
    pair_id="a",
    role="edited",
    policy_id="L2",
    gold="unsafe",
    status="unparseable",
    p_unsafe=0.1 + 0.2,
    margin=-1e-9,
    label_mass=0.25,
    text="\u201cmaybe\u201d\n",
    detail="neither word",
    written="refused",
    fragile=True,
)
BARE = ResultRow("b", "b", "original", "L1", None, "safe", None, None, None, "", "")


def test_rows_come_back_as_they_went(tmp_path: Path) -> None:
    write_results(tmp_path / "run.parquet", [FULL, BARE, FULL])
    assert read_results(tmp_path / "run.parquet") == (FULL, BARE, FULL)


def test_no_rows_are_an_empty_table(tmp_path: Path) -> None:
    write_results(tmp_path / "run.parquet", [])
    assert read_results(tmp_path / "run.parquet") == ()


def test_the_same_rows_are_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_results(tmp_path / name, [FULL, BARE] * 500)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_what_repeats_costs_nearly_nothing(tmp_path: Path) -> None:
    """2,000 images of five policies: their ids are random, so most of the file is the ids themselves."""
    rng = random.Random(0)
    ids = ["".join(rng.choices(string.hexdigits, k=16)) for _ in range(2000)]
    rows = [replace(BARE, image_id=name, pair_id=name, policy_id=f"L{k}") for name in ids for k in range(5)]
    write_results(tmp_path / "run.parquet", rows)
    assert (tmp_path / "run.parquet").stat().st_size < 2 * 16 * len(ids) * 1.25


def test_another_table_is_no_table_of_results(tmp_path: Path) -> None:
    pq.write_table(pa.table({"image_id": ["a"]}), tmp_path / "other.parquet")
    with pytest.raises(ValueError, match="it has no column"):
        read_results(tmp_path / "other.parquet")


def test_an_unknown_status_is_refused(tmp_path: Path) -> None:
    write_results(tmp_path / "run.parquet", [replace(FULL, status="maybe")])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"holds the status \['maybe'\], known are"):
        read_results(tmp_path / "run.parquet")
