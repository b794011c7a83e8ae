"""Run a stage over its items: skip what the journal holds, hand the rest out in shards.

A shard is a plain function call on values that pickle (configuration, items of digests), so the same code
runs in a for-loop, in Prefect's threads or processes, or on Dask or Ray workers.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from bench.disk import DiskError

from .config import BuildConfig
from .console import Progress
from .images import Refused
from .stage import Result, Stage
from .store import Entry, Store, canonical, item_key, sha256
from .weights import ModelError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Keyed(Generic[T]):
    """An item, the digests it depends on, and the key they make. Computed once: `inputs` may read a file."""

    item: T
    inputs: tuple[str, ...]
    key: str


@dataclass(frozen=True, slots=True)
class Shard(Generic[T]):
    """A few items of one stage, with all a worker needs to do them."""

    config: BuildConfig
    stage: type[Stage[T]]
    items: tuple[Keyed[T], ...]


class Runner(Protocol):
    """Runs shards somewhere and yields, as each ends, how many items it had."""

    def map(self, name: str, shards: Sequence[Shard[T]]) -> Iterator[int]:
        """Run all shards; the order of what is yielded does not matter."""


class LoopRunner:
    """One shard after the other in this process: no server, no threads."""

    def map(self, name: str, shards: Sequence[Shard[T]]) -> Iterator[int]:
        """Run all shards in order."""
        return (run_shard(shard) for shard in shards)


def run_shard(shard: Shard[T]) -> int:
    """Do and journal every item of a shard. An item that fails is a journaled row with a reason."""
    store = Store(shard.config.work)
    stage = shard.stage(shard.config)  # type: ignore[call-arg]
    params = sha256(canonical(stage.params).encode())
    for start in range(0, len(shard.items), stage.at_once):
        for entry in _finish(store, stage, shard.items[start : start + stage.at_once], params):
            store.append(entry)
    return len(shard.items)


def _finish(store: Store, stage: Stage[T], together: Sequence[Keyed[T]], params: str) -> list[Entry]:
    """Journal entries of items that are done in one go; where that fails, of each by itself."""
    start = time.perf_counter()
    results: Sequence[Result | Exception]
    try:
        results = stage.run_together(store, [keyed.item for keyed in together])
    except (ModelError, DiskError):  # not the item's fault: end the run
        raise
    except (OSError, ValueError, RuntimeError, IndexError, KeyError) as error:
        if len(together) > 1:
            return [entry for keyed in together for entry in _finish(store, stage, [keyed], params)]
        results = [error]
    seconds = round((time.perf_counter() - start) / len(together), 3)
    return [
        _entry(stage, keyed, result, params, seconds) for keyed, result in zip(together, results, strict=True)
    ]


def _entry(
    stage: Stage[T], keyed: Keyed[T], result: Result | Exception, params: str, seconds: float
) -> Entry:
    if isinstance(result, Result):
        return Entry(
            stage.name, keyed.key, "ok", "", keyed.inputs, result.outputs, result.value, params, seconds
        )
    reason = str(result) if isinstance(result, Refused) else f"{type(result).__name__}: {result}"
    return Entry(stage.name, keyed.key, "failed", reason, keyed.inputs, params=params)


def run_stage(
    stage_class: type[Stage[T]],
    items: Iterable[T],
    config: BuildConfig,
    runner: Runner,
    progress: Progress,
    *,
    retry_failed: bool = False,
) -> list[tuple[T, Entry]]:
    """Every item with its journal entry, in the items' order; only what is not journaled yet is run."""
    store, stage = Store(config.work), stage_class(config)  # type: ignore[call-arg]
    keyed = [_keyed(stage, item) for item in items]
    known = store.entries(stage.name)
    done = {key for key, entry in known.items() if entry.status == "ok" or not retry_failed}
    pending = list({one.key: one for one in keyed if one.key not in done}.values())
    finished = len(keyed) - len(pending)
    progress(stage.name, finished, len(keyed))
    size = max(config.runner.shard, stage.at_once)
    shards = [
        Shard(config, stage_class, tuple(pending[start : start + size]))
        for start in range(0, len(pending), size)
    ]
    for count in runner.map(stage.name, shards):
        finished += count
        progress(stage.name, finished, len(keyed))
    known = store.entries(stage.name) if pending else known
    return [(one.item, known[one.key]) for one in keyed]


def _keyed(stage: Stage[T], item: T) -> Keyed[T]:
    inputs = stage.inputs(item)
    return Keyed(item, inputs, item_key(stage.name, stage.version, stage.params, inputs))
