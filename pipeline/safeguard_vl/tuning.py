"""A tuning recipe: the model to start from, the cases to train on, and TRL's own settings for sft and grpo.

The tables `[sft]` and `[grpo]` are handed to TRL's `SFTConfig` and `GRPOConfig` by their own field names, so
whatever TRL can do can be written; `[sft.lora]` and `[grpo.lora]` likewise to PEFT's `LoraConfig`. What would
send pictures or answers away is refused.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from pipeline.safeguard_vl.rewards import RewardName

TUNING = Path(__file__).parent / "recipes" / "tuning"

Target = Literal["verdicts", "captions"]
Settings = Mapping[str, object]

# Set by this project: where things go, in which order cases come, and that nothing is cut off.
OURS = ("output_dir", "seed", "max_length", "shuffle_dataset", "train_sampling_strategy")
# What would let pictures or answers leave the machine.
LEAKS = ("push_to_hub", "hub_", "log_multimodal", "log_completions_hub_repo", "trackio_", "vllm_server_")
TRACKERS = ("none", "tensorboard", "trackio")  # they write into a folder of this machine


@dataclass(frozen=True, slots=True)
class CaseSettings:
    """Which cases.

    `policies` are the ids to train on (empty: all of the benchmark, or the five); `made_up` policies are
    drawn beside them and are the anchors of `made_up_share` of the groups. The policies that
    `evaluate --held-out N --seed S` asks under, N up to `unseen` and S one of `unseen_seeds`, are never met.
    Of a benchmark, the pictures of `split` are taken, made no larger than `max_pixels` (0: as they are).
    Without one, `scenes` scenes from the seed `first_scene` on are drawn, `size` pixels a side.
    """

    count: int
    policies: tuple[str, ...] = ()
    made_up: int = 0
    made_up_share: float = 0.5
    unseen: int = 200
    unseen_seeds: tuple[int, ...] = (0, 1, 2)
    split: str = "train"
    max_pixels: int = 0
    scenes: int = 0
    first_scene: int = 0
    size: int = 256


@dataclass(frozen=True, slots=True)
class StageSettings:
    """TRL's settings of one stage, and PEFT's; without `lora` all weights are trained."""

    trl: Settings
    lora: Settings | None = None


@dataclass(frozen=True, slots=True)
class Tuning:
    """`start` is a folder, a hub id or safeguard-vl-tiny; `target` is what SFT teaches to write.

    `threads` of the CPU, 0 for torch's own choice.
    """

    name: str
    start: str
    cases: CaseSettings
    sft: StageSettings
    grpo: StageSettings
    seed: int = 0
    profile: str = "plain"
    target: Target = "verdicts"
    reward: RewardName = "strict"
    threads: int = 0

    def __post_init__(self) -> None:
        _one_of("target", self.target, get_args(Target))
        _one_of("reward", self.reward, get_args(RewardName))
        for stage in (self.sft, self.grpo):
            _check(stage.trl)


def read_tuning(name: str) -> Tuning:
    """A recipe that ships, by its name, or one of the user's, by the path of its TOML file.

    Raises ValueError naming the file, the setting and the remedy.
    """
    path = Path(name) if name.endswith(".toml") else TUNING / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in TUNING.glob("*.toml")))
        raise ValueError(f"there is no recipe {name!r}; known are {known}, or a path that ends in .toml")
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        cases = CaseSettings(**_tuples(told.pop("cases", {})))
        sft, grpo = (_stage(told.pop(stage, {})) for stage in ("sft", "grpo"))
        return Tuning(name=path.stem, cases=cases, sft=sft, grpo=grpo, **told)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path.name}: {error}; compare with recipes/tuning/tiny.toml") from error


def _stage(told: dict[str, Any]) -> StageSettings:
    return StageSettings({key: value for key, value in told.items() if key != "lora"}, told.get("lora"))


def _tuples(told: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in told.items()}


def _check(settings: Settings) -> None:
    for key, value in settings.items():
        if key.startswith(LEAKS) and value:
            raise ValueError(f"{key} would send pictures or answers away; leave it out")
        if key in OURS:
            raise ValueError(f"{key} is set by this project; leave it out")
    trackers = settings.get("report_to", "none")
    for tracker in trackers if isinstance(trackers, list) else [trackers]:
        _one_of("report_to", tracker, TRACKERS)


def _one_of(name: str, value: object, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ValueError(f"{name} is {value!r}; known are {', '.join(known)}")
