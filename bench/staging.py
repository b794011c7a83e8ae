"""Write a whole folder or nothing: a sibling is filled, flushed and then swapped in by two renames."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.disk import writing
from bench.layout import SUMS

PARTIAL = ".tmp"
ABANDONED = 3600.0  # seconds after which nobody can still be writing a partial file


class ForeignFolderError(ValueError):
    """The target folder holds files that this program did not write, so it will not replace it."""


@contextmanager
def staged_folder(out: Path) -> Iterator[Path]:
    """Give an empty folder next to `out`; when the block ends well, it takes `out`'s place.

    On an exception the new folder is removed and `out` is as it was. A crash between the two renames
    leaves the old folder beside `out`, and the next call puts it back first.

    Raises:
        ForeignFolderError: `out` holds anything that its own SHA256SUMS does not list.
        DiskError: the disk is full or read-only.
    """
    out = out.absolute()
    fresh, old = out.with_name(f".{out.name}.partial"), out.with_name(f".{out.name}.old")
    with writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        if old.exists() and not out.exists():
            old.rename(out)
        refuse_foreign(out)
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        try:
            yield fresh
            _swap(fresh, out, old)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


def _swap(fresh: Path, out: Path, old: Path) -> None:
    shutil.rmtree(old, ignore_errors=True)
    if out.exists():
        out.rename(old)
    fresh.rename(out)
    _sync_folder(out.parent)
    shutil.rmtree(old, ignore_errors=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def refuse_foreign(out: Path) -> None:
    """Raise ForeignFolderError unless `out` is absent, empty, or holds only what its SHA256SUMS lists."""
    if not out.exists():
        return
    if not out.is_dir():
        raise ForeignFolderError(f"{out} is a file; give a folder that does not exist yet")
    listed = {SUMS, *read_sums(out / SUMS)} if (out / SUMS).is_file() else set()
    strange = [name for name in files_under(out) if name not in listed]
    if strange:
        raise ForeignFolderError(
            f"{out} holds {len(strange)} file(s) that are no part of a benchmark, such as {strange[0]!r}; "
            "move them away or give another folder"
        )


def files_under(folder: Path) -> list[str]:
    """Every file below `folder`, as sorted relative POSIX paths."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text and flush it to the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def write_atomic(path: Path, data: bytes, *, scratch: Path | None = None) -> None:
    """Write `data` so that `path` holds either its old content or all of the new one, even after a crash.

    It is written in the folder `scratch`, on the same disk, by default that of `path`. Raises DiskError where
    it cannot be written; nothing of it is left then.
    """
    folder = scratch or path.parent
    temporary = folder / f".{path.name}.{os.getpid()}-{threading.get_ident()}{PARTIAL}"
    with writing(path):
        try:
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def sweep(folder: Path) -> None:
    """Remove what `write_atomic` left in `folder` when it was killed, an hour later: it may be another's."""
    for path in folder.glob(f".*{PARTIAL}"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > ABANDONED:
                path.unlink()


def sha256_file(path: Path) -> str:
    """sha256 hex of a file's bytes, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def render_sums(digests: dict[str, str]) -> str:
    """The text of a SHA256SUMS file, as `sha256sum -c` reads it, sorted by path."""
    return "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))


def read_sums(path: Path) -> dict[str, str]:
    """Digest by relative path. Lines that are not `<64 hex>  <path>` are left out."""
    pairs = (line.split("  ", 1) for line in path.read_text(encoding="utf-8").splitlines())
    return {pair[1]: pair[0] for pair in pairs if len(pair) == 2 and len(pair[0]) == 64}
