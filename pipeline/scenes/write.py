"""Scenes as a folder of pictures with a `truth.jsonl`, for use outside this project."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.staging import write_atomic

from .model import Scene, Split
from .scene import make_scene


def write_scenes(
    out: Path,
    count: int,
    seed: int = 0,
    size: int = 256,
    progress: Callable[[int, int], None] | None = None,
    *,
    split: Split = "train",
) -> None:
    """Draws the scenes `seed` .. `seed + count - 1` into `out`.

    Writes images/, masks/ (255 where a regulated thing is) and clean/ as PNG, and one line a scene in
    truth.jsonl: name, image, mask, clean, seed, size, split, background, objects (concept, name, contexts,
    style, box), concepts, contexts, synthetic. truth.jsonl comes last, so that its existence means the
    folder is complete; a run that was cut off is repeated with the same bytes.

    Raises:
        ValueError: `out` holds other scenes, or other files.
    """
    _refuse_other_content(out, count, seed, size, split)
    for folder in ("images", "masks", "clean"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    lines = []
    for index in range(count):
        scene = make_scene(seed + index, size, split=split)
        lines.append(json.dumps(_record(scene, size, split), ensure_ascii=False))
        name = f"scene-{scene.seed:06d}.png"
        for folder, pixels in _pictures(scene).items():
            write_atomic(out / folder / name, _png(pixels))
        if progress:
            progress(index + 1, count)
    write_atomic(out / "truth.jsonl", ("\n".join(lines) + "\n").encode())


def _refuse_other_content(out: Path, count: int, seed: int, size: int, split: Split) -> None:
    if count < 1:
        raise ValueError(f"count {count}: draw at least one scene")
    wanted = {f"scene-{number:06d}.png" for number in range(seed, seed + count)} | {"truth.jsonl"}
    strangers = sorted(path.name for path in out.rglob("*") if path.is_file() and path.name not in wanted)
    if strangers:
        raise ValueError(
            f"{out} already holds {strangers[0]}, which is not one of these scenes; name an empty folder"
        )
    truth = out / "truth.jsonl"
    if truth.exists():
        first = json.loads(truth.read_text(encoding="utf-8").splitlines()[0])
        if (first["size"], first["split"]) != (size, split):
            held = f"scenes of size {first['size']} and split {first['split']}"
            raise ValueError(f"{out} holds {held}, not {size} and {split}; name an empty folder")


def _pictures(scene: Scene) -> dict[str, NDArray[np.uint8]]:
    return {"images": scene.image, "masks": scene.mask.astype(np.uint8) * 255, "clean": scene.clean}


def _record(scene: Scene, size: int, split: Split) -> dict[str, object]:
    name = f"scene-{scene.seed:06d}"
    return {
        "name": name,
        "image": f"images/{name}.png",
        "mask": f"masks/{name}.png",
        "clean": f"clean/{name}.png",
        "seed": scene.seed,
        "size": size,
        "split": split,
        "background": scene.background,
        "concepts": [thing.concept for thing in scene.regulated],
        "contexts": [list(thing.contexts) for thing in scene.regulated],
        "objects": [asdict(thing) for thing in scene.objects],
        "synthetic": True,
    }


def _png(pixels: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG", compress_level=3)
    return buffer.getvalue()
