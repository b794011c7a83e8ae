"""The Prefect flow: a run is a flow, a shard is a task. Nothing but shards and counts passes through it.

Prefect's own caching stays off: the store's keys decide what is done. A shard runs again after a failure
of the worker itself (lost process, full disk), never for a bad picture, which is a journaled row.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

from .build import Built, build
from .config import BuildConfig, RunnerConfig
from .console import Progress
from .errors import ConfigError
from .run import LoopRunner, Shard, run_shard
from .workers import end_with_parent

if TYPE_CHECKING:
    from prefect.futures import PrefectFuture
    from prefect.task_runners import TaskRunner

T = TypeVar("T")
Runs: TypeAlias = "TaskRunner[PrefectFuture[int]]"


class Pending(Exception):
    """There are items to do."""


class IdleRunner:
    """Raises Pending instead of doing anything."""

    def map(self, name: str, shards: Sequence[Shard[T]]) -> Iterator[int]:
        """Nothing, as long as there is nothing to do."""
        if shards:
            raise Pending(name)
        return iter(())


class PrefectRunner:
    """Hands every shard to the running flow's task runner."""

    def map(self, name: str, shards: Sequence[Shard[T]]) -> Iterator[int]:
        """Yield the size of each shard as it ends; raises what a shard raised after its retries."""
        from prefect import task
        from prefect.cache_policies import NO_CACHE
        from prefect.futures import as_completed

        work = task(name=name, cache_policy=NO_CACHE, retries=2, retry_delay_seconds=1)(run_shard)
        futures = [work.submit(shard) for shard in shards]
        for future in as_completed(futures):
            yield future.result()


def run_build(config: BuildConfig, progress: Progress, *, retry_failed: bool = False) -> Built:
    """The build on the configured runner: Prefect's, or a plain loop."""
    if config.runner.kind == "loop":
        return build(config, LoopRunner(), progress, retry_failed=retry_failed)
    try:  # a finished build needs no Prefect, which takes ten seconds to start
        return build(config, IdleRunner(), progress, retry_failed=retry_failed)
    except Pending:
        pass
    prepare_prefect(config.work)
    from prefect import flow

    from .prefect_server import serving

    @flow(name="safeeditbench-build", task_runner=task_runner(config.runner), validate_parameters=False)
    def safeeditbench_build() -> Built:
        return build(config, PrefectRunner(), progress, retry_failed=retry_failed)

    with serving(shared=not config.runner.address):
        return safeeditbench_build()


def prepare_prefect(work: Path) -> None:
    """Settings for a quiet local run, where the user has not set them; must come before Prefect's import.

    The database lies in the run's `work` folder, nothing is reported anywhere, what fails is told by its
    exception alone, and a slow first boot of the temporary server is waited for.
    """
    defaults = {
        "PREFECT_HOME": str((work / "prefect").resolve()),
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_INTERNAL_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_TO_API_ENABLED": str("PREFECT_API_URL" in os.environ),
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)


def task_runner(config: RunnerConfig) -> TaskRunner[PrefectFuture[int]]:
    """Prefect's task runner by name. Raises ConfigError where its package is not installed."""
    from prefect.task_runners import ProcessPoolTaskRunner, ThreadPoolTaskRunner

    if config.kind == "threads":
        return cast(Runs, ThreadPoolTaskRunner(max_workers=config.workers))
    if config.kind == "processes":
        return cast(Runs, ProcessPoolTaskRunner(max_workers=config.workers, initializer=end_with_parent))
    return cast(Runs, _cluster(config))


def _cluster(config: RunnerConfig) -> object:
    options = {"address": config.address} if config.address else {}
    try:
        if config.kind == "dask":
            from prefect_dask import DaskTaskRunner

            return DaskTaskRunner(**options)
        from prefect_ray import RayTaskRunner

        return RayTaskRunner(**options)
    except ImportError as error:
        raise ConfigError(
            f"runner.kind = {config.kind!r}: pip install prefect-{config.kind} ({error})"
        ) from error
