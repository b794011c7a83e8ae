"""Measure the embedded editor on held-out photographs and drawn scenes against classical inpainting.

    python -m pipeline.editor.fetch_photos PHOTOS
    python -m tests.bench_editor --photos PHOTOS --grid grid.png

Prints a table for photographs at every size of `--sizes` and one for drawn test scenes, then how far ahead
ours is of each other way, with 95 % paired bootstrap intervals over pictures. Everything is measured inside
the holes: PSNR of all holes together and its mean over crops, SSIM (scikit-image, 7x7), `seam`
(`pipeline.seam.seam`), `grain`, the gradient over the truth's (below 1 is a blur), and `plain`, the same
on the third of the crops with the plainest holes (above 1 is speckle). The grid shows, a row a photograph,
the truth, the hole, and the fills.

Telea and Navier-Stokes are OpenCV's (`opencv-python-headless`), radius 3; PatchMatch is `pypatchmatch`, 5
pixels a patch, and is left out with its reason where it cannot be loaded.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from pipeline.editor.data import CropSource, Picture, drawn_scenes, load_photos
from pipeline.editor.exemplar import exemplar_fill
from pipeline.editor.fill import smooth_fill
from pipeline.editor.model import holes_to_tensor, to_pictures, to_tensor
from pipeline.editor.pipeline import SafeEditInpaintPipeline
from tests.editor.figures import (
    Difference,
    Fill,
    Measured,
    Sample,
    measure,
    psnr_difference,
    samples,
    ssim_difference,
)

SEED = 20_000  # far from any training seed; the photographs are held out anyway
ROWS = 20  # of the grid
SHOWN = ("Telea", "PatchMatch", "exemplar fill")  # in the grid, beside ours


def fills(weights: Path, steps: int) -> dict[str, Fill]:
    """Every way of filling that is compared, by the name it has in the table."""
    pipe = SafeEditInpaintPipeline.from_pretrained(weights)
    pipe.set_progress_bar_config(disable=True)

    def ours(sample: Sample, seed: int) -> Picture:
        return np.asarray(
            pipe(
                Image.fromarray(sample.truth),
                Image.fromarray(sample.hole),
                num_inference_steps=steps,
                generator=torch.Generator().manual_seed(seed),
            ).images[0]
        )

    return {
        "Telea": lambda sample, _: cv2.inpaint(sample.truth, _bytes(sample), 3, cv2.INPAINT_TELEA),
        "Navier-Stokes": lambda sample, _: cv2.inpaint(sample.truth, _bytes(sample), 3, cv2.INPAINT_NS),
        **patchmatch(),
        "smooth fill": smooth,
        "exemplar fill": exemplar,
        "ours": ours,
    }


def patchmatch() -> dict[str, Fill]:
    """Wexler's completion with random search, from `pypatchmatch`; empty where it cannot be loaded."""
    try:
        from patchmatch import patch_match
    except (ImportError, OSError) as error:
        print(f"PatchMatch is left out ({error}); pip install pypatchmatch==2.2.0")
        return {}

    def fill(sample: Sample, seed: int) -> Picture:
        patch_match.set_random_seed(seed)
        made: Picture = patch_match.inpaint(sample.truth, _bytes(sample)[..., None] * 255, patch_size=5)
        return np.where(sample.hole[..., None], made, sample.truth)

    return {"PatchMatch": fill}


def smooth(sample: Sample, _: int) -> Picture:
    return to_pictures(smooth_fill(*_tensors(sample)))[0]


def exemplar(sample: Sample, _: int) -> Picture:
    return to_pictures(exemplar_fill(*_tensors(sample)))[0]


def _tensors(sample: Sample) -> tuple[torch.Tensor, torch.Tensor]:
    return to_tensor(sample.truth[None]), holes_to_tensor(sample.hole[None])


def _bytes(sample: Sample) -> NDArray[np.uint8]:
    return sample.hole.astype(np.uint8)


def compare(title: str, ways: dict[str, Fill], wanted: list[Sample]) -> dict[str, list[Picture]]:
    """Fill everything every way, print the tables, and return the fills."""
    truth = measure([sample.truth for sample in wanted], wanted, [0.0] * len(wanted))
    pictures = np.array([sample.picture for sample in wanted])
    print(f"\n{title}: {len(wanted)} holes in {pictures.max() + 1} pictures, one thread")
    print(f"the truth's own seam is {truth.seam.mean():.2f}")
    print(f"{'':16}{'PSNR':>7}{'mean':>7}{'SSIM':>7}{'seam':>6}{'grain':>7}{'plain':>7}{'ms':>7}")
    made: dict[str, list[Picture]] = {}
    rows: dict[str, Measured] = {}
    for name, fill in ways.items():
        made[name], seconds = timed(fill, wanted)
        rows[name] = row = measure(made[name], wanted, seconds)
        print(f"{name:16}{row.psnr:7.2f}{row.mean_psnr:7.2f}{row.ssim.mean():7.3f}{row.seam.mean():6.2f}"
              f"{row.grain(truth):7.2f}{row.plain_grain(truth):7.2f}{1000 * np.median(row.seconds):7.0f}",
              flush=True)  # fmt: skip
    print(f"{'ours less':16}{'PSNR, dB':>24}{'SSIM':>26}")
    for name in [name for name in ways if name != "ours"]:
        pair = rows["ours"], rows[name], pictures
        print(f"{name:16}{_told(psnr_difference(*pair), 2):>24}{_told(ssim_difference(*pair), 3):>26}")
    return made


def timed(fill: Fill, wanted: list[Sample]) -> tuple[list[Picture], list[float]]:
    """The fills, one by one, and the seconds of CPU that each took."""
    filled, seconds = [], []
    for seed, sample in enumerate(wanted):
        started = time.process_time()
        filled.append(fill(sample, seed))
        seconds.append(time.process_time() - started)
    return filled, seconds


def grid(wanted: list[Sample], made: dict[str, list[Picture]]) -> Image.Image:
    """Columns: truth, hole in magenta, the fills. Rows: a crop of each of the first pictures."""
    columns = {
        "truth": [sample.truth for sample in wanted],
        "hole": [np.where(sample.hole[..., None], (255, 0, 255), sample.truth) for sample in wanted],
        **{name: made[name] for name in (*SHOWN, "ours") if name in made},
    }
    rows = [np.concatenate(row, axis=1) for row in list(zip(*columns.values(), strict=True))[:ROWS]]
    cells = Image.fromarray(np.concatenate(rows).astype(np.uint8))
    sheet = Image.new("RGB", (cells.width * 2, cells.height * 2 + 16), "white")
    sheet.paste(cells.resize((cells.width * 2, cells.height * 2), Image.Resampling.NEAREST), (0, 16))
    for index, name in enumerate(columns):
        ImageDraw.Draw(sheet).text((index * sheet.width // len(columns) + 4, 2), name, "black")
    return sheet


def _told(difference: Difference, digits: int) -> str:
    value, low, high = (f"{one:+.{digits}f}" for one in difference)
    return f"{value} [{low}, {high}]"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=Path, required=True, help="fetched; the held-out part is used")
    parser.add_argument("--weights", type=Path, default=Path("pipeline/editor/weights"))
    parser.add_argument("--sizes", type=int, nargs="+", default=[96], help="of the crops, in pixels")
    parser.add_argument("--count", type=int, default=306, help="crops of photographs a size")
    parser.add_argument("--scenes", type=int, default=60, help="drawn test scenes, a crop each")
    parser.add_argument("--steps", type=int, default=1)
    parser.add_argument("--grid", type=Path, help="also write the fills of the first size as a picture")
    options = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    ways = fills(options.weights, options.steps)
    photos: CropSource = load_photos(options.photos, held_out=True)
    for size in options.sizes:
        wanted = samples(photos, SEED, options.count, size)
        made = compare(f"held-out photographs, {size} px", ways, wanted)
        if options.grid and size == options.sizes[0]:
            grid(wanted, made).save(options.grid)
    if options.scenes:
        scenes = samples(drawn_scenes(options.scenes, "test"), SEED, options.scenes, 96)
        compare("drawn test scenes, 96 px", ways, scenes)


if __name__ == "__main__":
    main()
