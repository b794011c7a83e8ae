"""Are controls like real edits? Builds a benchmark of scenes with the embedded editor and compares the two.

    OMP_NUM_THREADS=1 python -m tests.bench_controls --out FOLDER [--scenes 200]

It resumes from FOLDER. First table: region against sham, by place, size and what surrounds them; `smd` is the
difference of means in pooled standard deviations, with its bootstrap interval over pairs. Then two lines:
how well a classifier that sees the texture of ring and fill alone tells an edited picture from a control, and
from its original. Last table: what the seam score says of places that nobody edited, and of crude edits.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench.dataset import Benchmark, load_benchmark
from bench.region_check import bounding_box
from pipeline.config import BuildConfig, EditConfig, RunnerConfig, SourceConfig
from pipeline.console import stages
from pipeline.flow import run_build
from pipeline.images import Mask, Pixels
from pipeline.publish import publish
from pipeline.region import around, zones
from pipeline.scenes import make_scene
from pipeline.seam import seam
from pipeline.shortcut import shortcuts

Floats = NDArray[np.float64]
console = Console()


@dataclass(frozen=True, slots=True)
class Place:
    """An edited place: the original under it and all that may have changed."""

    original: Pixels
    allowed: Mask


def area(place: Place) -> float:
    return float(place.allowed.mean())


def from_centre(place: Place) -> float:
    x0, y0, x1, y1 = bounding_box(place.allowed)
    height, width = place.allowed.shape
    return float(np.hypot((y0 + y1) / 2 - height / 2, (x0 + x1) / 2 - width / 2) / np.hypot(height, width))


def height_in_picture(place: Place) -> float:
    _, y0, _, y1 = bounding_box(place.allowed)
    return (y0 + y1) / 2 / place.allowed.shape[0]


def borders(place: Place) -> float:
    x0, y0, x1, y1 = bounding_box(place.allowed)
    height, width = place.allowed.shape
    return float((x0 == 0) + (y0 == 0) + (x1 == width) + (y1 == height))


def gradient_around(place: Place) -> float:
    near = around(place.allowed, 8)
    grey = place.original[near].mean(axis=2)
    band = ~place.allowed[near]
    return float(np.hypot(*np.gradient(grey))[band].mean()) if band.any() else 0.0


def contrast_around(place: Place) -> float:
    near = around(place.allowed, 8)
    band = place.original[near].mean(axis=2)[~place.allowed[near]]
    return float(band.std()) if band.size else 0.0


def gradient_under(place: Place) -> float:
    near = around(place.allowed, 1)
    grey = place.original[near].mean(axis=2)
    return float(np.hypot(*np.gradient(grey))[place.allowed[near]].mean())


MEASURES: dict[str, Callable[[Place], float]] = {
    "area share": area,
    "distance from the centre": from_centre,
    "height in the picture": height_in_picture,
    "borders touched": borders,
    "gradient around": gradient_around,
    "contrast around": contrast_around,
    "gradient under": gradient_under,
}


def places(bench: Benchmark) -> Iterator[tuple[Place, Place]]:
    """The real and the sham place of every pair that has both."""
    pairs: dict[str, dict[str, str]] = {}
    for image_id in bench.image_ids:
        meta = bench.meta(image_id)
        pairs.setdefault(meta.pair_id, {})[meta.role] = image_id
    for pair in pairs.values():
        if len(pair) == 3:
            original = np.asarray(bench.picture(pair["original"]))
            real, sham = (np.asarray(bench.mask(pair[role])) > 127 for role in ("edited", "control"))
            yield Place(original, real), Place(original, sham)


def smd(real: Floats, sham: Floats) -> float:
    """Difference of means in pooled standard deviations."""
    pooled = np.sqrt((real.var(ddof=1) + sham.var(ddof=1)) / 2)
    return float((sham.mean() - real.mean()) / pooled) if pooled else 0.0


def show_matching(found: list[tuple[Place, Place]]) -> None:
    """Real against sham, one row a measure."""
    table = Table("of a place", "real", "sham", "smd", "95 % interval", title=f"{len(found)} pairs")
    rng = np.random.default_rng(0)
    for name, measure in MEASURES.items():
        real, sham = (np.array([measure(pair[side]) for pair in found]) for side in (0, 1))
        drawn = rng.integers(0, len(found), (1000, len(found)))
        low, high = np.quantile([smd(real[rows], sham[rows]) for rows in drawn], [0.025, 0.975])
        table.add_row(
            name, f"{real.mean():.3f}", f"{sham.mean():.3f}", f"{smd(real, sham):+.2f}",
            f"{low:+.2f} to {high:+.2f}",
        )  # fmt: skip
    console.print(table)


def crude(name: str, clean: Pixels, mask: Mask, seed: int, size: int) -> Pixels:
    """A clean picture with something blended over the region as an edit would be."""
    fills: dict[str, Callable[[], NDArray[np.int_]]] = {
        "nothing changed": lambda: clean.astype(int),
        "8 levels lighter": lambda: clean.astype(int) + 8,
        "20 levels lighter": lambda: clean.astype(int) + 20,
        "redder": lambda: clean.astype(int) + np.array([20, -10, -10]),
        "another picture": lambda: make_scene(seed + 5000, size, split="test").clean.astype(int),
    }
    alpha = zones(mask).alpha[..., None]
    blended: Pixels = np.rint(alpha * fills[name]().clip(0, 255) + (1 - alpha) * clean).astype(np.uint8)
    return blended


def show_seams(count: int, size: int = 256) -> None:
    """Seam scores of crude edits of clean scenes, and how often they exceed an untouched place's."""
    from sklearn.metrics import roc_auc_score

    names = ("nothing changed", "8 levels lighter", "20 levels lighter", "redder", "another picture")
    table = Table("blended over the region", "median seam", "95th percentile", "AUC against untouched")
    scores: dict[str, list[float]] = {name: [] for name in names}
    for seed in range(count):
        scene = make_scene(seed, size, split="test")
        if not scene.mask.any() or scene.mask.mean() > 0.6:
            continue
        zone = zones(scene.mask)
        for name in names:
            picture = crude(name, scene.clean, scene.mask, seed, size)
            scores[name].append(seam(picture, zone.allowed, zone.ring_px))
    untouched = scores[names[0]]
    for name in names:
        labels = [0] * len(untouched) + [1] * len(scores[name])
        auc = roc_auc_score(labels, untouched + scores[name])
        low, middle = np.quantile(scores[name], [0.95, 0.5])
        table.add_row(name, f"{middle:.2f}", f"{low:.2f}", "-" if name == names[0] else f"{auc:.2f}")
    console.print(table)


def built(out: Path, scenes: int) -> Benchmark:
    """The benchmark in `out`, made as far as it is not there yet."""
    config = BuildConfig(
        out=out,
        source=SourceConfig(kind="scenes", count=scenes),
        edit=EditConfig(attempts=1, device="cpu"),
        runner=RunnerConfig(kind="loop"),
    )
    with stages() as progress:
        publish(run_build(config, progress), config)
    return load_benchmark(out)


def main() -> None:
    """Build, compare, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--scenes", type=int, default=200)
    asked = options.parse_args()
    bench = built(asked.out, asked.scenes)
    show_matching(list(places(bench)))
    with stages() as progress:
        found = shortcuts(bench, lambda done, total: progress("texture", done, total))
    for one in found:
        print(one.told())
    show_seams(min(asked.scenes, 100))


if __name__ == "__main__":
    main()
