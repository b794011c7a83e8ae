"""What a user sees while a command runs: progress bars on a terminal, plain lines elsewhere, clear errors."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Display

from bench.schema import RejectRow

Progress = Callable[[str, int, int], None]  # what is done, how many of it, of how many

console = Console(highlight=False, emoji=False)
errors = Console(stderr=True, highlight=False, emoji=False)

PLAIN_EVERY = 5.0  # seconds between plain progress lines


class Bars:
    """One bar a stage: `bars(stage, done, total)` moves it."""

    def __init__(self, progress: Display) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(stage, total=total)
        self._progress.update(self._tasks[stage], completed=done, total=total)


class Lines:
    """A line when a stage starts, every few seconds, and when it ends."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[float, int]] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        when, said = self._last.get(stage, (-PLAIN_EVERY, -1))
        if done == said or (done < total and now - when < PLAIN_EVERY and said >= 0):
            return
        self._last[stage] = (now, done)
        console.print(f"{stage}: {done}/{total}")


@contextmanager
def stages() -> Iterator[Progress]:
    """Progress of a command with several stages."""
    if not console.is_terminal:
        yield Lines()
        return
    columns = (TextColumn("{task.description:>12}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Display(*columns, console=console) as progress:
        yield Bars(progress)


def show_rejects(rejects: Iterable[RejectRow]) -> None:
    """A line for everything that was left out, with its reason."""
    for row in rejects:
        console.print(f"left out at {row.stage}: {row.item}: {row.reason}", soft_wrap=True, markup=False)


def stop_on(problems: Sequence[str]) -> None:
    """Print every problem; raises typer.Exit(1) where there is one."""
    for problem in problems:
        errors.print(f"problem: {problem}", markup=False, soft_wrap=True)
    if problems:
        raise typer.Exit(1)


def next_step(text: str) -> None:
    """The last line of a command: what to do now."""
    console.print(f"[dim]next:[/] {text}", soft_wrap=True)
