"""What stands in a folder and is no plain file with a plain name."""

from __future__ import annotations

import os
import socket
import stat
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

LINKS = {
    "absolute.png": "/etc/passwd",
    "zero.png": "/dev/zero",
    "itself.png": "itself.png",
    "dangling.png": "nowhere.png",
    "inside-link.png": "inside.png",
    "up.png": "../../..",
}
NAMES = (
    b"line\nbreak.png",
    b"tab\tand [red]markup.png",
    b"a%2f..%2f..%2fetc%2fpasswd.png",
    b"a\\..\\..\\secret.png",
    b"-rf.png",
    b"$(touch pwned).png",
    b"';drop table pictures;--.png",
    b"\xff\xfe not utf-8 \x80.png",
    "\N{GRINNING FACE}\N{RIGHT-TO-LEFT OVERRIDE}gnp.exe".encode(),
    b"<img src=x onerror=alert(1)>.png",
    b"x" * 251 + b".png",
    b"table.parquet#0",
    b"table.parquet",
    b"no extension",
)


def write_special(folder: Path, picture: bytes, outside: Path) -> Iterator[Path]:
    """Links, a pipe, a socket, a device, an archive, a file of a tebibyte, and one good picture.

    `outside` is a good picture where no link may lead.
    """
    yield from _files(folder, picture)
    for name, target in {**LINKS, "outside.png": str(outside)}.items():
        (folder / name).symlink_to(target)
        yield folder / name
    os.mkfifo(folder / "pipe.png")
    yield folder / "pipe.png"
    yield _socket(folder / "socket.png")
    with suppress(PermissionError):  # only an administrator can make one
        os.mknod(folder / "device.png", 0o666 | stat.S_IFCHR, os.makedev(1, 5))
        yield folder / "device.png"
    (folder / "folder.png").mkdir()


def _files(folder: Path, picture: bytes) -> Iterator[Path]:
    (folder / "inside.png").write_bytes(picture)
    (folder / "empty.png").write_bytes(b"")
    with (folder / "sparse.png").open("wb") as file:
        file.write(picture)
        file.truncate(2**40)
    with zipfile.ZipFile(folder / "archive.png", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../evil.png", picture)
        archive.writestr("zeros", bytes(10 * 2**20))
    yield from (folder / f"{name}.png" for name in ("inside", "empty", "sparse", "archive"))


def write_names(folder: Path, picture: bytes) -> Iterator[Path]:
    """The same good picture under names that try to be something else."""
    for name in NAMES:
        path = folder / os.fsdecode(name)
        path.write_bytes(picture)
        yield path


def _socket(path: Path) -> Path:
    """A socket's file; bound by its bare name, for a path to one may have 107 bytes."""
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)
    return path
