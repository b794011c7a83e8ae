"""What the playground asks and answers, without a server: one picture under some policies."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from bench.dataset import Benchmark
from bench.evaluation_set import AskedPolicy, TextPolicy
from bench.explain import Reason, explain
from bench.policy import Policy, Sighting
from bench.schema import Label
from evaluators.base import Guardrail

if TYPE_CHECKING:
    from PIL import Image

PICTURES = 60  # of a benchmark that are offered


@dataclass(frozen=True, slots=True)
class Wanted:
    """A policy as it stands in the page; `text` may have been edited."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the guardrail says under one policy, and what the policy's own rules say where that is known.

    `label` is the benchmark's. `ruling` and `reasons` are given for drawn scenes under an unedited policy,
    for there it is known what is shown; else `ruling` is None.
    """

    policy: str
    edited: bool
    status: str
    p_unsafe: float | None
    label_mass: float | None
    text: str
    detail: str
    label: Label | None = None
    ruling: Label | None = None
    reasons: tuple[Reason, ...] = ()


@dataclass(slots=True)
class Playground:
    """A guardrail, policies, and the benchmark whose pictures are offered, if any.

    One question is asked at a time, whoever asks: a model on one device answers no faster in parallel.
    """

    guardrail: Guardrail
    policies: tuple[Policy, ...]
    benchmark: Benchmark | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def image_ids(self) -> tuple[str, ...]:
        """The pictures that are offered: those of the first pairs."""
        return self.benchmark.image_ids[:PICTURES] if self.benchmark else ()

    def ask(self, image: Image.Image, wanted: Sequence[Wanted], image_id: str = "") -> tuple[Verdict, ...]:
        """Ask the guardrail; `image_id` names the picture where it is of the benchmark.

        Raises ValueError where no policy has a text, or one is not known.
        """
        asked = [(self._policy(one), one) for one in wanted if one.text.strip()]
        if not asked:
            raise ValueError("no policy has a text to ask under")
        with self._turn:
            (outcomes,) = self.guardrail.judge([image], [policy for policy, _ in asked])
        labels = self._labels(image_id)
        return tuple(
            Verdict(
                one.id, isinstance(policy, TextPolicy), o.status, o.p_unsafe, o.label_mass, o.text, o.detail,
                labels.get((policy.id, policy.digest)), *self._ruling(policy, image_id),
            )
            for (policy, one), o in zip(asked, outcomes, strict=True)
        )  # fmt: skip

    def _policy(self, wanted: Wanted) -> AskedPolicy:
        """The policy itself where its text is as it was, else the text alone."""
        known = next((policy for policy in self.policies if policy.id == wanted.id), None)
        if known and known.text().strip() == wanted.text.replace("\r\n", "\n").strip():
            return known
        return TextPolicy(wanted.id, wanted.id, wanted.text)

    def _labels(self, image_id: str) -> dict[tuple[str, str], Label | None]:
        """The benchmark's labels of the picture by policy id and digest."""
        rows = self.benchmark.verdicts if self.benchmark and image_id else ()
        return {(r.policy_id, r.policy_digest): r.safety_label for r in rows if r.image_id == image_id}

    def _ruling(self, policy: AskedPolicy, image_id: str) -> tuple[Label | None, tuple[Reason, ...]]:
        if self.benchmark is None or not image_id or not isinstance(policy, Policy):
            return None, ()
        meta = self.benchmark.meta(image_id)
        if not meta.synthetic:
            return None, ()
        seen = [
            Sighting(c, frozenset(places)) for c, places in zip(meta.concepts, meta.contexts, strict=True)
        ]
        return policy.judge(seen).label, explain(policy, seen)


def as_json(verdict: Verdict) -> dict[str, object]:
    """The verdict as the page reads it."""
    return asdict(verdict)
