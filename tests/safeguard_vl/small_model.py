"""A recipe that trains a model of a few thousand weights in seconds."""

from __future__ import annotations

from pathlib import Path

from pipeline.safeguard_vl.tuning import Tuning, read_tuning

RECIPE = """
start = "nothing"
seed = 3
threads = 1
[cases]
count = 32
made_up = 12
unseen = 4
unseen_seeds = [0]
scenes = 6
first_scene = 2000000
size = 32
[sft]
use_cpu = true
bf16 = false
activation_checkpointing = false
per_device_train_batch_size = 4
learning_rate = 3e-3
max_steps = 6
logging_steps = 1
save_steps = 2
[grpo]
use_cpu = true
bf16 = false
activation_checkpointing = false
per_device_train_batch_size = 8
num_generations = 2
max_completion_length = 2
learning_rate = 3e-3
max_steps = 6
logging_steps = 1
save_steps = 2
"""


def quiet(*_: object) -> None:
    """Says nothing."""


def small_recipe(folder: Path) -> Tuning:
    """The recipe, read from a file in `folder`."""
    file = folder / "small.toml"
    file.write_text(RECIPE)
    return read_tuning(str(file))
