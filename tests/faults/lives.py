"""One life of a command: born as a process group of its own, and killed at a moment, or left to end.

Most lives are forks of a parent that holds the imports already, so that a hundred of them cost minutes; a
real command-line start is the same call after `exec`.
"""

from __future__ import annotations

import importlib
import os
import shlex
import signal
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
MARK = "SAFEEDITBENCH_LIFE"  # in the environment of every process that a life starts

Command = tuple[str, ...]
Birth = Callable[[Sequence[Command], Path], int]  # commands, log -> process id, which is the group's too


def forked(commands: Sequence[Command], log: Path) -> int:
    """Run the commands one after the other in a fork of this process."""
    return _born(lambda: _run(commands), log)


def executed(commands: Sequence[Command], log: Path) -> int:
    """Run the commands as a user does, each a new Python."""
    line = " && ".join(shlex.join([sys.executable, "-m", "pipeline", *command]) for command in commands)
    return _born(lambda: os.execvp("sh", ["sh", "-c", line]), log)


def live(life: int, seconds: float) -> int | None:
    """Wait that long for the end. The exit code, or None where the group had to be killed (SIGKILL)."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        ended, status = os.waitpid(life, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(life, signal.SIGKILL)
    with suppress(ProcessLookupError):  # killed before it had made its group
        os.killpg(life, signal.SIGKILL)
    os.waitpid(life, 0)
    return None


def import_alike(commands: Sequence[Command], log: Path) -> None:
    """Import what the commands import, which one life tells, so that its forks need not."""
    told = log.with_suffix(".modules")

    def tell() -> None:
        _run(commands)
        told.write_text("\n".join(sorted(sys.modules)))

    if live(_born(tell, log), seconds=900) != 0:
        raise RuntimeError(f"the first life failed; see {log}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in told.read_text().split():
            try:
                importlib.import_module(name)
            except Exception:  # what cannot be imported alone comes with another
                continue


def _born(work: Callable[[], None], log: Path) -> int:
    life = os.fork()
    if life:
        return life
    code = 1
    try:
        os.setsid()
        os.chdir(ROOT)
        with log.open("ab") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        work()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        os._exit(code)


def _run(commands: Sequence[Command]) -> None:
    from pipeline.cli import main

    for command in commands:
        sys.argv = ["safeeditbench", *command]
        try:
            main()
        except SystemExit as end:
            if end.code:
                raise
