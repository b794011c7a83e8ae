"""The state of a training run in one safetensors file: weights, their average, the optimiser's moments.

The file is written beside its place and renamed into it, so a run killed at any moment leaves the last
complete state. `step` counts the finished steps.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diffusers.models.unets.unet_2d import UNet2DModel
    from torch import Tensor
    from torch.optim import AdamW


@dataclass(slots=True)
class TrainingState:
    """`average` is the running average of the weights, by parameter name: what is published."""

    unet: UNet2DModel
    optimizer: AdamW
    average: dict[str, Tensor]
    step: int = 0


def save_state(state: TrainingState, file: Path, recipe_digest: str) -> None:
    """Write the state; the recipe's digest goes with it and is checked on loading."""
    from safetensors.torch import save_file

    partial = file.with_suffix(".partial")
    header = {"step": str(state.step), "recipe": recipe_digest}
    packed = {name: tensor.contiguous() for name, tensor in _tensors(state).items()}
    save_file(packed, partial, metadata=header)
    with partial.open("rb") as written:
        os.fsync(written.fileno())
    partial.replace(file)


def load_state(state: TrainingState, file: Path, recipe_digest: str) -> None:
    """Put a saved state into `state`; ValueError when it belongs to another recipe."""
    import torch
    from safetensors import safe_open

    with safe_open(file, framework="pt") as saved:
        header = saved.metadata()
        tensors = {name: saved.get_tensor(name) for name in saved.keys()}  # noqa: SIM118 - no mapping
    if header["recipe"] != recipe_digest:
        raise ValueError(
            f"{file} was trained with another recipe ({header['recipe']}, now {recipe_digest}); "
            "give the same options to resume it, or another --out to begin anew"
        )
    state.step = int(header["step"])
    with torch.no_grad():
        for name, weight in state.unet.named_parameters():
            weight.copy_(tensors[f"weight.{name}"])
            state.average[name].copy_(tensors[f"average.{name}"])
            state.optimizer.state[weight] = {
                "step": torch.tensor(float(state.step)),
                "exp_avg": tensors[f"first.{name}"],
                "exp_avg_sq": tensors[f"second.{name}"],
            }


def digest_of(recipe: dict[str, object], start: Path | None) -> str:
    """16 hex digits that stand for the recipe, and for the bytes of the weights it begins with if any."""
    text = json.dumps(recipe, sort_keys=True).encode()
    if start is not None:
        text += weights_file(start).read_bytes()
    return hashlib.sha256(text).hexdigest()[:16]


def weights_file(folder: Path) -> Path:
    """The network's file in a published pipeline; FileNotFoundError when the folder holds none."""
    file = folder / "unet" / "diffusion_pytorch_model.safetensors"
    if not file.is_file():
        raise FileNotFoundError(f"no weights at {file}; give the folder that save_pretrained wrote")
    return file


def _tensors(state: TrainingState) -> dict[str, Tensor]:
    tensors = {}
    for name, weight in state.unet.named_parameters():
        moments = state.optimizer.state[weight]
        tensors[f"weight.{name}"] = weight.detach()
        tensors[f"average.{name}"] = state.average[name]
        tensors[f"first.{name}"] = moments["exp_avg"]
        tensors[f"second.{name}"] = moments["exp_avg_sq"]
    return tensors
