"""Read a file of somebody else's folder: a plain one, inside it, of bearable size; else there is a reason."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from .images import Refused

MAX_BYTES = 512 * 2**20  # of one file; 64 million pixels of 16-bit RGBA, uncompressed

KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def read_plain(path: Path, root: Path) -> bytes:
    """The bytes of a plain file below `root`, at most MAX_BYTES.

    Raises Refused, without opening it, for a link that leads out of `root` or nowhere, and for what is no
    plain file: a pipe would keep the reader waiting for ever, a device may never end. Raises it also for a
    file that is too large or may not be read.
    """
    check_inside(path, root)
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise Refused(f"cannot be read: {error.strerror}") from None
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)  # of what was opened, which nobody can exchange any more
        check_kind(found.st_mode)
        if found.st_size > MAX_BYTES:
            raise Refused(f"the file has {found.st_size:,} bytes, more than {MAX_BYTES:,}; shrink it first")
        return file.read(MAX_BYTES)


def check_inside(path: Path, root: Path) -> None:
    """Raises Refused for what is no plain file, and for a link that leads out of `root` or nowhere."""
    try:
        if not path.resolve().is_relative_to(root.resolve()):
            raise Refused("a link that leads out of the folder; put the file itself there")
        check_kind(path.stat().st_mode)
    except FileNotFoundError:
        raise Refused("a link that leads nowhere") from None
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle, up to Python 3.12
        reason = error.strerror if isinstance(error, OSError) else "links that lead in a circle"
        raise Refused(f"cannot be read: {reason}") from None


def check_kind(mode: int) -> None:
    """Raises Refused for the mode (`st_mode`) of what is no plain file."""
    for is_kind, name in KINDS:
        if is_kind(mode):
            raise Refused(f"{name}, not a file")
