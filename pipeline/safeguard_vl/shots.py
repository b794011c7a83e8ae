"""Pictures to train on and what is true of them, from a benchmark or from freshly drawn scenes.

Each picture is written once as a PNG file; training reads it from there and from nowhere else.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.dataset import Benchmark
from bench.policy import Sighting
from bench.schema import Label, Role
from bench.wording import join

if TYPE_CHECKING:
    from PIL import Image

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture, PNG at `file`.

    `verdicts` are its settled labels by policy id. `regulated` is what is known to be in it that a policy may
    speak about; with `exact` it is all of that, so that any policy can judge the picture, else only
    `verdicts` count. `caption` describes the rest, as far as that is known.
    """

    picture_id: str
    pair_id: str
    role: Role
    file: Path
    verdicts: Mapping[str, Label]
    regulated: tuple[Sighting, ...]
    exact: bool
    caption: str = ""


def benchmark_shots(
    bench: Benchmark, folder: Path, *, split: str, max_pixels: int = 0, progress: Progress | None = None
) -> list[Shot]:
    """The benchmark's pictures of one split, in its order. What a drawn scene shows is known exactly.

    Pictures of more than `max_pixels` (0: no limit) are made smaller. Raises ValueError where the split is
    empty: a benchmark is made to be measured on, and only what was split off for it may be trained on.
    """
    chosen = [id for id in bench.image_ids if bench.meta(id).split == split]
    if not chosen:
        there = ", ".join(sorted({bench.meta(id).split for id in bench.image_ids}))
        raise ValueError(
            f"{bench.root} has no picture of the split {split!r}, only of {there}; build it with a split to "
            "train on (export.splits in its TOML), or set cases.split and give up measuring on it"
        )
    labels: dict[str, dict[str, Label]] = {id: {} for id in chosen}
    for row in bench.verdicts:
        if row.image_id in labels and row.safety_label is not None:
            labels[row.image_id][row.policy_id] = row.safety_label
    shots = []
    for done, id in enumerate(chosen, start=1):
        info = bench.meta(id)
        seen = zip(info.concepts, info.contexts, strict=True)
        shown = tuple(Sighting(concept, frozenset(contexts)) for concept, contexts in seen)
        file = folder / f"{id}.png"
        if not file.exists():
            _write_png(file, _within(bench.picture(id), max_pixels))
        shots.append(Shot(id, info.pair_id, info.role, file, labels[id], shown, info.synthetic))
        if progress is not None:
            progress(done, len(chosen))
    return shots


def scene_shots(
    folder: Path, *, first_seed: int, count: int, size: int, progress: Progress | None = None
) -> list[Shot]:
    """`count` scenes of the split `train` and their clean counterparts, `size` pixels a side.

    The split keeps some styles, shapes and places for testing; none of them is drawn here. What `folder`
    holds of an earlier call is not drawn again.
    """
    from pipeline.scenes import write_scenes

    truth = folder / "truth.jsonl"
    if not truth.exists():
        write_scenes(folder, count, first_seed, size, progress, split="train")
    lines = truth.read_text(encoding="utf-8").splitlines()
    return [shot for line in lines for shot in _pair(folder, json.loads(line))]


def _pair(folder: Path, told: Mapping[str, object]) -> Iterator[Shot]:
    """A scene as it is and without what is regulated in it."""
    things = told["objects"]
    assert isinstance(things, list)
    shown = tuple(
        Sighting(thing["concept"], frozenset(thing["contexts"])) for thing in things if thing["concept"]
    )
    place = str(told["background"]).removeprefix("photo: ")
    ordinary = join([thing["name"] for thing in things if not thing["concept"]], "and")
    caption = f"A composed scene: {place}{', with ' if ordinary else ''}{ordinary}."
    pair = str(told["name"])
    yield Shot(f"{pair}-original", pair, "original", folder / str(told["image"]), {}, shown, True, caption)
    if shown:
        yield Shot(f"{pair}-edited", pair, "edited", folder / str(told["clean"]), {}, (), True, caption)


def _write_png(file: Path, image: Image.Image) -> None:
    from bench.staging import write_atomic

    file.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    write_atomic(file, buffer.getvalue())


def _within(image: Image.Image, max_pixels: int) -> Image.Image:
    share = (max_pixels / (image.width * image.height)) ** 0.5 if max_pixels else 1.0
    if share >= 1:
        return image
    return image.resize((max(1, int(image.width * share)), max(1, int(image.height * share))))
