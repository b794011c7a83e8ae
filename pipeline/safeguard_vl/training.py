"""What both tuning stages do with TRL's trainer: start or resume, tell, save. No trainer is subclassed.

A killed run reaches the weights of a smooth one because nothing depends on how often it was started: cases
have a fixed order (no sampler draws), checkpoints hold weights, optimizer, schedule and the states of all
random generators, and only whole checkpoints are resumed from. On a GPU this needs `full_determinism = true`
in the recipe besides, which costs speed.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from bench.disk import DiskError, writing
from pipeline.safeguard_vl.run_folder import MODEL, last_checkpoint, write_curve
from pipeline.safeguard_vl.telling import Progress, Say, tell

if TYPE_CHECKING:
    from transformers import Trainer


def run(build: Callable[[], Trainer], out: Path, say: Say, progress: Progress | None) -> Path:
    """Train to the end, from the last whole checkpoint in `out` if there is one; the folder of the model."""
    from transformers.utils import logging

    logging.disable_progress_bar()
    with warnings.catch_warnings():  # TRL 1.16 and PEFT 0.21 read what transformers 5.23 has renamed
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
        trainer = build()
        tell(trainer, say, progress)
        with _writing(out):
            _train(trainer, out, say)
    part = out / f"{MODEL}.part"
    with _writing(part):
        _save(trainer, part)
    if trainer.is_world_process_zero():
        write_curve(out, trainer.state.log_history)
        part.replace(out / MODEL)
    return out / MODEL


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """As `bench.disk.writing`, for safetensors too, whose error names neither the file nor a number."""
    from safetensors import SafetensorError

    try:
        with writing(path):
            yield
    except SafetensorError as error:
        raise DiskError(
            f"cannot write below {path}: {error}; make room there and run the command again: it goes on from "
            "the last checkpoint"
        ) from error


def _train(trainer: Trainer, out: Path, say: Say) -> None:
    with trainer.args.main_process_first():
        checkpoint = last_checkpoint(out)
    if checkpoint is not None and trainer.is_world_process_zero():
        say(f"resuming from {checkpoint.name}")
    with _own_names(trainer):
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)


@contextmanager
def _own_names(trainer: Trainer) -> Iterator[None]:
    """Let checkpoints name the weights as the model does.

    By default the weights are saved under their published names, which `Trainer` does not translate when it
    resumes: a Qwen2.5-VL would warn and go on from the weights it started with (transformers issue 43701).
    """
    from peft import PeftModel

    model = trainer.accelerator.unwrap_model(trainer.model)
    if isinstance(model, PeftModel):  # saves its adapter alone, whose names stay
        yield
        return
    vars(model)["save_pretrained"] = partial(cast(Any, model).save_pretrained, save_original_format=False)
    try:
        yield
    finally:
        del vars(model)["save_pretrained"]


def _save(trainer: Trainer, folder: Path) -> None:
    """A complete checkpoint: LoRA is merged into the weights, so that whatever opens a model opens it."""
    from peft import PeftModel

    model = trainer.accelerator.unwrap_model(trainer.model)
    if not isinstance(model, PeftModel):
        trainer.save_model(str(folder))  # gathers sharded weights
    elif trainer.is_world_process_zero():
        merged = cast(Any, model).merge_and_unload()
        merged.save_pretrained(folder)
        cast(Any, trainer.processing_class).save_pretrained(folder)
    (folder / "training_args.bin").unlink(missing_ok=True)  # a pickle, which no one should open
