"""Reinforcement on TRL's GRPOTrainer with verifiable rewards: what the benchmark would count as right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench.schema import Label
from evaluators.profile import Profile, load_profile
from pipeline.safeguard_vl.rewards import Part, reward_parts
from pipeline.safeguard_vl.telling import Progress, Say
from pipeline.safeguard_vl.training import run
from pipeline.safeguard_vl.trl_configs import lora_config
from pipeline.safeguard_vl.watch import Answer, figures

if TYPE_CHECKING:
    from datasets import Dataset  # type: ignore[import-untyped]
    from transformers import PreTrainedModel
    from trl.trainer.grpo_config import GRPOConfig

    from pipeline.safeguard_vl.tuning import Tuning

Turns = Sequence[Sequence[dict[str, str]]]  # of each completion its one assistant turn
RewardFunction = Callable[
    ..., list[float | None]
]  # TRL hands it the completions and every column of the data set


def grpo(
    tuning: Tuning,
    args: GRPOConfig,
    rows: Dataset,
    start: Path,
    out: Path,
    say: Say,
    progress: Progress | None = None,
) -> Path:
    """Train on `rows` (prompt, image, label, policy, case) from the checkpoint `start`.

    Gives the folder of the model. Call it again after a stop and it goes on from the last checkpoint.
    """
    from trl.trainer.grpo_trainer import GRPOTrainer

    if args.use_vllm:
        from pipeline.safeguard_vl.rollout_parity import require_parity

        require_parity(start, rows)
    profile = load_profile(tuning.profile)
    parts, generations = reward_parts(tuning.reward, profile), args.num_generations or 0
    rewards = reward_functions(parts, profile, generations)

    def build() -> GRPOTrainer:
        return GRPOTrainer(
            str(start), rewards, args, train_dataset=rows, peft_config=lora_config(tuning.grpo)
        )

    return run(build, out, say, progress)


def reward_functions(
    parts: Sequence[Part], profile: Profile, generations: int
) -> list[str | PreTrainedModel | RewardFunction]:
    """One function a part, in TRL's form. The first also logs the figures of `watch`."""
    first, *others = [_function(part) for part in parts]

    def watched(
        completions: Turns,
        label: Sequence[Label],
        policy: Sequence[str],
        case: Sequence[int],
        log_metric: Callable[[str, float], None],
        **_: object,
    ) -> list[float | None]:
        answers = [
            Answer(number, name, truth, profile.read(text), total(parts, text, truth))
            for number, name, truth, text in zip(case, policy, label, texts_of(completions), strict=True)
        ]
        for name, value in figures(answers, generations):
            log_metric(name, value)
        return first(completions, label)

    watched.__name__ = first.__name__
    return [watched, *others]


def _function(part: Part) -> RewardFunction:
    def earned(completions: Turns, label: Sequence[Label], **_: object) -> list[float | None]:
        return [part.score(text, truth) for text, truth in zip(texts_of(completions), label, strict=True)]

    earned.__name__ = part.name  # TRL logs it by this name
    return earned


def texts_of(completions: Turns) -> list[str]:
    return [turn[0]["content"] for turn in completions]


def total(parts: Sequence[Part], text: str, label: Label) -> float:
    """A completion's reward: the weighted sum of its parts."""
    return sum(part.weight * part.score(text, label) for part in parts)
