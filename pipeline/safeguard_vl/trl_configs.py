"""From a recipe to the configuration objects of TRL and PEFT."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from evaluators.profile import load_profile
from pipeline.safeguard_vl.rewards import reward_parts
from pipeline.safeguard_vl.tuning import StageSettings, Tuning

if TYPE_CHECKING:
    from peft import LoraConfig
    from trl.trainer.grpo_config import GRPOConfig
    from trl.trainer.sft_config import SFTConfig

Config = TypeVar("Config")

# No tracker is called unless the recipe names one, and none of them publishes anything.
COMMON: dict[str, Any] = {
    "report_to": "none",
    "save_strategy": "steps",
    "disable_tqdm": True,
    "activation_checkpointing": True,
    "trackio_static_space_id": False,
}


def sft_config(tuning: Tuning, out: Path) -> SFTConfig:
    """Cases keep their order and nothing is cut off: a prompt without its last image tokens would fail."""
    from trl.trainer.sft_config import SFTConfig

    ours = {"max_length": None, "train_sampling_strategy": "sequential"}
    return _built(SFTConfig, tuning, "sft", {**tuning.sft.trl, **ours}, out)


def grpo_config(tuning: Tuning, out: Path) -> GRPOConfig:
    """Cases keep their order, parts of the reward have their weights, pictures are not logged."""
    from trl.trainer.grpo_config import GRPOConfig

    weights = [part.weight for part in reward_parts(tuning.reward, load_profile(tuning.profile))]
    ours = {"shuffle_dataset": False, "reward_weights": weights, "log_multimodal": False}
    return _built(GRPOConfig, tuning, "grpo", {**tuning.grpo.trl, **ours}, out)


def lora_config(stage: StageSettings) -> LoraConfig | None:
    """PEFT's configuration, or None where all weights are trained."""
    from peft import LoraConfig

    if stage.lora is None:
        return None
    settings: dict[str, Any] = dict(stage.lora)
    return LoraConfig(task_type="CAUSAL_LM", **settings)


def _built(
    config: Callable[..., Config], tuning: Tuning, stage: str, values: dict[str, Any], out: Path
) -> Config:
    from huggingface_hub import constants

    constants.HF_HUB_DISABLE_TELEMETRY = (
        True  # TRL reports every trainer; the variable counts at import alone
    )
    try:
        return config(**{**COMMON, **values, "output_dir": str(out), "seed": tuning.seed})
    except (TypeError, ValueError) as error:
        raise ValueError(f"recipe {tuning.name}, [{stage}]: {error}") from error
