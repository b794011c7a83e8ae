"""The five jobs that are killed: the command, the way back to an empty start, and what came of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from annotation.client import Client
from annotation.journal import Pulled, entries_of
from bench.dataset import load_benchmark
from bench.staging import sha256_file
from evaluators.journal import journals
from pipeline.labelling import push_benchmark, simulate_benchmark
from pipeline.options import work_of
from tests.faults.lives import Command
from tests.safeguard_vl.small_model import RECIPE

BUILD = """
[source]
kind = "scenes"
count = {count}
size = 128
[verify]
gone = 0.0
[runner]
kind = "{runner}"
shard = 2
[edit]
backend = "diffusers"
model = "{model}"
steps = 1
canvases = [64]
device = "cpu"
"""


@dataclass(frozen=True, slots=True)
class Made:
    """What a job has made: every finished item as often as it was done, and a digest of its final tables."""

    items: tuple[str, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Job:
    """A command to kill. `state` changes with every piece of work that outlives the process."""

    name: str
    commands: tuple[Command, ...]
    clear: Callable[[], None]
    state: Callable[[], object]
    made: Callable[[], Made]


def build_job(folder: Path, editor: Path, count: int, runner: str) -> Job:
    """Scenes to a benchmark: ingest, localize, edit with a tiny diffusers pipeline, verify, export."""
    toml, bench = folder.with_suffix(".toml"), folder / "bench"
    toml.write_text(BUILD.format(count=count, runner=runner, model=editor))

    def made() -> Made:
        lines = [line for file in (work_of(bench) / "journal").glob("*.jsonl") for line in lines_of(file)]
        return Made(tuple(json.loads(line)["key"] for line in lines), _digest_of(bench))

    command = ("build", str(toml), "--out", str(bench))
    return Job("build", (command,), lambda: remove(folder), lambda: snapshot(folder), made)


def evaluate_job(folder: Path, bench: Path, model: Path, *, images: int = 8) -> Job:
    """A tiny real model over a few pictures under five policies; two of them asked again alone."""
    run = folder / "run"
    command = ("evaluate", str(model), "--data", str(bench), "--out", str(run))
    options = ("--limit", str(images), "--audit", "2", "--device", "cpu")

    def made() -> Made:
        answered = [
            f"{stem} {record['image_id']}"
            for stem in ("rows", "audit")
            for file in journals(run, stem)
            for record in map(json.loads, lines_of(file))
            if "part" not in record
        ]
        return Made(tuple(answered), sha256_file(run / "results.parquet"))

    return Job("evaluate", ((*command, *options),), lambda: remove(folder), lambda: snapshot(folder), made)


def push_job(client: Client, address: Command, bench: Path) -> Job:
    """The benchmark's pictures into an empty Label Studio."""
    title = load_benchmark(bench).title

    def clear() -> None:
        for project in client.projects(title):
            client.delete(f"/api/projects/{project.id}/")

    def tasks() -> list[tuple[str, str, int]]:
        found = [task for project in client.projects(title) for task in client.tasks(project)]
        return [(task.image_id, task.order, task.votes) for task in found]

    def made() -> Made:
        there = tasks()
        return Made(tuple(image_id for image_id, _, _ in there), _digest(there))

    command = ("annotate", "push", str(bench), *address)
    return Job("push", (command,), clear, lambda: (len(client.projects(title)), tasks()), made)


def pull_job(client: Client, address: Command, bench: Path, raters: int) -> Job:
    """The votes of simulated raters, which lie on the server, into the folder beside the benchmark."""
    push_benchmark(client, bench)
    simulate_benchmark(client, bench, raters)
    folder, votes = work_of(bench) / "annotation", work_of(bench) / "votes.jsonl"

    def clear() -> None:
        remove(folder)
        votes.unlink(missing_ok=True)

    def made() -> Made:
        entries = [entry for file in sorted(folder.glob("forms-*.jsonl")) for entry in entries_of(file)]
        pulled = [str(entry.annotation_id) for entry in entries if isinstance(entry, Pulled)]
        return Made(tuple(pulled), sha256_file(votes))

    command = ("annotate", "pull", str(bench), *address)
    return Job("pull", (command,), clear, lambda: snapshot(folder), made)


def train_job(folder: Path, start: Path) -> Job:
    """SFT and GRPO of a model of a few thousand weights, six steps each, a checkpoint every second step."""
    recipe, sft, grpo = folder.with_suffix(".toml"), folder / "sft", folder / "grpo"
    recipe.write_text(RECIPE)
    common = ("--recipe", str(recipe), "--out")

    def curves() -> Iterator[tuple[str, object, object]]:
        for stage in (sft, grpo):
            lines = [json.loads(line) for line in lines_of(stage / "curve.jsonl")]
            yield from ((stage.name, line["step"], line["loss"]) for line in lines if "loss" in line)

    def made() -> Made:
        weights = [sha256_file(stage / "model" / "model.safetensors") for stage in (sft, grpo)]
        told = list(curves())
        return Made(tuple(f"{stage} step {step}" for stage, step, _ in told), _digest([*weights, *told]))

    commands = (
        ("train", "sft", *common, str(sft), "--model", str(start)),
        ("train", "grpo", *common, str(grpo), "--model", str(sft / "model")),
    )
    return Job("train", commands, lambda: remove(folder), lambda: snapshot(folder), made)


def remove(folder: Path) -> None:
    """Remove a folder that may not be there."""
    shutil.rmtree(folder, ignore_errors=True)


def snapshot(folder: Path) -> list[tuple[str, int, int]]:
    """Name, size and time of every file below a folder."""
    found = [(path, path.stat()) for path in sorted(folder.rglob("*")) if path.is_file()]
    return [(str(path), stat.st_size, stat.st_mtime_ns) for path, stat in found]


def lines_of(file: Path) -> list[str]:
    """The whole lines of a text file."""
    return file.read_bytes().decode().splitlines()


def _digest_of(folder: Path) -> str:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return _digest([(str(path.relative_to(folder)), sha256_file(path)) for path in files])


def _digest(parts: Sequence[object]) -> str:
    return sha256(repr(parts).encode()).hexdigest()
