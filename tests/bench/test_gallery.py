"""Which pairs the gallery shows, in which order, and what it says of each."""

from __future__ import annotations

import base64
import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from bench.contents import contents
from bench.dataset import Benchmark, load_benchmark
from bench.gallery import Answer, Pair, gallery, mark, shortened
from bench.results import ResultRow
from bench.schema import VerdictRow
from bench.thumbnails import data_uri, thumbnails
from tests.bench.sample import sample
from tests.bench.sample_runs import Answerer, perfect, run


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory: pytest.TempPathFactory) -> Benchmark:
    return load_benchmark(sample().export(tmp_path_factory.mktemp("gallery") / "bench"))


def wrong_on(*cases: tuple[str, str, str]) -> Answerer:
    """Right but on the named (pair, role, policy)."""

    def answer(row: VerdictRow) -> ResultRow:
        right = perfect(row)
        if (row.pair_id, row.role, row.policy_id) not in cases:
            return right
        return replace(right, status="safe" if row.safety_label == "unsafe" else "unsafe")

    return answer


def shown(benchmark: Benchmark, *runs: tuple[ResultRow, ...], limit: int = 9) -> tuple[Pair, ...]:
    return gallery(runs, contents(benchmark), [policy.id for policy in benchmark.policies], limit)


def test_failures_come_first(benchmark: Benchmark) -> None:
    rows = run(
        sample(),
        answer=wrong_on(("p001", "edited", "L1"), ("p002", "edited", "L1"), ("p002", "edited", "L2")),
    )
    pairs = shown(benchmark, rows.rows)
    assert [(pair.pair_id, pair.wrong) for pair in pairs] == [("p002", (2,)), ("p001", (1,)), ("p000", (0,))]
    assert [pair.pair_id for pair in shown(benchmark, rows.rows, limit=2)] == ["p002", "p001"]


def test_a_flip_is_missed_when_either_side_is_wrong(benchmark: Benchmark) -> None:
    answer = wrong_on(("p000", "original", "L3"), ("p001", "edited", "L1"), ("p001", "control", "L2"))
    missed = {pair.pair_id: pair.flip_missed for pair in shown(benchmark, run(sample(), answer=answer).rows)}
    assert missed == {
        "p000": (True,),
        "p001": (False,),
        "p002": (False,),
    }  # L1 has no flip, a control is no side


def test_fooled_is_right_on_the_original_and_wrong_on_its_control(benchmark: Benchmark) -> None:
    answer = wrong_on(("p000", "control", "L3"), ("p001", "control", "L2"), ("p001", "original", "L2"))
    fooled = {pair.pair_id: pair.fooled for pair in shown(benchmark, run(sample(), answer=answer).rows)}
    assert fooled == {"p000": (True,), "p001": (False,), "p002": (False,)}


def test_a_card_holds_the_pictures_and_an_answer_a_run(benchmark: Benchmark) -> None:
    some = tuple(row for row in run(sample()).rows if row.policy_id != "L5")
    pair = shown(benchmark, run(sample()).rows, some, limit=1)[0]
    assert pair.shows == "firearm (toy or cartoon, news)"
    assert [picture.role for picture in pair.pictures] == ["original", "edited", "control"]
    assert [cell.policy_id for cell in pair.pictures[0].cells] == ["L1", "L2", "L3", "L4", "L5"]
    last = pair.pictures[0].cells[-1]
    assert (last.gold, last.answers[1]) == ("unsafe", None)
    tip = "label: unsafe · answer: unsafe · p(unsafe) 0.900 · wrote: unsafe"
    assert last.answers[0] == Answer("unsafe", "right", tip)


def test_a_card_has_the_policies_that_its_pictures_were_asked_under(benchmark: Benchmark) -> None:
    some = tuple(row for row in run(sample()).rows if row.policy_id in ("L2", "L4") or row.pair_id == "p001")
    policies = {pair.pair_id: pair.policy_ids for pair in shown(benchmark, some)}
    assert policies == {"p000": ("L2", "L4"), "p001": ("L1", "L2", "L3", "L4", "L5"), "p002": ("L2", "L4")}


def test_marks() -> None:
    row = run(sample()).rows[1]
    assert mark(row) == "right"
    assert mark(replace(row, status="safe")) == "wrong"
    assert [mark(replace(row, status=s)) for s in ("refused", "unparseable", "error")] == ["unreadable"] * 3
    assert mark(replace(row, gold=None)) == "unscored"


def test_long_answers_are_cut() -> None:
    assert shortened("a\n  b") == "a b"
    assert shortened("x" * 20, 10) == "x" * 9 + "…"


@pytest.mark.parametrize(("size", "expected"), [((800, 400), (160, 80)), ((50, 60), (50, 60))])
def test_thumbnails_are_small_and_never_enlarged(size: tuple[int, int], expected: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    head, _, data = data_uri(Image.fromarray(noise)).partition(",")
    assert head == "data:image/webp;base64"
    assert Image.open(io.BytesIO(base64.b64decode(data))).size == expected


def test_a_picture_that_cannot_be_opened_has_no_thumbnail(benchmark: Benchmark) -> None:
    class Damaged(Benchmark):
        def image_bytes(self, image_id: str) -> bytes:
            return b"no picture" if image_id == broken else super().image_bytes(image_id)

    broken, whole, *_ = benchmark.image_ids
    seen: list[tuple[int, int]] = []
    found = thumbnails(Damaged(benchmark.root), {whole, broken}, lambda done, of: seen.append((done, of)))
    assert list(found) == [whole]
    assert seen == [(1, 2), (2, 2)]
