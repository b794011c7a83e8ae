"""A benchmark folder and its Label Studio project: push its pictures, simulate raters, pull its votes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from annotation.client import Client
from annotation.errors import AnnotationError
from annotation.pull import pull
from annotation.push import Picture, PushReport, push
from annotation.raters import SimulatedRater, SimulationReport, simulate
from bench.dataset import Benchmark, load_benchmark
from bench.policy import Ruling, Sighting
from bench.schema import VoteRow

from .options import work_of
from .publish import load_votes, save_votes

Progress = Callable[[int, int], None]

# Stated error rates of the simulated raters: one careful, one average, one hasty.
RATES = ((0.02, 0.05, 0.01), (0.05, 0.10, 0.02), (0.08, 0.15, 0.04))


def push_benchmark(
    client: Client, folder: Path, progress: Progress | None = None, *, votes: int = 3
) -> PushReport:
    """Add every picture of the benchmark, whatever its role, to the project of its title.

    `votes` is the number of raters wanted for a picture.
    """
    bench = load_benchmark(folder)
    pictures = [Picture(image_id, bench.image_bytes(image_id)) for image_id in bench.image_ids]
    return push(client, bench.title, pictures, bench.policies, votes=votes, progress=progress)


def simulate_benchmark(
    client: Client, folder: Path, count: int, progress: Progress | None = None
) -> SimulationReport:
    """Let `count` raters with the rates above (in turn) answer from what the rules say of each picture."""
    bench = load_benchmark(folder)
    raters = [
        SimulatedRater(number + 1, false_alarm=alarm, miss=miss, unsure=unsure)
        for number in range(count)
        for alarm, miss, unsure in [RATES[number % len(RATES)]]
    ]
    return simulate(client, bench.title, truth_of(bench), raters, progress=progress)


def truth_of(bench: Benchmark) -> dict[tuple[str, str], Ruling]:
    """The rules' verdict on what each picture is known to show, by image and policy id."""
    return {
        (image_id, policy.id): policy.judge(
            Sighting(concept, frozenset(contexts))
            for concept, contexts in zip(meta.concepts, meta.contexts, strict=True)
        )
        for image_id in bench.image_ids
        for meta in [bench.meta(image_id)]
        for policy in bench.policies
    }


def pull_benchmark(client: Client, folder: Path, progress: Progress | None = None) -> tuple[VoteRow, ...]:
    """Fetch the project's votes and keep them beside the build."""
    work = work_of(folder)
    votes = pull(client, load_benchmark(folder).title, work / "annotation", progress=progress)
    save_votes(work, votes)
    return votes


def votes_of(folder: Path) -> tuple[VoteRow, ...]:
    """The votes pulled for a benchmark built here, or those published in it."""
    votes = load_votes(work_of(folder)) or load_benchmark(folder).votes
    if not votes:
        raise AnnotationError(
            f"{folder} has no votes yet; label, then run `safeeditbench annotate pull {folder}`"
        )
    return votes
