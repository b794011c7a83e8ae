"""Prints how many scenes one core draws a second: `python -m tests.bench_scenes [count] [size]`.

The first scenes, which make the grain and load the photographs, are not counted.
"""

from __future__ import annotations

import sys
import time

from pipeline.scenes import make_scene


def main(count: int = 300, size: int = 256) -> None:
    for seed in range(80):
        make_scene(seed, size)
    wall, cpu = time.perf_counter(), time.process_time()
    for seed in range(1000, 1000 + count):
        make_scene(seed, size)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{count} scenes of {size} px: {count / wall:.1f} a second ({count / cpu:.1f} a CPU second)")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:3]))
