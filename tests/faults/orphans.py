"""Which processes outlived the command that had started them."""

from __future__ import annotations

import os

import psutil

from tests.faults.lives import MARK


def orphans() -> list[psutil.Process]:
    """Processes that a life of ours had started: they carry our mark in their environment."""
    ours = {os.getpid(), *(child.pid for child in psutil.Process().children(recursive=True))}
    return [process for process in psutil.process_iter() if process.pid not in ours and _marked(process)]


def _marked(process: psutil.Process) -> bool:
    try:
        return process.environ().get(MARK) == os.environ[MARK]
    except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
        return False
