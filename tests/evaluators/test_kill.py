"""Real processes killed with SIGKILL at random moments: an image is lost at most, the table never."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench.scores import score
from evaluators.function import Function
from evaluators.run import load_run
from evaluators.runner import evaluate
from tests.evaluators.stand_in import MemoryBenchmark

KILLS = 25
PAIRS = 30

# Everything is imported once; each life is a fork of this process, which then kills it.
DRIVER = f"""
import os, random, signal, sys, time
from pathlib import Path
from evaluators.function import Function
from evaluators.runner import evaluate
from tests.evaluators.stand_in import MemoryBenchmark

out, kills = Path(sys.argv[1]), Path(sys.argv[2])
benchmark = MemoryBenchmark(pairs={PAIRS})

def judge(image, policy_text):
    with log.open("a") as stream:
        stream.write(f"{{image.getpixel((0, 0))}}\\n")  # no two of the pictures begin alike
    time.sleep(0.001)
    return image.getpixel((0, 0))[0] / 255

for life in range({KILLS} + 1):
    log = kills / str(life)
    log.touch()
    child = os.fork()
    if not child:
        evaluate(Function("f", judge, "s"), benchmark, out)
        os._exit(0)
    if life < {KILLS}:
        time.sleep(random.Random(life).uniform(0, 0.12))
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[list[str]]]:
    """The folder of the run, and the images that each of its lives began to ask, in order."""
    folder = tmp_path_factory.mktemp("killed")
    (folder / "lives").mkdir()
    subprocess.run([sys.executable, "-c", DRIVER, folder / "run", folder / "lives"], check=True, timeout=120)
    logs = [(folder / "lives" / str(life)).read_text().splitlines() for life in range(KILLS + 1)]
    return folder / "run", [list(dict.fromkeys(log)) for log in logs]


@pytest.mark.slow
def test_a_kill_costs_one_image_at_most(killed: tuple[Path, list[list[str]]]) -> None:
    _, lives = killed
    begun: set[str] = set()
    for images in lives:
        assert len(begun & set(images)) <= 1
        begun |= set(images)
    assert len(begun) == 2 * PAIRS
    assert sum(bool(images) for images in lives) > 5  # the kills fell into the asking


@pytest.mark.slow
def test_the_table_and_the_scores_are_those_of_a_smooth_run(
    killed: tuple[Path, list[list[str]]], tmp_path: Path
) -> None:
    def judge(image: object, policy_text: str) -> float:
        return image.getpixel((0, 0))[0] / 255  # type: ignore[attr-defined, no-any-return]

    smooth = evaluate(Function("f", judge, "s"), MemoryBenchmark(pairs=PAIRS), tmp_path)
    out, _ = killed
    assert (out / "results.parquet").read_bytes() == (tmp_path / "results.parquet").read_bytes()
    assert score(load_run(out).rows, replicates=200) == score(smooth.rows, replicates=200)
    assert not list(out.glob("*.part"))
