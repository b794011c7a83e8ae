"""Prints what statistics cost and whether intervals hold: `python -m tests.bench_statistics [runs]`.

Time and memory of scoring 50,000 rows with 10,000 replicates, stage by stage, and of a comparison of two
such runs; the size of their result file; and the coverage of 95 % intervals over `runs` simulated runs.
"""

from __future__ import annotations

import cProfile
import pstats
import pydoc_data.topics
import random
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.compare import compare
from bench.results import ResultRow, read_results, write_results
from bench.schema import Label, Role
from bench.scores import score
from tests.bench.coverage import coverage

PAIRS = 5_000
POLICIES = ("L1", "L2", "L3", "L4", "L5")
ROLES: tuple[Role, ...] = ("original", "edited")
STAGES = ("labelled_cases", "of", "_draw", "sums", "_score", "score")
WORDS = [word for topic in pydoc_data.topics.topics.values() for word in topic.split()]


def made_run(seed: int) -> list[ResultRow]:
    """50,000 answers with probabilities; a model right in about nine cases of ten."""
    rng = np.random.default_rng(seed)
    rows = []
    for pair in range(PAIRS):
        for role in ROLES:
            for policy in POLICIES:
                gold: Label = "unsafe" if policy != "L1" and role == "original" and pair % 5 < 3 else "safe"
                margin = float(rng.normal(1.5 if gold == "unsafe" else -1.5))
                said: Label = "unsafe" if margin > 0 else "safe"
                p_unsafe = 1 / (1 + float(np.exp(-margin)))
                image_id = f"{pair * 2654435761 % 2**32:08x}-{role}"
                rows.append(
                    ResultRow(
                        image_id, image_id[:8], role, policy, gold, said, p_unsafe, margin, 0.98, said, ""
                    )
                )
    return rows


def timed(name: str, work: Callable[[], object]) -> None:
    """Print the best of three times, wall and CPU."""
    taken = []
    for _ in range(3):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        taken.append((time.perf_counter() - wall, time.process_time() - cpu))
    wall, cpu = min(taken)
    print(f"{name:44} {wall:6.2f} s  {cpu:6.2f} s CPU")


def profile(rows: Sequence[ResultRow]) -> None:
    with cProfile.Profile() as seen:
        score(rows)
    for (file, _, name), (_, calls, _, total, _) in sorted(
        pstats.Stats(seen).stats.items(),
        key=lambda item: -item[1][3],  # type: ignore[attr-defined]
    ):
        if name in STAGES and "bench" in file:
            print(f"    {Path(file).stem + '.' + name:40} {total:6.2f} s in {calls} calls")


def memory(rows: Sequence[ResultRow]) -> None:
    tracemalloc.start()
    score(rows)
    print(f"{'score, most memory beside the rows':44} {tracemalloc.get_traced_memory()[1] / 1e6:6.0f} MB")
    tracemalloc.stop()


def sizes(rows: Sequence[ResultRow]) -> None:
    """Words are drawn at random, which compresses worse than prose does."""
    rng = random.Random(0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.parquet"
        for words in (0, 20, 80):
            told = [replace(row, text=" ".join([*rng.choices(WORDS, k=words), row.status])) for row in rows]
            timed(f"write, {words} random words an answer", lambda told=told: write_results(path, told))
            timed(f"read,  {words} random words an answer", lambda: read_results(path))
            print(f"{'    size':44} {path.stat().st_size / 1e6:6.2f} MB")


def main(runs: int = 2000) -> None:
    rows = made_run(0)
    print(f"{len(rows)} rows, {PAIRS} pairs, 10,000 replicates")
    timed("score, baselines included", lambda: score(rows))
    profile(rows)
    memory(rows)
    other = [replace(row, status="safe") if rank % 25 == 0 else row for rank, row in enumerate(rows)]
    timed("compare", lambda: compare(rows, other))
    sizes(rows)
    print(f"share of 95 % intervals that hold the truth, {runs} simulated runs, 1,000 replicates")
    for pairs in (10, 20, 40, 80, 160, 320):
        shares = "  ".join(f"{name} {share:.3f}" for name, share in coverage(pairs, runs, 1000).items())
        print(f"{pairs:5} pairs  {shares}", flush=True)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:2]))
