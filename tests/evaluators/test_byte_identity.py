"""A real (tiny) vision-language model in exact mode: batch, split, order and interruption change no byte."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evaluators.base import Guardrail
from evaluators.questions import plan
from evaluators.runner import ask, evaluate
from evaluators.shards import Shard
from tests.evaluators.stand_in import MemoryBenchmark

BENCHMARK = MemoryBenchmark(pairs=3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.tiny import qwen2_5_vl

    return qwen2_5_vl(tmp_path_factory.mktemp("tiny"))


def guardrail(folder: Path, images_at_once: int = 1) -> Guardrail:
    from evaluators.transformers_vlm import Decoding, TransformersVLM

    decoding = Decoding(min_label_mass=0.0, sharing="exact")
    return TransformersVLM.load(
        str(folder), device="cpu", dtype="float32", decoding=decoding, images_at_once=images_at_once
    )


def table(out: Path) -> bytes:
    return (out / "results.parquet").read_bytes()


@pytest.fixture(scope="module")
def smooth(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    out = tmp_path_factory.mktemp("smooth")
    result = evaluate(guardrail(folder), BENCHMARK, out)
    assert {row.status for row in result.rows} <= {"safe", "unsafe"}
    assert len({row.margin for row in result.rows}) == 30  # no two cases are alike
    audited = result.info.audit
    assert audited is not None
    assert (audited.cases, audited.beyond, audited.flips) == (15, 0, 0)
    return table(out)


@pytest.mark.slow
@pytest.mark.parametrize("images_at_once", [3, 8])
def test_batches(folder: Path, smooth: bytes, tmp_path: Path, images_at_once: int) -> None:
    evaluate(guardrail(folder, images_at_once), BENCHMARK, tmp_path)
    assert table(tmp_path) == smooth


@pytest.mark.slow
def test_shards_in_another_order_interrupted_and_resumed(folder: Path, smooth: bytes, tmp_path: Path) -> None:
    asked = plan(BENCHMARK)
    reversed_plan = replace(asked, questions=asked.questions[::-1])
    three = guardrail(folder, 3)

    def interrupt(what: str, done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(three, BENCHMARK, tmp_path, reversed_plan, shard=Shard(2, 2), progress=interrupt)
    ask(guardrail(folder, 8), BENCHMARK, tmp_path, reversed_plan, shard=Shard(1, 2))
    evaluate(guardrail(folder), BENCHMARK, tmp_path)
    assert table(tmp_path) == smooth
