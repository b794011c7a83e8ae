"""Two orders that a rater meets: of the pictures in the queue, and of the policies on the page.

Both follow from hashes alone, so that a second push gives the same ones and no role can be read from
the page. A pair's edited picture and control come before its original: who has seen the violation first
would look for its traces. They come within `SPAN` pictures of each other, so that roles are mixed all
along the queue but for its two ends: the first pictures are mostly edited, the last mostly original.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise

APART = 5  # pictures of other pairs between two of the same pair, where there are enough
SPAN = 100  # pictures between the first and the last of a pair, at most
TRIES = 20


@dataclass(frozen=True, slots=True)
class Picture:
    """One image to label. `edited` is true of an edited picture and of a control; it never leaves."""

    image_id: str
    pair_id: str
    edited: bool


def queue_order(pictures: Sequence[Picture]) -> list[Picture]:
    """Pictures in the order of the tasks: shuffled, edited before original, no two of a pair side by side.

    Two of a pair are neighbours only where no order of so few pictures avoids it.
    """
    unique = list({picture.image_id: picture for picture in pictures}.values())
    queue: list[Picture] = []
    for seed in range(TRIES):
        queue = _spread(_shuffled(unique, seed))
        if all(one.pair_id != two.pair_id for one, two in pairwise(queue)):
            break
    return queue


def policy_order(image_id: str, policies: Sequence[str]) -> tuple[str, ...]:
    """The policies' ids in the order in which they are shown beside this image."""
    return tuple(sorted(policies, key=lambda policy: _hash(image_id, policy)))


def order_mark(image_id: str, policies: Sequence[str]) -> str:
    """That order as a task holds it, `p1-L3 p2-L1 ...`: the class names by which the page's style sorts."""
    return " ".join(f"p{place}-{policy}" for place, policy in enumerate(policy_order(image_id, policies), 1))


def _shuffled(pictures: Sequence[Picture], seed: int) -> list[Picture]:
    """Each pair starts anywhere, its pictures stand anywhere in the span after that, its original last."""
    pairs: dict[str, list[Picture]] = {}
    for picture in pictures:
        pairs.setdefault(picture.pair_id, []).append(picture)
    span = min(SPAN, len(pictures) / 2)
    placed: list[tuple[float, str, Picture]] = []
    for pair_id, members in pairs.items():
        start = _draw(str(seed), pair_id) * len(pictures)
        members.sort(key=lambda picture: (not picture.edited, _hash(str(seed), picture.image_id)))
        places = sorted(start + span * _draw(str(seed), "place", one.image_id) for one in members)
        placed += [(place, one.image_id, one) for place, one in zip(places, members, strict=True)]
    return [picture for _, _, picture in sorted(placed, key=lambda item: item[:2])]


def _spread(queue: list[Picture]) -> list[Picture]:
    """The same queue with each picture held back until its pair's last one is `APART` pictures away."""
    rest, spread = list(queue), list[Picture]()
    recent: deque[str] = deque(maxlen=APART)  # pairs of the last pictures, the latest first
    while rest:
        free = (index for index, picture in enumerate(rest) if picture.pair_id not in recent)
        index = next(free, None)
        if index is None:  # only pairs just seen are left: take the one seen longest ago
            index = max(range(len(rest)), key=lambda i: recent.index(rest[i].pair_id))
        spread.append(rest.pop(index))
        recent.appendleft(spread[-1].pair_id)
    return spread


def _hash(*words: str) -> str:
    return sha256("\0".join(words).encode()).hexdigest()


def _draw(*words: str) -> float:
    """A number in [0, 1) that follows from the words."""
    return int(_hash(*words)[:13], 16) / 16**13
