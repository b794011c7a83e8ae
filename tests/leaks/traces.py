"""A search of what is published for what identifies a machine, its user or a rater."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from annotation.pseudonyms import SIMULATED_DOMAIN


@dataclass(frozen=True, slots=True)
class Found:
    """Which kind of trace stands where."""

    kind: str
    place: str


def search(places: Mapping[str, Path], traces: Mapping[str, str]) -> tuple[Found, ...]:
    """Every trace (text -> kind) in the files and folders, packed ones included; letters of either case."""
    lowered = {text.lower().encode(): kind for text, kind in traces.items()}
    found = {}
    for name, place in places.items():
        for where, content in _contents(name, place):
            content = content.lower()
            for text, kind in lowered.items():
                if text in content:
                    found[kind, where] = Found(kind, where)
    return tuple(found.values())


def account_traces(server: Path) -> dict[str, str]:
    """What a Label Studio's folder knows: its account, its token, and the raters' addresses."""
    account = json.loads((server / "credentials.json").read_text())
    return {
        account["email"]: "account",
        account["password"]: "password",
        account["token"]: "token",
        "@" + SIMULATED_DOMAIN: "rater's address",
    }


def _contents(name: str, place: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of a place with its name there; a missing place is an error, so that none is skipped."""
    if place.is_file():
        yield from _unpacked(name, place.read_bytes())
        return
    files = [path for path in sorted(place.rglob("*")) if path.is_file()]
    if not files:
        raise FileNotFoundError(f"{place} holds no file to search")
    for path in files:
        yield from _unpacked(f"{name}/{path.relative_to(place)}", path.read_bytes())


def _unpacked(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    yield name, content
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as bundle:
            for member in bundle.namelist():
                yield from _unpacked(f"{name}/{member}", bundle.read(member))
    elif name.endswith(".parquet"):
        table = pq.read_table(io.BytesIO(content))
        yield f"{name} (metadata)", repr(table.schema.metadata).encode()
        for column in table.column_names:
            yield f"{name} ({column})", repr(table[column].to_pylist()).encode()
