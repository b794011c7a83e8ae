"""What the harness needs of a set of labelled pictures, whoever published it.

`bench.dataset.Benchmark` is such a set, and so is `bench.published.base.PublishedSet`. Not every picture
need be asked under every policy, and one policy may be worded anew for each picture:

for image_id, policies in policies_by_image(data).items():
    outcomes = guardrail.judge([data.picture(image_id)], policies)
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bench.schema import Role, VerdictRow

if TYPE_CHECKING:
    from PIL import Image


class AskedPolicy(Protocol):
    """What a model is asked under. `id` names its column in every table, `digest` covers its text."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def digest(self) -> str: ...

    def text(self, wording: int = 0) -> str: ...


class ImageMeta(Protocol):
    """Which pair a picture belongs to and as what; a picture without a partner is a pair of its own."""

    @property
    def pair_id(self) -> str: ...

    @property
    def role(self) -> Role: ...


class EvaluationSet(Protocol):
    """Pictures, policies and labels.

    `policies` holds every text once; two of them may share an id when the id names a policy that is worded
    for each picture. A row of `verdicts` says that its picture is asked under the policy of its id and
    digest. `picture` gives RGB, or raises: that is then the error of this one picture. `digest` covers
    every byte that an answer can depend on.
    """

    @property
    def root(self) -> Path: ...

    @property
    def title(self) -> str: ...

    @property
    def digest(self) -> str: ...

    @property
    def policies(self) -> Sequence[AskedPolicy]: ...

    @property
    def image_ids(self) -> Sequence[str]: ...

    @property
    def verdicts(self) -> Sequence[VerdictRow]: ...

    def meta(self, image_id: str) -> ImageMeta: ...

    def picture(self, image_id: str) -> Image.Image: ...


@dataclass(frozen=True, slots=True)
class TextPolicy:
    """A policy that is a text and nothing else: it has one wording, no rules and no truth table."""

    id: str
    name: str
    words: str

    def text(self, wording: int = 0) -> str:
        """The text. ValueError for a paraphrase, which nobody published."""
        if wording:
            raise ValueError(f"policy {self.id} is a published text and has no wording {wording}; ask for 0")
        return self.words

    @property
    def digest(self) -> str:
        """sha256 of the text in UTF-8, as hex."""
        return hashlib.sha256(self.words.encode()).hexdigest()


def policies_by_image(data: EvaluationSet) -> dict[str, tuple[AskedPolicy, ...]]:
    """The policies each picture is asked under, in the set's order of pictures and of policies.

    A picture without a row in `verdicts` is asked nothing and has an empty tuple. ValueError where a row
    names a text that the set does not have.
    """
    order = {(policy.id, policy.digest): place for place, policy in enumerate(data.policies)}
    places: dict[str, list[int]] = {image_id: [] for image_id in data.image_ids}
    for row in data.verdicts:
        place = order.get((row.policy_id, row.policy_digest))
        if place is None:
            raise ValueError(
                f"{data.root}: image {row.image_id} is labelled under a text of policy {row.policy_id} "
                f"({row.policy_digest[:12]}) that the set does not hold; copy or build it again"
            )
        places[row.image_id].append(place)
    return {image_id: tuple(data.policies[place] for place in sorted(p)) for image_id, p in places.items()}


def policies_key(policies: Sequence[AskedPolicy]) -> str:
    """The policies of a run in one line, `L1:digest L2:digest`; the texts of one id share a digest."""
    texts: dict[str, list[str]] = {}
    for policy in policies:
        texts.setdefault(policy.id, []).append(policy.digest)
    return " ".join(f"{id}:{_joined(digests)}" for id, digests in texts.items())


def _joined(digests: Sequence[str]) -> str:
    return digests[0] if len(digests) == 1 else hashlib.sha256(" ".join(digests).encode()).hexdigest()
