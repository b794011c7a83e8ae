"""Kill -9 the build, the push, the pull, the evaluation and the training at random moments, and look.

    python -m tests.faults.kill_anything --job all --moments 100

Each job is run smoothly once. Then it starts from nothing again and again, is killed with its whole
process group at a uniformly random moment of the smooth run's duration, and is started by the same command
until a moment lies after its end; what it has made is then held against the smooth run. One kill is one
moment. Prints a line a job; exits with 1 where anything is lost, doubled, different or left running.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, fields
from pathlib import Path

from tests.faults.jobs import Job, Made
from tests.faults.lives import MARK, Birth, executed, forked, import_alike, live
from tests.faults.orphans import orphans
from tests.faults.parts import Parts

JOBS = ("build", "push", "pull", "evaluate", "train")
RUNNERS = ("loop", "threads", "processes")
MERCY = 5.0  # seconds in which what a killed process had started must end


@dataclass(frozen=True, slots=True)
class Tally:
    """What a hundred kills did to one job."""

    job: str
    kills: int
    in_work: int  # kills of a life that had changed something by then
    runs: int  # from an empty start to the end
    refused: int  # lives that ended with an error by themselves
    lost: int
    doubled: int
    equal: int  # runs whose tables are those of the smooth run, byte for byte
    orphans: int
    smooth: float  # seconds of an undisturbed run
    seconds: float

    @property
    def good(self) -> bool:
        return not (self.refused or self.lost or self.doubled or self.orphans) and self.equal == self.runs


def torment(job: Job, birth: Birth, moments: int, draw: random.Random, log: Path) -> Tally:
    """Kill a job at that many moments."""
    begun = time.monotonic()
    smooth, longest = smooth_run(job, birth, log)
    counts: Counter[str] = Counter()
    while counts["kills"] < moments:
        counts += one_run(job, birth, draw, longest, log)
        made = job.made()
        counts += Counter(
            runs=1,
            lost=len(set(smooth.items) - set(made.items)),
            doubled=len(made.items) - len(set(made.items)),
            equal=int(made.digest == smooth.digest),
        )
        print(f"{job.name}: {dict(counts)}", file=sys.stderr, flush=True)
    time.sleep(MERCY)
    names = [field.name for field in fields(Tally)][1:-3]
    left = len(orphans())
    seconds = time.monotonic() - begun
    return Tally(
        job.name, **{name: counts[name] for name in names}, orphans=left, smooth=longest, seconds=seconds
    )


def smooth_run(job: Job, birth: Birth, log: Path) -> tuple[Made, float]:
    """What an undisturbed run makes, and its duration in seconds."""
    job.clear()
    begun = time.monotonic()
    if code := live(birth(job.commands, log), seconds=1800):
        raise RuntimeError(f"{job.name} failed with {code} undisturbed; see {log}")
    return job.made(), time.monotonic() - begun


def one_run(job: Job, birth: Birth, draw: random.Random, longest: float, log: Path) -> Counter[str]:
    """From an empty start to the end, killed on the way as often as the moments fall."""
    counts: Counter[str] = Counter()
    job.clear()
    while True:
        before = job.state()
        code = live(birth(job.commands, log), draw.uniform(0, longest))
        if code == 0:
            return counts
        if code is None:
            counts += Counter(kills=1, in_work=int(job.state() != before))
            continue
        counts["refused"] += 1
        print(f"{job.name} ended with {code}: {_last_line(log)}", flush=True)
        if counts["refused"] > 5:
            raise RuntimeError(f"{job.name} cannot be resumed; see {log}")


def _last_line(log: Path) -> str:
    return (log.read_text(errors="replace").splitlines() or [""])[-1][:300]


def show(tallies: list[Tally]) -> None:
    """The table."""
    print(
        f"{'job':9}{'kills':>7}{'in work':>9}{'runs':>6}{'refused':>9}{'lost':>6}{'doubled':>9}"
        f"{'equal bytes':>13}{'orphans':>9}{'smooth s':>10}{'all s':>7}"
    )
    for one in tallies:
        print(
            f"{one.job:9}{one.kills:7}{one.in_work:9}{one.runs:6}{one.refused:9}{one.lost:6}{one.doubled:9}"
            f"{f'{one.equal} of {one.runs}':>13}{one.orphans:9}{one.smooth:10.1f}{one.seconds:7.0f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--job", choices=[*JOBS, "all"], nargs="+", default=["all"])
    parser.add_argument("--moments", type=int, default=100, help="kills of each job")
    parser.add_argument("--scenes", type=int, default=12, help="items of the build")
    parser.add_argument("--runner", choices=RUNNERS, default="loop", help="the build's; others are Prefect's")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--real", action="store_true", help="start a new Python each time, as a user does")
    parser.add_argument("--out", type=Path, help="folder for logs and all that is made; default: a new one")
    options = parser.parse_args()
    root = options.out or Path(tempfile.mkdtemp(prefix="kill-anything-"))
    root.mkdir(parents=True, exist_ok=True)
    names = list(JOBS) if "all" in options.job else options.job
    os.environ[MARK] = str(os.getpid())
    tallies = []
    with Parts(root, options.scenes, options.runner) as parts:
        for job in map(parts.job, names):
            log = root / f"{job.name}.log"
            if not options.real:
                import_alike(job.commands, log)
            birth = executed if options.real else forked
            tallies.append(torment(job, birth, options.moments, random.Random(options.seed), log))
            show(tallies)
    if not all(tally.good for tally in tallies):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
