"""A worker process that does not outlive the process it works for."""

from __future__ import annotations

import multiprocessing
import os
from functools import cache
from multiprocessing.process import BaseProcess
from threading import Thread


@cache
def end_with_parent() -> None:
    """In a worker: end it as soon as its parent is gone; elsewhere nothing.

    A worker of `ProcessPoolExecutor` holds the pool's pipes open itself, so when its parent is killed it
    would go on with its task, and then wait for the next one for ever.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
