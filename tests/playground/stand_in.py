"""A guardrail that says what it was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PIL import Image

from bench.evaluation_set import AskedPolicy
from evaluators.base import Outcome
from tests.evaluators.stand_in import Scripted


@dataclass(slots=True)
class ByWord(Scripted):
    """Calls a picture unsafe under a policy whose text says `weapons`; remembers pictures and texts."""

    seen: list[tuple[int, int]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def judge(self, images: Sequence[Image.Image], policies: Sequence[AskedPolicy]) -> list[list[Outcome]]:  # type: ignore[override]
        self.seen += [image.size for image in images]
        self.texts += [policy.text() for policy in policies]
        return [[_outcome("weapons" in policy.text()) for policy in policies] for _ in images]


def _outcome(unsafe: bool) -> Outcome:
    return Outcome("unsafe" if unsafe else "safe", 0.875 if unsafe else 0.125, label_mass=1.0)
