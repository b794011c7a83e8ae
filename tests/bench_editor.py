"""Measure the embedded editor on held-out photographs against classical inpainting.

    python -m tests.bench_editor --photos PHOTOS [--weights pipeline/editor/weights] [--grid grid.png]
    python -m tests.bench_editor --scenes 60

Figures are over the pixels inside the holes: PSNR from the pooled squared error, SSIM as the mean of the
local map (scikit-image, 7x7), and `grain`, the fill's mean gradient over the truth's: below 1 is a blur.
Telea and Navier-Stokes are OpenCV's (`opencv-python-headless`), radius 3.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from skimage.metrics import structural_similarity

from pipeline.editor.data import Batch, Picture, drawn_scenes, load_photos
from pipeline.editor.exemplar import exemplar_fill
from pipeline.editor.fill import smooth_fill
from pipeline.editor.model import holes_to_tensor, to_pictures, to_tensor
from pipeline.editor.pipeline import SafeEditInpaintPipeline

SEED = 20_000  # far from any training seed; the photographs are held out anyway
Fill = Callable[[Picture, NDArray[np.bool_], int], Picture]  # crop, hole, index of the crop


@dataclass(frozen=True, slots=True)
class Figures:
    """One row of the table; `milliseconds` is the mean of a crop."""

    psnr: float
    ssim: float
    grain: float
    milliseconds: float


def fills(weights: Path, steps: tuple[int, ...]) -> dict[str, Fill]:
    """Every way of filling that is compared, by the name it has in the table."""
    pipe = SafeEditInpaintPipeline.from_pretrained(weights)
    pipe.set_progress_bar_config(disable=True)

    def ours(count: int) -> Fill:
        return lambda crop, hole, index: np.asarray(
            pipe(
                Image.fromarray(crop),
                Image.fromarray(hole),
                num_inference_steps=count,
                generator=torch.Generator().manual_seed(index),
            ).images[0]
        )

    classical: dict[str, Fill] = {
        "grey": lambda crop, hole, _: np.where(hole[..., None], 128, crop).astype(np.uint8),
        "Telea": lambda crop, hole, _: cv2.inpaint(crop, hole.astype(np.uint8), 3, cv2.INPAINT_TELEA),
        "Navier-Stokes": lambda crop, hole, _: cv2.inpaint(crop, hole.astype(np.uint8), 3, cv2.INPAINT_NS),
        "smooth fill": smooth,
        "exemplar fill": exemplar,
    }
    return classical | {f"ours, {count} steps": ours(count) for count in steps}


def smooth(crop: Picture, hole: NDArray[np.bool_], _: int) -> Picture:
    picture = to_tensor(crop[None])
    return to_pictures(smooth_fill(picture, holes_to_tensor(hole[None])))[0]


def exemplar(crop: Picture, hole: NDArray[np.bool_], _: int) -> Picture:
    return to_pictures(exemplar_fill(to_tensor(crop[None]), holes_to_tensor(hole[None])))[0]


def measure(fill: Fill, batch: Batch) -> Figures:
    """Fill every crop singly and compare with the truth."""
    started = time.perf_counter()
    filled = [
        fill(crop, hole, i) for i, (crop, hole) in enumerate(zip(batch.crops, batch.holes, strict=True))
    ]
    seconds = time.perf_counter() - started
    error = (np.stack(filled).astype(float) - batch.crops)[batch.holes]
    pairs = list(zip(filled, batch.crops, batch.holes, strict=True))
    return Figures(
        psnr=float(10 * np.log10(255**2 / np.mean(error**2))),
        ssim=float(np.mean([ssim_inside(*pair) for pair in pairs])),
        grain=sum(gradient(f, hole) for f, _, hole in pairs) / sum(gradient(t, hole) for _, t, hole in pairs),
        milliseconds=1000 * seconds / len(filled),
    )


def ssim_inside(filled: Picture, truth: Picture, hole: NDArray[np.bool_]) -> float:
    _, local = structural_similarity(filled, truth, channel_axis=2, full=True)
    return float(local[hole].mean())


def gradient(picture: Picture, hole: NDArray[np.bool_]) -> float:
    down, right = np.gradient(picture.astype(float).mean(-1))
    return float(np.hypot(down, right)[hole].mean())


def grid(batch: Batch, ways: dict[str, Fill], count: int) -> Image.Image:
    """One row a crop: with its hole in magenta, each fill, the truth."""
    rows = []
    for i in range(count):
        crop, hole = batch.crops[i], batch.holes[i]
        cells = [
            np.where(hole[..., None], (255, 0, 255), crop),
            *(fill(crop, hole, i) for fill in ways.values()),
        ]
        rows.append(np.concatenate([*cells, crop], axis=1))
    picture = Image.fromarray(np.concatenate(rows).astype(np.uint8))
    return picture.resize((picture.width * 2, picture.height * 2), Image.Resampling.NEAREST)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--photos", type=Path, help="the folder trained on; its held-out part is used")
    where.add_argument("--scenes", type=int, help="this many drawn test scenes instead, without photographs")
    parser.add_argument("--weights", type=Path, default=Path("pipeline/editor/weights"))
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--count", type=int, default=120)
    parser.add_argument("--steps", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--grid", type=Path, help="also write a picture of the first fills")
    options = parser.parse_args()
    torch.set_num_threads(1)
    source = (
        drawn_scenes(options.scenes, "test") if options.scenes else load_photos(options.photos, held_out=True)
    )
    batch = source.batch(SEED, 0, options.count, options.size)
    ways = fills(options.weights, tuple(options.steps))
    print(f"{options.count} held-out crops of {options.size} px, one thread")
    print(f"{'':16}{'PSNR dB':>9}{'SSIM':>8}{'grain':>8}{'ms':>8}")
    for name, fill in ways.items():
        row = measure(fill, batch)
        print(f"{name:16}{row.psnr:9.2f}{row.ssim:8.3f}{row.grain:8.2f}{row.milliseconds:8.1f}")
    if options.grid:
        del ways["grey"], ways["Navier-Stokes"]
        grid(batch, ways, 14).save(options.grid)


if __name__ == "__main__":
    main()
