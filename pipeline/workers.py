"""A worker process that does not outlive the process it works for."""

from __future__ import annotations

import multiprocessing
import os
from multiprocessing.process import BaseProcess
from threading import Thread


def end_with_parent() -> None:
    """The initializer of a pool's workers: each ends as soon as its parent is gone.

    A worker of `ProcessPoolExecutor` holds the pool's pipes open itself, so when its parent is killed it
    would go on with its task, and then wait for the next one for ever.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
