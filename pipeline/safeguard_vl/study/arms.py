"""The arms of the study: a way of tuning, the policies it is tuned on, a seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from pipeline.safeguard_vl.tune import Stage
from pipeline.safeguard_vl.tuning import Tuning

Method = Literal["captions", "labels", "grpo", "labels+grpo", "captions+grpo"]
METHODS: tuple[Method, ...] = get_args(Method)


@dataclass(frozen=True, slots=True)
class Arm:
    """SFT on captions or on labels, GRPO, or GRPO after one of them. `policies` () for captions, in which no
    policy has a part."""

    method: Method
    policies: tuple[str, ...]
    seed: int

    @property
    def name(self) -> str:
        """Of its folder: `grpo-L3-seed0`."""
        return "-".join(filter(None, [self.method, "".join(self.policies), f"seed{self.seed}"]))

    @property
    def stage(self) -> Stage:
        """Its own stage, the last one."""
        return "grpo" if self.method.endswith("grpo") else "sft"

    @property
    def before(self) -> Arm | None:
        """The arm whose model this one goes on from; None: the base."""
        if self.method == "labels+grpo":
            return replace(self, method="labels")
        return Arm("captions", (), self.seed) if self.method == "captions+grpo" else None

    def tuning(self, recipe: Tuning) -> Tuning:
        """The recipe for this arm's stage. No made-up policy is met: what is held out is new throughout."""
        cases = replace(recipe.cases, policies=self.policies, made_up=0)
        seed = recipe.seed + self.seed
        return replace(
            recipe, cases=cases, seed=seed, target="captions" if self.method == "captions" else "verdicts"
        )


def arms(policies: Sequence[str], seeds: int) -> Iterator[Arm]:
    """Every arm, seed by seed, each after the one it goes on from: a study cut short has whole seeds."""
    for seed in range(seeds):
        yield Arm("captions", (), seed)
        for method in METHODS[1:]:
            yield Arm(method, tuple(policies), seed)
        for method in ("labels", "grpo", "labels+grpo"):
            yield from (Arm(method, (policy,), seed) for policy in policies)
