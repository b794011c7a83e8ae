"""Ask a submitted model some of its rows again."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.archive import unpack
from bench.evaluation_set import AskedPolicy, EvaluationSet
from evaluators.base import Audit, Guardrail, Outcome
from evaluators.masking import Mask
from evaluators.replay import Replayed, replay
from evaluators.submission import FILES

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True, slots=True)
class Masked:
    """The guardrail under the identity it has in a submission, where addresses and paths are left out."""

    inner: Guardrail

    @property
    def name(self) -> str:
        return self._mask.text(self.inner.name)

    @property
    def device(self) -> str:
        return self._mask.text(self.inner.device)

    @property
    def images_at_once(self) -> int:
        return self.inner.images_at_once

    @property
    def identity(self) -> Mapping[str, str]:
        return {name: self._mask.text(value) for name, value in self.inner.identity.items()}

    @property
    def audit(self) -> Audit | None:
        return self.inner.audit

    @property
    def notes(self) -> Mapping[str, str | float]:
        return self.inner.notes

    @property
    def _mask(self) -> Mask:
        return Mask.of([self.inner.name, *self.inner.identity.values()])

    def judge(self, images: Sequence[Image.Image], policies: Sequence[AskedPolicy]) -> list[list[Outcome]]:
        return self.inner.judge(images, policies)


def replay_submission(
    guardrail: Guardrail, source: EvaluationSet, bundle: Path, *, rows: int, seed: int = 0
) -> Replayed:
    """`replay` of a submission; the model may be served at another address than it was.

    Raises ValueError as `replay` and `unpack` do.
    """
    with tempfile.TemporaryDirectory() as scratch:
        unpack(bundle, Path(scratch), FILES)
        return replay(Masked(guardrail), source, Path(scratch), rows=rows, seed=seed)
