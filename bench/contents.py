"""What the pictures of a set show, in words, for a set of ours and for a published one alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bench.evaluation_set import EvaluationSet, ImageMeta
from bench.schema import Role

NOTHING = "no concept named"


class Told(ImageMeta, Protocol):
    """What is known of a picture: `concepts[i]` is shown in the contexts `contexts[i]`."""

    @property
    def concepts(self) -> Sequence[str]: ...

    @property
    def contexts(self) -> Sequence[Sequence[str]]: ...

    @property
    def synthetic(self) -> bool: ...


class Reported(EvaluationSet, Protocol):
    """A set that tells what its pictures show, as benchmarks of ours and published sets do."""

    def meta(self, image_id: str) -> Told: ...


@dataclass(frozen=True, slots=True)
class PairContents:
    """A pair: its pictures' ids by role, the concepts its original shows, and the same with their contexts.

    `concepts` is `(NOTHING,)` where the original shows none of the concepts that policies speak of.
    """

    images: Mapping[Role, str]
    concepts: tuple[str, ...]
    shows: str


def contents(data: Reported) -> dict[str, PairContents]:
    """Every pair of the set, by its id. A pair without an original is told by its first picture."""
    members: dict[str, dict[Role, str]] = {}
    for image_id in data.image_ids:
        meta = data.meta(image_id)
        members.setdefault(meta.pair_id, {})[meta.role] = image_id
    return {pair_id: _pair(images, data) for pair_id, images in members.items()}


def _pair(images: Mapping[Role, str], data: Reported) -> PairContents:
    meta = data.meta(images.get("original", next(iter(images.values()))))
    names = tuple(dict.fromkeys(map(_words, meta.concepts)))
    return PairContents(images, names or (NOTHING,), _shows(meta) or NOTHING)


def _shows(meta: Told) -> str:
    """`blade (kitchen), dice`."""
    return ", ".join(map(_in_context, meta.concepts, meta.contexts))


def _in_context(concept: str, contexts: Sequence[str]) -> str:
    where = f" ({', '.join(contexts)})" if contexts else ""
    return _words(f"{concept}{where}")


def _words(name: str) -> str:
    return name.replace("_", " ")
