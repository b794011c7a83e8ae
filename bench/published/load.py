"""Open whatever lies at a path: a benchmark of ours, a copy of a published set, or a mapping file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.dataset import Benchmark, load_benchmark
from bench.layout import SUMS
from bench.published import llavaguard, policyshiftbench, safeeditbench, unsafebench
from bench.published.base import PublishedSet
from bench.published.mapping import SUFFIXES, read_mapping
from bench.published.tables import KINDS, PublishedError, columns_of, tables_in


@dataclass(frozen=True, slots=True)
class Reader:
    """A published set: it is recognised by a table that has all of `columns`."""

    name: str
    columns: tuple[str, ...]
    read: Callable[[Path, Sequence[Path]], PublishedSet]

    def knows(self, file: Path) -> bool:
        return set(self.columns) <= set(columns_of(file))


READERS = (
    Reader(safeeditbench.NAME, safeeditbench.COLUMNS, safeeditbench.read),
    Reader(policyshiftbench.NAME, policyshiftbench.COLUMNS, policyshiftbench.read),
    Reader(unsafebench.NAME, unsafebench.COLUMNS, unsafebench.read),
    Reader(llavaguard.NAME, llavaguard.COLUMNS, llavaguard.read),
    Reader(llavaguard.NAME, llavaguard.JSON_COLUMNS, llavaguard.read),
)


def load_evaluation_set(path: Path) -> Benchmark | PublishedSet:
    """The set at `path`: a folder, one of its tables, or a mapping file (`bench.published.mapping`).

    A folder with SHA256SUMS is a benchmark of ours. Another folder is told by the columns of the tables in
    it or in its `data` folder; where it holds several kinds of table, Parquet comes first.
    Raises PublishedError that lists what was found and what was looked for, BenchmarkError for a benchmark
    that is damaged.
    """
    if path.suffix in SUFFIXES and path.is_file():
        return read_mapping(path)
    if (path / SUMS).is_file():
        return load_benchmark(path)
    if not path.exists():
        raise PublishedError(f"{path} is not there; give a folder, a table or a mapping file")
    for kind in KINDS:
        files = tables_in(path, kind)
        for reader in READERS:
            if known := [file for file in files if reader.knows(file)]:
                return reader.read(_root(path), known)
    raise PublishedError(_unknown(path))


def _root(path: Path) -> Path:
    """The folder of the copy: a table may lie in its `data` folder."""
    if path.is_dir():
        return path
    return path.parent.parent if path.parent.name == "data" else path.parent


def _unknown(path: Path) -> str:
    files = [file for kind in KINDS for file in tables_in(path, kind)]
    found = [f"  {file.name}: {', '.join(columns_of(file))}" for file in files]
    sought = [f"  {reader.name}: {', '.join(reader.columns)}" for reader in READERS]
    return "\n".join(
        [
            f"{path} is no known set: it has no {SUMS} and no table with all columns of a published set.",
            f"Found ({', '.join(KINDS)}):",
            *(found or ["  no table"]),
            "Looked for:",
            *sought,
            "Name its columns in a mapping file (see bench/published/mapping.py) and give that.",
        ]
    )
