"""Train the embedded editor from nothing, on one CPU thread in about three quarters of an hour.

    python -m pipeline.editor.fetch_photos PHOTOS
    python -m pipeline.editor.train --photos PHOTOS --scenes 30 --out RUN

Writes RUN/loss.csv as it goes, RUN/state.safetensors every `--save-every` steps, and RUN/weights, the
finished pipeline, at the end. The same command resumes a run that was stopped, and reaches the same
weights: crops, noise and noise levels of a step depend on the seed and the step's number alone.
`--start pipeline/editor/weights` goes on from published weights instead of from nothing.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .checkpoint import TrainingState, digest_of, load_state, save_state, weights_file
from .data import CropSource, drawn_scenes, load_photos
from .loss_log import LossLog
from .model import (
    RESIDUAL_SCALE,
    build_unet,
    condition_on,
    holes_to_tensor,
    predict_residual,
    to_tensor,
)
from .pool import Pool, Progress, kept_pool, prepare_pool

if TYPE_CHECKING:
    from torch import Tensor

GRADIENT_WEIGHT = 0.5  # of the gradient's squared error beside the residual's


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the weights, the pictures aside."""

    steps: int = 3000
    batch: int = 16
    size: int = 64
    examples: int = 4000  # prepared crops of `size`; of `large_size` a quarter as many
    large_size: int = 96  # every fourth step, with half the batch
    learning_rate: float = 6e-4
    warmup: int = 100
    decay: float = 0.999  # of the weights' running average
    seed: int = 0
    bfloat16: bool = True  # the forward pass only; a third faster where the CPU has it
    widths: tuple[int, ...] = (64, 96, 128)


def prepare(
    recipe: Recipe, source: CropSource, out: Path, *, progress: Progress | None = None
) -> tuple[Pool, Pool]:
    """The examples of both sizes, made once and kept in the run's folder."""
    out.mkdir(parents=True, exist_ok=True)
    sizes = ((recipe.size, recipe.examples), (recipe.large_size, recipe.examples // 4))
    small, large = (
        kept_pool(out / f"pool-{size}.npz", partial(prepare_pool, source, recipe.seed, count, size, progress))
        for size, count in sizes
    )
    return small, large


def train(
    recipe: Recipe,
    pools: tuple[Pool, Pool],
    out: Path,
    *,
    start: Path | None = None,
    save_every: int = 200,
    progress: Progress | None = None,
) -> TrainingState:
    """Run all steps that are still to do; `progress` is told (steps done, steps in all).

    `pools` is what `prepare` made: examples of the recipe's size and of its large size.
    `start` is the folder of a published pipeline whose weights the run begins with.
    """
    out.mkdir(parents=True, exist_ok=True)
    state = _begin(recipe, start)
    digest, saved = digest_of(asdict(recipe), start), out / "state.safetensors"
    if saved.exists():
        load_state(state, saved, digest)
    log = LossLog(out / "loss.csv", state.step)
    while state.step < recipe.steps:
        log.add(state.step, _train_step(recipe, state, pools))
        if state.step % save_every == 0 or state.step == recipe.steps:
            log.write(state.step)
            save_state(state, saved, digest)
        if progress is not None:
            progress(state.step, recipe.steps)
    return state


def learning_rate(recipe: Recipe, step: int) -> float:
    """Linear warm-up, then a cosine down to nothing."""
    if step < recipe.warmup:
        return recipe.learning_rate * (step + 1) / recipe.warmup
    share = (step - recipe.warmup) / max(1, recipe.steps - recipe.warmup)
    return recipe.learning_rate * 0.5 * (1 + math.cos(math.pi * share))


def publish(recipe: Recipe, state: TrainingState, folder: Path) -> None:
    """Save the averaged weights as a float16 safetensors pipeline."""
    from .pipeline import SafeEditInpaintPipeline, default_scheduler

    unet = build_unet(recipe.widths)
    unet.load_state_dict(state.average)
    unet.half()
    pipe = SafeEditInpaintPipeline(unet, default_scheduler())
    pipe.save_pretrained(folder, safe_serialization=True)


def _begin(recipe: Recipe, start: Path | None) -> TrainingState:
    import torch
    from safetensors.torch import load_file

    torch.manual_seed(recipe.seed)
    unet = build_unet(recipe.widths)
    if start is not None:
        unet.load_state_dict(load_file(weights_file(start)))
    torch.nn.Module.to(unet, memory_format=torch.channels_last)  # what CPU convolutions like best
    optimizer = torch.optim.AdamW(unet.parameters(), lr=recipe.learning_rate, betas=(0.9, 0.99))
    average = {name: weight.detach().clone() for name, weight in unet.named_parameters()}
    return TrainingState(unet, optimizer, average)


def _train_step(recipe: Recipe, state: TrainingState, pools: tuple[Pool, Pool]) -> float:
    import torch

    large = state.step % 4 == 3
    batch = pools[large].draw(recipe.seed, state.step, recipe.batch // 2 if large else recipe.batch)
    with torch.autocast("cpu", torch.bfloat16, enabled=recipe.bfloat16):
        loss = _loss(state, batch, np.random.default_rng((recipe.seed, state.step, 1)))
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(state.unet.parameters(), 1.0)
    state.optimizer.param_groups[0]["lr"] = learning_rate(recipe, state.step)
    state.optimizer.step()
    state.optimizer.zero_grad()
    state.step += 1
    _update_average(state, recipe.decay)
    return loss.item()


def _loss(state: TrainingState, batch: Pool, rng: np.random.Generator) -> Tensor:
    """Weighted squared error of the residual and of its gradient inside the holes.

    The error of the flow's velocity is that of the residual over the level, hence the weight 1 / level^2,
    bounded so that the easy low levels do not drown the others. Levels crowd towards 1, where a sampler
    of few steps decides what the fill shows. The gradient's part makes edges and the rim count for more;
    as a squared error too, it leaves the flow's solution where it is.
    """
    import torch

    picture, hole = to_tensor(batch.crops), holes_to_tensor(batch.holes)
    known = condition_on(picture, to_tensor(batch.guides), hole)
    residual = (picture - known.smooth) * RESIDUAL_SCALE
    begin = known.begin(torch.from_numpy(rng.standard_normal(residual.shape, dtype=np.float32)))
    level = torch.from_numpy(1 - 0.98 * rng.random(len(hole), dtype=np.float32) ** 1.5)
    share = level.view(-1, 1, 1, 1)
    guess = predict_residual(state.unet, (1 - share) * residual + share * begin, level, known)
    error = (guess - residual) / share.clamp(min=0.5)
    squares = (error**2).sum() + GRADIENT_WEIGHT * sum((error.diff(dim=side) ** 2).sum() for side in (2, 3))
    return squares / (3 * hole.sum())


def _update_average(state: TrainingState, decay: float) -> None:
    """Exponential average with a short memory at the beginning."""
    import torch

    keep = min(decay, (1 + state.step) / (10 + state.step))
    with torch.no_grad():
        for name, weight in state.unet.named_parameters():
            state.average[name].lerp_(weight, 1 - keep)


def main() -> None:
    """Read the options, train, publish."""
    recipe = Recipe()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--photos", type=Path, required=True, help="folder of photographs, searched to any depth"
    )
    parser.add_argument(
        "--out", type=Path, required=True, help="folder of the run; an unfinished run is resumed"
    )
    parser.add_argument("--scenes", type=int, default=0, help="drawn scenes to train on as well")
    parser.add_argument("--start", type=Path, help="folder of published weights to begin with")
    parser.add_argument("--steps", type=int, default=recipe.steps)
    parser.add_argument("--batch", type=int, default=recipe.batch)
    parser.add_argument("--learning-rate", type=float, default=recipe.learning_rate)
    parser.add_argument("--seed", type=int, default=recipe.seed)
    parser.add_argument("--save-every", type=int, default=200, help="steps between two saved states")
    options = parser.parse_args()
    chosen = Recipe(
        steps=options.steps, batch=options.batch, learning_rate=options.learning_rate, seed=options.seed
    )
    weights = train_editor(
        chosen,
        options.photos,
        options.out,
        scenes=options.scenes,
        start=options.start,
        save_every=options.save_every,
        progress=_print,
    )
    print(f"weights in {weights}, losses in {options.out / 'loss.csv'}")


def train_editor(
    recipe: Recipe,
    photos: Path,
    out: Path,
    *,
    scenes: int = 30,
    start: Path | None = None,
    save_every: int = 200,
    progress: Callable[[str, int, int], None] | None = None,
) -> Path:
    """Everything from photographs to the finished pipeline, whose folder it returns.

    `progress` is told the part ("examples" or "training"), how much of it is done, and how much there is.
    """

    def told(part: str) -> Progress:
        return lambda done, total: progress(part, done, total) if progress is not None else None

    source = load_photos(photos)
    if scenes:
        source = CropSource(source.pyramids + drawn_scenes(scenes).pyramids)
    pools = prepare(recipe, source, out, progress=told("examples"))
    state = train(recipe, pools, out, start=start, save_every=save_every, progress=told("training"))
    publish(recipe, state, out / "weights")
    return out / "weights"


def _print(part: str, done: int, total: int) -> None:
    if done % 50 == 0 or done == total:
        print(f"{part}: {done} of {total}", flush=True)


if __name__ == "__main__":
    main()
