"""A few files as one zip of deterministic bytes, and back again without trusting a byte of it."""

from __future__ import annotations

import shutil
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import IO

from bench.layout import SUMS
from bench.staging import files_under, read_sums, render_sums, sha256_file, write_text

MAX_BYTES = 256 * 2**20  # of one file, unpacked
MAX_PACKED = 512 * 2**20
CHUNK = 2**20
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date a zip can hold: its bytes tell no time


class ArchiveError(ValueError):
    """An archive that is not opened; the message says which of its files is at fault, and why."""


def seal(folder: Path) -> None:
    """Write the SHA256SUMS of everything in `folder`."""
    digests = {name: sha256_file(folder / name) for name in files_under(folder) if name != SUMS}
    write_text(folder / SUMS, render_sums(digests))


def pack(folder: Path, out: Path) -> None:
    """Write the files of `folder` as the zip `out`, or nothing. The same files give the same bytes."""
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f".{out.name}.part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in files_under(folder):
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            with archive.open(info, "w") as target, (folder / name).open("rb") as source:
                shutil.copyfileobj(source, target)
    part.replace(out)


def unpack(bundle: Path, out: Path, known: Collection[str]) -> None:
    """Copy the files of `bundle`, a zip or a folder, into the empty folder `out`, and check their digests.

    Only names in `known` are ever written, so no name can lead out of `out`, and no file grows beyond
    MAX_BYTES, whatever the archive says of itself.

    Raises ArchiveError for another name, a name that occurs twice, a file that is too large, damaged, or
    not as its SHA256SUMS says.
    """
    if bundle.is_dir():
        _from_folder(bundle, out, known)
    else:
        _from_zip(bundle, out, known)
    _check_sums(bundle, out)


def _from_folder(bundle: Path, out: Path, known: Collection[str]) -> None:
    for name in files_under(bundle):
        _check_name(bundle, name, known)
        if (bundle / name).is_symlink():
            raise ArchiveError(f"{bundle}: {name} is a link; only plain files are read")
        with (bundle / name).open("rb") as source:
            _copy(source, out / name)


def _from_zip(bundle: Path, out: Path, known: Collection[str]) -> None:
    if bundle.stat().st_size > MAX_PACKED:
        raise ArchiveError(f"{bundle} is larger than {MAX_PACKED} bytes and was not opened")
    try:
        with zipfile.ZipFile(bundle) as archive:
            for info in archive.infolist():
                _check_name(bundle, info.filename, known)
                if (out / info.filename).exists():
                    raise ArchiveError(f"{bundle}: {info.filename} occurs twice")
                with archive.open(info) as source:
                    _copy(source, out / info.filename)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ArchiveError(f"{bundle} cannot be read as a zip: {error}") from error


def _check_name(bundle: Path, name: str, known: Collection[str]) -> None:
    if name not in known:
        raise ArchiveError(f"{bundle} holds {name!r}; nothing but {', '.join(sorted(known))} belongs there")


def _copy(source: IO[bytes], out: Path) -> None:
    left = MAX_BYTES
    with out.open("wb") as target:
        while chunk := source.read(CHUNK):
            left -= len(chunk)
            if left < 0:
                raise ArchiveError(f"{out.name} unpacks to more than {MAX_BYTES} bytes and was not read on")
            target.write(chunk)


def _check_sums(bundle: Path, out: Path) -> None:
    if not (out / SUMS).is_file():
        raise ArchiveError(f"{bundle} has no {SUMS}; `safeeditbench submit` makes a submission")
    sums = read_sums(out / SUMS)
    for name in sorted({*sums, *files_under(out)} - {SUMS}):
        if name not in sums:
            raise ArchiveError(f"{bundle}: {SUMS} does not list {name}")
        if not (out / name).is_file():
            raise ArchiveError(f"{bundle} lacks {name}, which {SUMS} lists")
        if sha256_file(out / name) != sums[name]:
            raise ArchiveError(f"{bundle}: {name} has another sha256 than {SUMS} says; it was changed")
