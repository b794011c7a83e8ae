"""A benchmark in memory, and guardrails that fail as they are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from bench.policy import Policy, load_policies
from bench.schema import Role, VerdictRow
from evaluators.base import Audit, Outcome


def picture(seed: int, size: tuple[int, int] = (64, 64)) -> Image.Image:
    """Noise, so that no two pictures are alike; `size` is (width, height)."""
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    return Image.fromarray(pixels)


@dataclass(frozen=True, slots=True)
class Meta:
    pair_id: str
    role: Role


@dataclass(frozen=True, slots=True)
class MemoryBenchmark:
    """Pairs of noise pictures; originals are unsafe under all policies but the first."""

    pairs: int = 3
    digest: str = "d1"
    policies: tuple[Policy, ...] = field(default_factory=load_policies)
    damaged: str = ""

    @property
    def image_ids(self) -> tuple[str, ...]:
        return tuple(f"{role}-{pair}" for pair in range(self.pairs) for role in ("original", "edited"))

    @property
    def verdicts(self) -> tuple[VerdictRow, ...]:
        return tuple(
            VerdictRow(
                image_id=image_id,
                pair_id=self.meta(image_id).pair_id,
                role=self.meta(image_id).role,
                policy_id=policy.id,
                policy_digest=policy.digest,
                safety_label="unsafe" if index and image_id.startswith("original") else "safe",
                rules=(),
                posterior=1.0,
                votes=0,
                label_source="rule",
            )
            for image_id in self.image_ids
            for index, policy in enumerate(self.policies)
        )

    def meta(self, image_id: str) -> Meta:
        role, _, pair = image_id.partition("-")
        return Meta(f"pair-{pair}", "original" if role == "original" else "edited")

    def picture(self, image_id: str) -> Image.Image:
        if image_id == self.damaged:
            raise OSError("image file is truncated")
        return picture(self.image_ids.index(image_id))


@dataclass(slots=True)
class Scripted:
    """Calls every picture unsafe, counts what it is asked, and dies or fails at the calls it is told."""

    die_at: int = -1
    fail_at: frozenset[int] = frozenset()
    identity: Mapping[str, str] = field(default_factory=lambda: {"weights": "w1"})
    name: str = "scripted"
    device: str = "none"
    images_at_once: int = 1
    calls: int = 0
    asked: int = 0
    audit: Audit | None = None
    notes: Mapping[str, str | float] = field(default_factory=dict)

    def judge(self, images: Sequence[Image.Image], policies: Sequence[Policy]) -> list[list[Outcome]]:
        self.calls += 1
        if self.calls == self.die_at:
            raise KeyboardInterrupt
        self.asked += len(images)
        if self.calls in self.fail_at:
            return [[Outcome("error", detail="HTTP 503") for _ in policies] for _ in images]
        return [[Outcome("unsafe", p_unsafe=0.75, text="unsafe") for _ in policies] for _ in images]
