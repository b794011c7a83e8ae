"""The guardrail that always says the same: what any score has to beat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.schema import Label
from evaluators.base import Audit, Outcome

if TYPE_CHECKING:
    from PIL import Image

    from bench.evaluation_set import AskedPolicy


@dataclass(frozen=True, slots=True)
class Constant:
    """Answers `label` to everything."""

    label: Label
    device: str = "none"
    images_at_once: int = 1

    @property
    def name(self) -> str:
        return f"constant:{self.label}"

    @property
    def identity(self) -> Mapping[str, str]:
        return {"model": self.name}

    @property
    def audit(self) -> Audit | None:
        return None

    @property
    def notes(self) -> Mapping[str, str | float]:
        return {}

    def judge(self, images: Sequence[Image.Image], policies: Sequence[AskedPolicy]) -> list[list[Outcome]]:
        return [[Outcome(self.label, text=self.label) for _ in policies] for _ in images]
