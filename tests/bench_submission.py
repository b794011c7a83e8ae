"""How long a large submission takes: `python -m tests.bench_submission [IMAGES]`, five policies an image."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bench.schema import VerdictRow
from bench.scores import score
from evaluators.runner import evaluate
from evaluators.submission import submit
from evaluators.submission_check import check_submission
from tests.evaluators.stand_in import MemoryBenchmark, Scripted, picture


@dataclass(frozen=True, slots=True)
class Blank(MemoryBenchmark):
    """Many images, all of them one picture, so that only the bookkeeping takes time."""

    @property
    def verdicts(self) -> tuple[VerdictRow, ...]:
        return _verdicts(self.pairs)

    def picture(self, image_id: str):  # type: ignore[no-untyped-def]
        return picture(0, (16, 16))


@cache
def _verdicts(pairs: int) -> tuple[VerdictRow, ...]:
    return MemoryBenchmark(pairs).verdicts


def timed(what: str, work: Callable[[], object]) -> object:
    start = time.perf_counter()
    result = work()
    print(f"{what:28} {time.perf_counter() - start:7.1f} s")
    return result


def main(images: int) -> None:
    source = Blank(pairs=images // 2)
    with tempfile.TemporaryDirectory() as folder:
        run, bundle, scratch = (Path(folder) / name for name in ("run", "x.zip", "scratch"))
        scratch.mkdir()
        timed("evaluate, nothing but books", lambda: evaluate(Scripted(images_at_once=64), source, run))
        timed("submit", lambda: submit(run, bundle))
        print(f"{'bytes of the zip':28} {bundle.stat().st_size:7}")
        found = check_submission(bundle, source, scratch)
        timed("check", lambda: check_submission(bundle, source, Path(tempfile.mkdtemp(dir=folder))))
        timed("score", lambda: score(found.rows))
        print(f"{len(found.rows)} rows, problems: {found.problems}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
