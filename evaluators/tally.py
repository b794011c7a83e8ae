"""What a local model computed, beside what asking every case by itself would have cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from evaluators.base import Outcome


@dataclass(slots=True)
class Tally:
    """Counts since the model was loaded. `prefix_tokens` were computed once for all prompts of a picture,
    `suffix_tokens` for one prompt; `naive_tokens` is what all prompts together are long."""

    images: int = 0
    vision_encodes: int = 0
    prefix_tokens: int = 0
    suffix_tokens: int = 0
    naive_tokens: int = 0
    written_tokens: int = 0

    @property
    def reuse_ratio(self) -> float:
        """The share of the prompts' tokens that did not have to be computed, below 1; 0 before any use."""
        computed = self.prefix_tokens + self.suffix_tokens
        return 1 - computed / self.naive_tokens if self.naive_tokens else 0.0

    def count(self, images: int, outcomes: Sequence[Outcome]) -> None:
        """Add what these outcomes of so many images are long."""
        self.images += images
        self.naive_tokens += sum(outcome.tokens_in for outcome in outcomes)
        self.written_tokens += sum(outcome.tokens_out for outcome in outcomes)

    def notes(self) -> dict[str, str | float]:
        """The counts by name, for a run's record."""
        return {**asdict(self), "reuse_ratio": round(self.reuse_ratio, 4)}
