"""Which processes outlived the command that had started them."""

from __future__ import annotations

import os
from collections.abc import Sequence

import psutil

from tests.faults.lives import MARK


def orphans(spared: Sequence[int] = ()) -> list[psutil.Process]:
    """Processes that a life of ours had started: they carry its mark in their environment."""
    ours = {os.getpid(), *spared, *(child.pid for child in psutil.Process().children(recursive=True))}
    return [process for process in psutil.process_iter() if process.pid not in ours and _marked(process)]


def _marked(process: psutil.Process) -> bool:
    try:
        return process.environ().get(MARK) == os.environ.get(MARK) != None  # noqa: E711
    except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
        return False
