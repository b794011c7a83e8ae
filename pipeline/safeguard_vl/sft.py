"""Supervised fine-tuning on TRL's SFTTrainer: right answers, or descriptions that name what is violating."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.safeguard_vl.telling import Progress, Say
from pipeline.safeguard_vl.training import run
from pipeline.safeguard_vl.trl_configs import lora_config

if TYPE_CHECKING:
    from datasets import Dataset  # type: ignore[import-untyped]
    from trl.trainer.sft_config import SFTConfig

    from pipeline.safeguard_vl.tuning import Tuning


def sft(
    tuning: Tuning,
    args: SFTConfig,
    rows: Dataset,
    start: Path,
    out: Path,
    say: Say,
    progress: Progress | None = None,
) -> Path:
    """Train on `rows` (prompt, completion, image) from the checkpoint `start`; the loss is the completion's.

    Gives the folder of the model. Call it again after a stop and it goes on from the last checkpoint.
    """
    from trl.trainer.sft_trainer import SFTTrainer

    def build() -> SFTTrainer:
        return SFTTrainer(str(start), args, train_dataset=rows, peft_config=lora_config(tuning.sft))

    return run(build, out, say, progress)
