"""Model folders: which device they run on, and a digest of what is in them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from torch.nn import Module

M = TypeVar("M", bound="Module")


class ModelError(RuntimeError):
    """A model that cannot be loaded; the message says where it was looked for and what to do."""


@contextmanager
def opening(path: str) -> Iterator[None]:
    """Turns a failure to load `path` into a ModelError with the remedy: it ends the run, not one picture."""
    try:
        yield
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ModelError(
            f"cannot load {path!r}: {reason} Give a local folder, or go online once so that it is cached"
        ) from error


def pick_device(wanted: str) -> str:
    """`auto` becomes the accelerator that is there, else the CPU."""
    import torch

    if wanted != "auto":
        return wanted
    return "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"


def place(model: M, device: str) -> M:
    """`model` on its device, ready to answer."""
    return model.to(device).eval()


@lru_cache(maxsize=32)
def model_type(path: str) -> str:
    """What a transformers checkpoint says it is in its `config.json`, such as `owlv2`."""
    from transformers import AutoConfig

    with opening(path):
        return str(AutoConfig.from_pretrained(path).model_type)


def model_name(path: str) -> str:
    """The last part of a folder or hub id, so that no table holds a path."""
    return path.rstrip("/").rsplit("/", 1)[-1]


@lru_cache(maxsize=32)
def weights_digest(path: str) -> str:
    """What identifies a model: a hash over every file of a local folder; a hub id stands for itself.

    Raises ModelError for a path that looks local but is not there.
    """
    folder = Path(path)
    if folder.is_dir():
        digest = hashlib.sha256()
        for file in sorted(file for file in folder.rglob("*") if file.is_file()):
            digest.update(file.relative_to(folder).as_posix().encode())
            with file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
        return digest.hexdigest()
    if path.startswith((".", "/", "~")) or path.count("/") != 1:
        raise ModelError(f"no model folder at {path!r}; give a local folder or a hub id such as `owner/name`")
    return path
