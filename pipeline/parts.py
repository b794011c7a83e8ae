"""Which pictures of a benchmark go into which voting project: all into one, or one a set of topics.

Label Studio's community edition assigns no tasks, so a rater who does not want to see a topic can only be
kept from it by a project they do not open.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from annotation.order import Picture
from bench.concepts import vocabulary
from bench.dataset import Benchmark

HARMLESS = "everyday"


@dataclass(frozen=True, slots=True)
class Part:
    """The pictures of one project and the topics they show; no group and no topics for all of them."""

    group: str
    topics: tuple[str, ...]
    pictures: tuple[Picture, ...]


def parts_of(bench: Benchmark, *, by_topic: bool) -> tuple[Part, ...]:
    """The projects of a benchmark.

    A pair stays together, under the topics of all its pictures, so that the project tells nothing of a
    picture's role. A group is named by a hash of its topics: the maintainer tells a rater which to leave
    out, and to the others the name says nothing.
    """
    pictures = [picture_of(bench, image_id) for image_id in bench.image_ids]
    if not by_topic:
        return (Part("", (), tuple(pictures)),)
    topics = _topics(bench)
    groups: dict[tuple[str, ...], list[Picture]] = {}
    for picture in pictures:
        groups.setdefault(topics[picture.pair_id], []).append(picture)
    return tuple(Part(_name(names), names, tuple(groups[names])) for names in sorted(groups))


def picture_of(bench: Benchmark, image_id: str) -> Picture:
    meta = bench.meta(image_id)
    return Picture(image_id, meta.pair_id, edited=meta.role != "original")


def _topics(bench: Benchmark) -> dict[str, tuple[str, ...]]:
    """The topics of each pair, sorted."""
    known = vocabulary().concepts
    topics: dict[str, set[str]] = {}
    for image_id in bench.image_ids:
        meta = bench.meta(image_id)
        groups = {known[concept].group for concept in meta.concepts if concept in known}
        topics.setdefault(meta.pair_id, set()).update(groups - {HARMLESS})
    return {pair_id: tuple(sorted(names)) for pair_id, names in topics.items()}


def _name(topics: tuple[str, ...]) -> str:
    return sha256(",".join(topics).encode()).hexdigest()[:4]
