"""A published set goes through the runner and the score like a benchmark of ours."""

from __future__ import annotations

from pathlib import Path

from bench.scores import score
from evaluators.constant import Constant
from evaluators.runner import evaluate
from tests.bench.published_copies import UNSAFEBENCH, parquet, unsafebench_rows
from tests.bench.test_published_readers import opened


def test_a_run_over_a_published_set_with_a_broken_picture(tmp_path: Path) -> None:
    rows = unsafebench_rows()
    broken = {**rows[1], "image": {"bytes": b"no picture", "path": None}}
    parquet(tmp_path / "data/test-00000-of-00001.parquet", UNSAFEBENCH, [rows[0], broken, rows[2]])
    data = opened(tmp_path)
    result = evaluate(Constant("unsafe"), data, tmp_path / "run")
    assert [(row.image_id, row.gold, row.status) for row in result.rows] == [
        ("test-00000", "unsafe", "unsafe"),
        ("test-00001", "safe", "error"),
        ("test-00002", "unsafe", "unsafe"),
    ]
    assert result.rows[1].detail.startswith("PictureError: not an image of a known format")
    ours, theirs = score(result.rows), data.own_figures(result.rows)
    assert theirs is not None
    assert ours.pooled.accuracy.value == 2 / 3  # an error is wrong
    assert theirs["overall accuracy"].value == 1.0  # there it is read as safe
