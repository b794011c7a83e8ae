"""However a run is split, ordered, batched or interrupted, its table is the same bytes."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bench.policy import Policy
from evaluators.base import Audit, Outcome
from evaluators.journal import Journal, read_journals
from evaluators.questions import Plan, plan
from evaluators.runner import ask, evaluate, finish
from evaluators.shards import WHOLE, Shard, read_shard
from tests.evaluators.stand_in import MemoryBenchmark, Scripted

HALVES = [Shard(1, 2), Shard(2, 2)]


@dataclass(slots=True)
class ByContent:
    """Answers by what it sees and reads, whatever else is in the call."""

    images_at_once: int = 1
    asked: int = 0
    name: str = "by-content"
    device: str = "none"
    audit: Audit | None = None

    @property
    def identity(self) -> Mapping[str, str]:
        return {"weights": "w1"}

    @property
    def notes(self) -> Mapping[str, str | float]:
        return {"asked": self.asked}

    def judge(self, images: Sequence[Image.Image], policies: Sequence[Policy]) -> list[list[Outcome]]:
        self.asked += len(images)
        return [[self._one(image, policy) for policy in policies] for image in images]

    def _one(self, image: Image.Image, policy: Policy) -> Outcome:
        p = hashlib.sha256(image.tobytes() + policy.text().encode()).digest()[0] / 255
        return Outcome("unsafe" if p >= 0.5 else "safe", p_unsafe=p, tokens_in=10, tokens_cached=8)


@dataclass(frozen=True, slots=True)
class Shuffled:
    """The plan of a benchmark with its questions in another order."""

    seed: int

    def of(self, asked: Plan) -> Plan:
        questions = random.Random(self.seed).sample(asked.questions, len(asked.questions))
        return replace(asked, questions=tuple(questions))


def table(out: Path) -> bytes:
    return (out / "results.parquet").read_bytes()


@pytest.fixture(scope="module")
def smooth(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    out = tmp_path_factory.mktemp("smooth")
    evaluate(ByContent(), MemoryBenchmark(pairs=4), out)
    return table(out)


def test_shards_are_disjoint_and_together_everything() -> None:
    items = list(range(10))
    assert [list(Shard(n, 3).of(items)) for n in (1, 2, 3)] == [[0, 3, 6, 9], [1, 4, 7], [2, 5, 8]]
    assert WHOLE.of(items) == items


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "1/0", "a/b", "-1/2", "1/2/3"])
def test_a_shard_that_cannot_be_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"there is no shard|is not of the form 1/2"):
        read_shard(text)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_the_table_is_the_same_bytes_however_the_run_went(
    smooth: bytes, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    out, benchmark = tmp_path_factory.mktemp("split"), MemoryBenchmark(pairs=4)
    asked = plan(benchmark)
    for _ in range(data.draw(st.integers(0, 4))):
        count = data.draw(st.integers(1, 5))
        shard = Shard(data.draw(st.integers(1, count)), count)
        order = Shuffled(data.draw(st.integers(0, 99))).of(asked)
        ask(ByContent(data.draw(st.sampled_from([1, 3, 8]))), benchmark, out, order, shard=shard)
    evaluate(ByContent(data.draw(st.sampled_from([1, 3, 8]))), benchmark, out)
    assert table(out) == smooth


def test_the_last_shard_to_end_finishes_the_run(tmp_path: Path, smooth: bytes) -> None:
    benchmark, guardrail = MemoryBenchmark(pairs=4), ByContent()
    asked = plan(benchmark)
    assert ask(guardrail, benchmark, tmp_path, asked, shard=HALVES[1]) == 4
    with pytest.raises(ValueError, match=r"4 images of the run in .* are not answered"):
        finish(guardrail, benchmark, tmp_path, asked)
    assert ask(guardrail, benchmark, tmp_path, asked, shard=HALVES[0]) == 0
    info = finish(guardrail, benchmark, tmp_path, asked).info
    assert table(tmp_path) == smooth
    assert [(part.shard, part.images) for part in info.parts] == [("1/2", 4), ("2/2", 4)]
    assert (info.tokens.prompt, info.tokens.shared, info.reuse_ratio) == (400, 320, 0.8)


def test_shards_made_on_other_machines_are_merged_from_their_journals(tmp_path: Path, smooth: bytes) -> None:
    benchmark = MemoryBenchmark(pairs=4)
    for number, shard in enumerate(HALVES):
        ask(ByContent(), benchmark, tmp_path / str(number), plan(benchmark), shard=shard)
    here, there = tmp_path / "0", tmp_path / "1"
    (there / "rows-2-of-2.jsonl").rename(here / "rows-2-of-2.jsonl")
    idle = ByContent()
    evaluate(idle, benchmark, here)
    assert idle.asked == 0
    assert table(here) == smooth


def test_a_shard_asks_nothing_that_another_split_has_answered(tmp_path: Path) -> None:
    benchmark = MemoryBenchmark(pairs=4)
    ask(ByContent(), benchmark, tmp_path, plan(benchmark), shard=HALVES[0])  # images 0, 2, 4, 6
    third = ByContent()
    ask(third, benchmark, tmp_path, plan(benchmark), shard=Shard(1, 3))  # images 0, 3, 6
    assert third.asked == 1


def test_two_processes_cannot_write_one_shard(tmp_path: Path) -> None:
    benchmark = MemoryBenchmark()
    with Journal(tmp_path / HALVES[0].file("rows")):
        with pytest.raises(ValueError, match=r"another evaluation is writing .*rows-1-of-2\.jsonl"):
            ask(ByContent(), benchmark, tmp_path, plan(benchmark), shard=HALVES[0])
        assert ask(ByContent(), benchmark, tmp_path, plan(benchmark), shard=HALVES[1]) == 3


def test_another_journal_that_is_being_written_is_read_up_to_its_last_whole_line(tmp_path: Path) -> None:
    benchmark = MemoryBenchmark(pairs=4)
    ask(ByContent(), benchmark, tmp_path, plan(benchmark), shard=HALVES[0])
    journal = tmp_path / "rows-1-of-2.jsonl"
    written = journal.read_bytes()
    journal.write_bytes(written[: len(written) // 2])
    left = ask(ByContent(), benchmark, tmp_path, plan(benchmark), shard=HALVES[1])
    assert left == 4 - journal.read_bytes().count(b"\n")
    assert journal.read_bytes() == written[: len(written) // 2]  # it is not this process's to mend


def test_a_failure_never_takes_the_place_of_an_answer(tmp_path: Path) -> None:
    for shard, statuses in zip(HALVES, (("error", "safe"), ("unsafe", "error")), strict=True):
        outcomes = [{"status": status} for status in statuses]
        line = {"image_id": "i", "policies": ["L1", "L2"], "outcomes": outcomes, "seconds": 1.0}
        (tmp_path / shard.file("rows")).write_text(json.dumps(line) + "\n")
    merged = read_journals(tmp_path, "rows").answered["i"]
    assert [outcome.status for outcome in merged.outcomes] == ["unsafe", "safe"]
    assert not merged.failed


def test_fresh_discards_every_shard(tmp_path: Path) -> None:
    benchmark = MemoryBenchmark()
    ask(Scripted(), benchmark, tmp_path, plan(benchmark), shard=HALVES[0])
    guardrail = ByContent()
    evaluate(guardrail, benchmark, tmp_path, fresh=True)
    assert guardrail.asked == 6
    assert not list(tmp_path.glob("rows-*"))


def test_fresh_leaves_a_run_alone_that_another_process_writes(tmp_path: Path) -> None:
    benchmark = MemoryBenchmark()
    ask(ByContent(), benchmark, tmp_path, plan(benchmark), shard=HALVES[0])
    with (
        Journal(tmp_path / "rows-1-of-2.jsonl"),
        pytest.raises(ValueError, match="another evaluation is writing"),
    ):
        evaluate(ByContent(), benchmark, tmp_path, fresh=True)
    assert (tmp_path / "rows-1-of-2.jsonl").stat().st_size
