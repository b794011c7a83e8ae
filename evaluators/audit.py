"""A run checked on itself: a few of its images asked again, every case alone, and the margins compared.

Which images is settled by their ids, so it is the same whatever the order, the split or the batch size.
The answers are kept in journals of their own and are not asked for again when a run is continued.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.schema import LABELS
from evaluators.base import Audit, Outcome
from evaluators.journal import Answered
from evaluators.questions import Question

if TYPE_CHECKING:
    from PIL import Image

AUDITED = 3  # images of a run that are asked again, unless told otherwise


class AuditError(RuntimeError):
    """Sharing work changed answers by more than the guardrail's own noise. The run's rows are kept."""


@dataclass(frozen=True, slots=True)
class Audited:
    """What the audit found over `images` and `cases`; differences of margins are in nats.

    `flips` counts verdicts that turned; `beyond` the cases that are no noise: a margin further off than
    `tolerance`, or another answer where there is no margin to judge it by.
    """

    images: int
    cases: int
    largest_difference: float
    flips: int
    beyond: int
    tolerance: float


def chosen(questions: Sequence[Question], count: int) -> list[Question]:
    """The `count` questions whose image ids hash lowest."""
    ranked = sorted(questions, key=lambda q: hashlib.sha256(f"audit {q.image_id}".encode()).digest())
    return ranked[:count]


def ask_alone(audit: Audit, image: Image.Image, question: Question) -> Answered:
    """The question's cases one by one, nothing shared between them."""
    start = time.perf_counter()
    outcomes = tuple(audit.alone(image, policy) for policy in question.policies)
    ids = tuple(policy.id for policy in question.policies)
    return Answered(question.image_id, ids, outcomes, time.perf_counter() - start)


def compare(
    shared: Mapping[str, Answered], alone: Mapping[str, Answered], tolerance: float
) -> Audited | None:
    """Hold the answers of a run against those asked alone; None where nothing was audited.

    Cases that could not be asked (errors) on one of the sides say nothing and are left out.
    """
    audited = [image_id for image_id in alone if image_id in shared]
    pairs = [pair for image_id in audited for pair in _pairs(shared[image_id], alone[image_id])]
    if not pairs:
        return None
    differences = [_difference(*pair) for pair in pairs]
    flips = [_flipped(*pair) for pair in pairs]
    return Audited(
        images=len(audited),
        cases=len(pairs),
        largest_difference=max((d for d in differences if d is not None), default=0.0),
        flips=sum(flips),
        beyond=sum(
            one.status != other.status if difference is None else difference > tolerance
            for (one, other), difference in zip(pairs, differences, strict=True)
        ),
        tolerance=tolerance,
    )


def require(found: Audited | None, where: object) -> None:
    """Raises AuditError where the audit found more than noise; says what to do about it."""
    if found and found.beyond:
        raise AuditError(
            f"{found.beyond} of {found.cases} audited cases differ by more than noise when they are asked "
            f"alone (margins up to {found.largest_difference:.3g} nats off, {found.tolerance:g} allowed; "
            f"{found.flips} verdicts turned). The rows are kept in {where}, do not report them; evaluate "
            "again with --sharing none and another --out"
        )


def _pairs(shared: Answered, alone: Answered) -> Iterator[tuple[Outcome, Outcome]]:
    for one, other in zip(shared.outcomes, alone.outcomes, strict=True):
        if "error" not in (one.status, other.status):
            yield one, other


def _difference(one: Outcome, other: Outcome) -> float | None:
    if one.margin is None or other.margin is None:
        return None
    return abs(one.margin - other.margin)


def _flipped(one: Outcome, other: Outcome) -> bool:
    return one.status != other.status and one.status in LABELS and other.status in LABELS
