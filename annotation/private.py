"""Files that only their owner can read, whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from bench.disk import writing


def write_private(path: Path, data: bytes) -> None:
    """Replace a file atomically, mode 600; a kill leaves the old one or the new one, never a part."""
    partial = path.with_name(path.name + ".partial")
    with writing(path):
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
