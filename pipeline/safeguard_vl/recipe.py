"""A training recipe: everything that decides the weights, read from a TOML file."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Literal, get_args

from pipeline.safeguard_vl.model import Shape

StageName = Literal["read", "see", "join"]


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of training: `steps` of `pictures` pictures, each asked under `policies` policies and
    `general` questions that are no policy; with `crop`, of squares of that many cells cut from the pictures
    (a stage that asks nothing). `moved` is the share of pictures that show an object of another scene instead
    of their own, `art` the share with a piece of published art; neither tells a context, so stages that ask
    must do without."""

    name: StageName
    steps: int
    pictures: int
    policies: int
    rate: float
    crop: int = 0
    general: int = 0
    art: float = 0.0
    moved: float = 0.0

    def __post_init__(self) -> None:
        if self.name not in get_args(StageName):
            raise ValueError(f"stage {self.name!r} is unknown; use one of {', '.join(get_args(StageName))}")
        if (self.art or self.moved) and (self.name != "see" or self.policies):
            raise ValueError(
                f"stage {self.name!r} cannot have art or moved; they need a see stage of policies = 0"
            )


@dataclass(frozen=True, slots=True)
class Recipe:
    """`questions` made-up policies to train on beside the five, `spelling` of them (and as often the five) to
    train the tokenizer on, `scenes` pictures drawn from `first_scene` on, a checkpoint every
    `checkpoint_seconds`, a line of the curve every `log_every` steps."""

    seed: int
    questions: int
    spelling: int
    scenes: int
    first_scene: int
    stages: tuple[Stage, ...]
    shape: Shape = field(default_factory=Shape)
    checkpoint_seconds: float = 120.0
    log_every: int = 25

    @property
    def steps(self) -> int:
        """Steps of all stages together."""
        return sum(stage.steps for stage in self.stages)

    def digest(self, step: int) -> str:
        """sha256, as hex, of all that decides the weights after `step` steps: later stages do not."""
        begun = [i for i in range(len(self.stages)) if i == 0 or step > sum(s.steps for s in self.stages[:i])]
        decisive = replace(self, stages=self.stages[: len(begun)], checkpoint_seconds=0.0, log_every=0)
        return hashlib.sha256(json.dumps(asdict(decisive), sort_keys=True).encode()).hexdigest()

    def at(self, step: int) -> tuple[Stage, int]:
        """The stage of a step, and the step's number within it."""
        for stage in self.stages:
            if step < stage.steps:
                return stage, step
            step -= stage.steps
        raise IndexError(f"step {step} lies beyond the {self.steps} steps of the recipe")

    def meets(self, step: int) -> bool:
        """Whether seeing and reading meet at this step: a stage of both, after one of either alone."""
        before = step == 0 or self.at(step - 1)[0].name != "join"
        return self.at(step)[0].name == "join" and before


def read_recipe(path: Path) -> Recipe:
    """Read a recipe. Raises ValueError naming the file for an unknown or missing key."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    stages = tuple(content.pop("stage", ()))
    try:
        shape = Shape(**content.pop("shape", {}))
        return Recipe(**content, shape=shape, stages=tuple(Stage(**stage) for stage in stages))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path.name}: {error}; compare with recipes/tiny.toml") from error
