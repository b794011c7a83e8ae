"""A disk that is full or cannot be written: which file, why, and what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REMEDIES = {
    errno.ENOSPC: "make room there",
    errno.EDQUOT: "make room in your quota",
    errno.EFBIG: "raise the limit on a file's size",
    errno.EROFS: "make it writable or choose another folder",
    errno.EACCES: "make it writable or choose another folder",
    errno.EPERM: "make it writable or choose another folder",
    errno.EIO: "check the disk",
}


class DiskError(RuntimeError):
    """What had to be kept could not be written. It is no fault of the item at work, and ends the run.

    Not an OSError, so that whoever treats those as a damaged input lets it pass.
    """


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a failure of the disk in this block, which writes `path`, into a DiskError with the remedy."""
    try:
        yield
    except OSError as error:
        if error.errno not in REMEDIES:
            raise
        where = error.filename or path
        raise DiskError(
            f"cannot write {where}: {error.strerror}; {REMEDIES[error.errno]} and run the command again: it "
            "goes on where it stopped"
        ) from error
