"""Run a stage over its items: skip what the journal holds, hand the rest out in shards.

A shard is a plain function call on values that pickle (configuration, items of digests), so the same code
runs in a for-loop, in Prefect's threads or processes, or on Dask or Ray workers.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from .config import BuildConfig
from .console import Progress
from .images import Refused
from .stage import Stage
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
    for keyed in shard.items:
        store.append(_finish(store, stage, keyed, params))
    return len(shard.items)


def _finish(store: Store, stage: Stage[T], keyed: Keyed[T], params: str) -> Entry:
    start, key, inputs = time.perf_counter(), keyed.key, keyed.inputs
    try:
        result = stage.run(store, keyed.item)
    except Refused as refusal:
        return Entry(stage.name, key, "failed", str(refusal), inputs, params=params)
    except ModelError:  # not the item's fault: end the run
        raise
    except (OSError, ValueError, RuntimeError, IndexError, KeyError) as error:
        return Entry(stage.name, key, "failed", f"{type(error).__name__}: {error}", inputs, params=params)
    seconds = round(time.perf_counter() - start, 3)
    return Entry(stage.name, key, "ok", "", inputs, result.outputs, result.value, params, seconds)


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
    shards = [
        Shard(config, stage_class, tuple(pending[start : start + config.runner.shard]))
        for start in range(0, len(pending), config.runner.shard)
    ]
    for count in runner.map(stage.name, shards):
        finished += count
        progress(stage.name, finished, len(keyed))
    known = store.entries(stage.name) if pending else known
    return [(one.item, known[one.key]) for one in keyed]


def _keyed(stage: Stage[T], item: T) -> Keyed[T]:
    inputs = stage.inputs(item)
    return Keyed(item, inputs, item_key(stage.name, stage.version, stage.params, inputs))
