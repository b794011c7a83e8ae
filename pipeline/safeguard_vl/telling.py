"""What a trainer tells the terminal: its progress, a line of figures, and alarms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pipeline.safeguard_vl.watch import Alarms

if TYPE_CHECKING:
    from transformers import Trainer, TrainerCallback

Say = Callable[[str], None]
Progress = Callable[[int, int], None]

TOTALS = ("accuracy", "unsafe_recall", "parse_rate", "constant_share")
SHOWN = ("loss", "reward", *TOTALS, "frac_reward_zero_std")


def figures_line(step: int, logs: Mapping[str, float]) -> str:
    """The figures shown of one logged line."""
    told = [f"{name} {logs[name]:.3f}" for name in SHOWN if logs.get(name) is not None]
    return f"step {step}: " + ", ".join(told)


def tell(trainer: Trainer, say: Say, progress: Progress | None) -> None:
    """Make the trainer tell: `say` gets lines, `progress` steps done and all steps."""
    from transformers import PrinterCallback

    trainer.remove_callback(PrinterCallback)  # prints every figure of every policy
    trainer.add_callback(_teller(say, progress))


def _teller(say: Say, progress: Progress | None) -> TrainerCallback:
    from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

    alarms = Alarms(say)

    class Teller(TrainerCallback):
        def on_log(
            self,
            args: TrainingArguments,
            state: TrainerState,
            control: TrainerControl,
            logs: dict[str, float] | None = None,
            **_: object,
        ) -> None:
            if logs is not None and state.is_world_process_zero and "train_runtime" not in logs:
                say(figures_line(state.global_step, logs))
                alarms.follow(state.global_step, logs)

        def on_step_end(
            self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object
        ) -> None:
            if progress is not None and state.is_world_process_zero:
                progress(state.global_step, state.max_steps)

    return Teller()
