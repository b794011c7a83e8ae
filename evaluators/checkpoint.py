"""A checkpoint on disk: where it is, that it is safe to open, and what it is made of."""

from __future__ import annotations

import re
from pathlib import Path

from bench.staging import sha256_file

HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
# What describes a model without running code; weights only as safetensors, never as pickles.
WANTED = ("*.safetensors", "*.json", "*.jinja", "*.txt", "*.model")


def find(model: str) -> Path:
    """The folder of a local path or a hub id (fetched into the hub's cache if it is not there).

    Raises ValueError where there is no such folder, or it holds no safetensors.
    """
    folder = Path(model)
    if not folder.is_dir():
        folder = _fetch(model)
    if not list(folder.glob("*.safetensors")):
        raise ValueError(
            f"{model} holds no *.safetensors; other weights are not opened, loading them can run code. "
            "Convert it with model.save_pretrained(folder)"
        )
    return folder


def _fetch(model: str) -> Path:
    if not HUB_ID.fullmatch(model):
        raise ValueError(f"there is no folder {model}, and it is not a hub id such as owner/name")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(model, allow_patterns=list(WANTED)))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise ValueError(
            f"{model} is no folder here and could not be fetched from the hub: {error}"
        ) from error


def identity(folder: Path) -> dict[str, str]:
    """Name and sha256 of everything in the checkpoint that can change an answer.

    Weights with their sizes under `weights`; configurations, tokenizer and templates under `files`.
    """
    weights, files = [], []
    for path in sorted(folder.iterdir()):
        if path.suffix == ".safetensors":
            weights.append(f"{path.name}:{path.stat().st_size}:{sha256_file(path)}")
        elif path.name != "README.md" and any(path.match(pattern) for pattern in WANTED):
            files.append(f"{path.name}:{sha256_file(path)}")
    return {"weights": " ".join(weights), "files": " ".join(files)}
