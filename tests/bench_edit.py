"""Measure local editing against the stock ways of inpainting, on the same pictures and the same pipeline.

    OMP_NUM_THREADS=1 python -m tests.bench_edit [--images 4] [--steps 2] [--device cpu] [--model FOLDER]

The pictures are 1024 pixels a side and 5 percent of each is to be replaced. Without --model the pipeline is
Stable Diffusion inpainting with random weights, in SDXL's shape (an autoencoder of factor 8, three levels of
UNet) at a tenth of its width, so that a CPU gets through. `outside` is the time not spent in the
networks: crops, resizing, schedulers, masks, compositing.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    StableDiffusionInpaintPipeline,
    UNet2DConditionModel,
)
from PIL import Image
from rich.console import Console
from rich.table import Column, Table

from pipeline.config import EditConfig
from pipeline.edit import Task, edit_regions
from pipeline.inpainters.diffusers_editor import DiffusersEditor
from tests.pipeline.tiny_models import parts

SIDE = 1024
SHARE = 0.05
PROMPTS = ("a wooden spoon", "a glass of water")


@dataclass(frozen=True, slots=True)
class Row:
    """Seconds for all pictures, and the part of them spent inside the networks."""

    name: str
    seconds: float
    inside: float


@dataclass(slots=True)
class Meter:
    """Adds up the time spent in the networks of a pipeline."""

    seconds: float = 0.0

    def watch(self, pipe: Any) -> None:
        for network, method in (("unet", "forward"), ("vae", "encode"), ("vae", "decode"),
                                ("text_encoder", "forward")):  # fmt: skip
            owner = pipe.components[network]
            setattr(owner, method, self._timed(getattr(owner, method)))

    def _timed(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **options: Any) -> Any:
            start = now()
            result = call(*args, **options)
            self.seconds += now() - start
            return result

        return timed


def now() -> float:
    """Seconds: of this process's CPU time, which other load does not lengthen, or with an accelerator of the
    clock, after everything it was asked for is done."""
    if not torch.cuda.is_available():
        return time.process_time()
    torch.cuda.synchronize()
    return time.perf_counter()


def narrow_stable_diffusion(folder: Path) -> str:
    """SDXL's three levels of UNet, attention in the lower two, at a tenth of their width."""
    parts.seeded()
    unet = UNet2DConditionModel(
        block_out_channels=(32, 64, 128), layers_per_block=1, sample_size=SIDE // 8, in_channels=9,
        out_channels=4, down_block_types=("DownBlock2D", *["CrossAttnDownBlock2D"] * 2),
        up_block_types=(*["CrossAttnUpBlock2D"] * 2, "UpBlock2D"), cross_attention_dim=parts.WIDTH,
        attention_head_dim=8, norm_num_groups=8,
    )  # fmt: skip
    vae = AutoencoderKL(
        block_out_channels=(8, 16, 16, 16), layers_per_block=1, down_block_types=("DownEncoderBlock2D",) * 4,
        norm_num_groups=8, up_block_types=("UpDecoderBlock2D",) * 4, latent_channels=4, sample_size=SIDE,
    )  # fmt: skip
    text, words = parts.clip(folder / "spelling")
    scheduler = DDIMScheduler(clip_sample=False, steps_offset=1, beta_schedule="scaled_linear")
    StableDiffusionInpaintPipeline(
        vae=vae, text_encoder=text, tokenizer=words, unet=unet, scheduler=scheduler, safety_checker=None,
        feature_extractor=None, requires_safety_checker=False,
    ).save_pretrained(folder)  # fmt: skip
    return str(folder)


def tasks(count: int) -> list[Task]:
    """Smooth random pictures, each with an ellipse of 5 percent of its area to replace."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:SIDE, :SIDE]
    made = []
    for number in range(count):
        coarse = Image.fromarray(rng.integers(0, 256, (32, 32, 3), np.uint8))
        picture = np.asarray(coarse.resize((SIDE, SIDE), Image.Resampling.BICUBIC))
        y, x = rng.integers(SIDE // 4, 3 * SIDE // 4, 2)
        wide = rng.uniform(0.8, 1.25)
        distance = ((rows - y) * wide) ** 2 + ((columns - x) / wide) ** 2
        mask = distance <= SHARE * SIDE * SIDE / np.pi
        made.append(Task(picture, mask, PROMPTS[number % 2], "", seed=number, context=0.5))
    return made


def stock(pipe: Any, jobs: Sequence[Task], config: EditConfig, **size: int) -> None:
    """The loop of the documentation: one picture a call."""
    for job in jobs:
        pipe(
            prompt=job.prompt, image=Image.fromarray(job.original), mask_image=Image.fromarray(job.mask),
            num_inference_steps=config.steps, guidance_scale=config.guidance, strength=1.0,
            generator=torch.Generator("cpu").manual_seed(job.seed), **size,
        )  # fmt: skip


def measure(model: str, jobs: Sequence[Task], config: EditConfig) -> list[Row]:
    """Every way of editing, each after a warm-up on one picture."""
    rows = []

    def add(name: str, editor: DiffusersEditor, run: Callable[[Sequence[Task]], object]) -> None:
        run(jobs[:1])
        meter = Meter()
        meter.watch(editor._pipe)
        start = now()
        run(jobs)
        rows.append(Row(name, now() - start, meter.seconds))

    def loop(name: str, **size: int) -> None:
        editor = DiffusersEditor(model, config)
        add(name, editor, lambda some: stock(editor._pipe, some, config, **size))

    def ours(canvas: int, batch: int) -> None:
        options = replace(config, canvases=(canvas,), batch=batch)
        editor = DiffusersEditor(model, options)
        add(
            f"ours, at {canvas}, batch {batch}",
            editor,
            lambda some: edit_regions(editor, some, options),
        )

    loop("whole picture", height=SIDE, width=SIDE)
    loop("stock crop, at 1024", height=SIDE, width=SIDE, padding_mask_crop=64)
    loop("stock crop, at 512", height=512, width=512, padding_mask_crop=64)
    for canvas, batch in ((512, 1), (512, 4), (384, 4), (256, 4)):
        ours(canvas, batch)
    return rows


def show(rows: Sequence[Row], images: int) -> None:
    """The table, and from which model time on our overhead is below 5 percent."""
    table = Table(Column("way", no_wrap=True), "images/s", "x whole", "inside ms", "outside ms", "share")
    whole = rows[0].seconds
    for row in rows:
        outside = row.seconds - row.inside
        table.add_row(
            row.name, f"{images / row.seconds:.3f}", f"{whole / row.seconds:.1f}",
            f"{1000 * row.inside / images:.0f}", f"{1000 * outside / images:.0f}",
            f"{outside / row.seconds:.1%}",
        )  # fmt: skip
    console = Console()
    console.print(table)
    slowest = max(row.seconds - row.inside for row in rows if row.name.startswith("ours")) / images
    console.print(f"outside is below 5 percent from {slowest * 19:.2f} s of network time an image on")


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--images", type=int, default=4)
    options.add_argument("--steps", type=int, default=2)
    options.add_argument("--device", default="cpu")
    options.add_argument("--model", default="")
    asked = options.parse_args()
    config = EditConfig(steps=asked.steps, device=asked.device)
    with tempfile.TemporaryDirectory() as folder:
        model = asked.model or narrow_stable_diffusion(Path(folder) / "model")
        rows = measure(model, tasks(asked.images), config)
    where = (
        torch.cuda.get_device_name() if asked.device == "cuda" else f"{torch.get_num_threads()} CPU thread(s)"
    )
    print(f"{asked.images} pictures of {SIDE} x {SIDE}, {asked.steps} steps, {where}")
    show(rows, asked.images)


if __name__ == "__main__":
    main()
