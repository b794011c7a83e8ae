"""What a model card says: read from the model's folder, its recipe, its maker's words and its runs."""

from __future__ import annotations

import csv
import json
import math
import struct
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from bench.run_folder import Run, read_run
from bench.staging import sha256_file

WEIGHTS = "model.safetensors"
CURVE = "curve.csv"
CURVE_ROWS = 8

Lines = tuple[tuple[str, str], ...]  # (name, value)


@dataclass(frozen=True, slots=True)
class About:
    """What figures cannot tell; the maker writes it as TOML. Every field is required, a list may be empty."""

    name: str
    summary: str
    licence: str
    tags: tuple[str, ...]
    start: str  # the checkpoint it was trained from, or "random weights"
    data: str  # what it was trained on
    training: tuple[str, ...]  # what the recipe does not say
    usage: str  # how to ask it
    uses: str
    not_for: str
    limits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """A checkpoint as it lies in its folder. `parameters` counts numbers, `bytes` the file."""

    architecture: str
    parameters: int
    dtype: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Curve:
    """The first, the last and some lines between of the curve of training."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    logged: int


@dataclass(frozen=True, slots=True)
class Measured:
    """A finished run of this model and what it was asked about, in the maker's words."""

    what: str
    run: Run


@dataclass(frozen=True, slots=True)
class FurtherFigure:
    """A figure from elsewhere, a share in [0, 1], with its interval and the command that computes it."""

    what: str
    value: float
    low: float
    high: float
    n: int
    command: str


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """Every number and word that the card prints."""

    about: About
    weights: Weights
    recipe: Lines
    curve: Curve | None
    measured: tuple[Measured, ...]
    further: tuple[FurtherFigure, ...]


def read_model(
    model: Path,
    about: Path,
    *,
    recipe: Path,
    runs: Sequence[tuple[str, Path]],
    further: Path | None = None,
) -> ModelFacts:
    """Everything the card of the checkpoint in `model` says.

    Args:
        about: a TOML file with the fields of `About`.
        runs: what was asked, in words, and the run's folder.
        further: a JSON list of objects with the fields of `FurtherFigure`.

    Raises:
        ValueError: there is no run, a run is of other weights, or a file lacks a field.
    """
    if not runs:
        raise ValueError("a model card needs at least one finished run: --run 'WHAT=RUN'")
    weights = read_weights(model)
    return ModelFacts(
        about=read_about(about),
        weights=weights,
        recipe=tuple(_settings(_toml(recipe))),
        curve=read_curve(model / CURVE) if (model / CURVE).is_file() else None,
        measured=tuple(_measured(what, folder, weights) for what, folder in runs),
        further=read_further(further) if further else (),
    )


def read_about(path: Path) -> About:
    """The maker's words. Raises ValueError naming the file and the field that is missing or unknown."""
    told = _toml(path)
    wanted = {field.name for field in fields(About)}
    if differing := sorted(wanted ^ told.keys()):
        problem = "lacks" if differing[0] in wanted else "has the unknown field"
        raise ValueError(f"{path}: {problem} {differing[0]!r}; a card needs {', '.join(sorted(wanted))}")
    words = {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}
    if empty := sorted(name for name, value in words.items() if value == ""):
        raise ValueError(f"{path}: {empty[0]} is empty; write what is true of the model")
    return About(**words)  # type: ignore[arg-type]


def read_weights(model: Path) -> Weights:
    """Read from the file's own header, so no framework is needed.

    Raises ValueError where `model` holds no single safetensors file.
    """
    file = model / WEIGHTS
    if not file.is_file():
        raise ValueError(f"{model} holds no {WEIGHTS}; give the folder of a saved checkpoint")
    with file.open("rb") as stream:  # the header alone: the tensors may be gigabytes
        (length,) = struct.unpack("<Q", stream.read(8))
        header = json.loads(stream.read(length))
    tensors = [tensor for name, tensor in header.items() if name != "__metadata__"]
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    return Weights(
        architecture=str(config["architectures"][0]),
        parameters=sum(math.prod(tensor["shape"]) for tensor in tensors),
        dtype=", ".join(sorted({str(tensor["dtype"]) for tensor in tensors})),
        bytes=file.stat().st_size,
        sha256=sha256_file(file),
    )


def read_curve(path: Path) -> Curve:
    """The curve's table, thinned to a few lines of equal distance. Raises ValueError where it is empty."""
    with path.open(encoding="utf-8", newline="") as file:
        columns, *rows = csv.reader(file)
    if not rows:
        raise ValueError(f"{path} has no line; copy the training run's curve")
    few = min(CURVE_ROWS, len(rows))
    chosen = [round(index * (len(rows) - 1) / max(few - 1, 1)) for index in range(few)]
    return Curve(tuple(columns), tuple(tuple(rows[index]) for index in chosen), len(rows))


def read_further(path: Path) -> tuple[FurtherFigure, ...]:
    """Figures that other commands wrote. Raises ValueError where one has not the fields it needs."""
    try:
        return tuple(FurtherFigure(**each) for each in json.loads(path.read_text(encoding="utf-8")))
    except TypeError as error:
        names = ", ".join(field.name for field in fields(FurtherFigure))
        raise ValueError(f"{path}: {error}; each figure has {names}") from error


def _measured(what: str, folder: Path, weights: Weights) -> Measured:
    """The run, once it is clear that it asked these weights."""
    run = read_run(folder)
    asked = dict(run.about).get("guardrail.weights", "")
    if weights.sha256 not in asked:
        raise ValueError(
            f"{folder} is a run of other weights ({asked or 'none named'}) than {weights.sha256}; "
            "evaluate this model and give that run"
        )
    return Measured(what, run)


def _settings(told: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    """A recipe's settings by their dotted names, tables of a list numbered from 1."""
    for name, value in told.items():
        if isinstance(value, dict):
            yield from _settings(value, f"{prefix}{name}.")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for number, each in enumerate(value, 1):
                yield f"{prefix}{name} {number}", ", ".join(f"{k} {v}" for k, v in each.items())
        else:
            yield prefix + name, ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path}: {error}") from error
