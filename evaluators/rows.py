"""From a run's answers to the rows of its table: a pure join with the questions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from bench.results import ResultRow
from evaluators.base import Outcome
from evaluators.journal import Answered
from evaluators.questions import Question
from evaluators.run import Tokens


def answers(question: Question, record: Mapping[str, Answered]) -> Answered | None:
    """What the record holds for the question; None where it was not asked, or not under these policies."""
    found = record.get(question.image_id)
    wanted = tuple(policy.id for policy in question.policies)
    return found if found and found.policies == wanted else None


def result_rows(
    questions: Iterable[Question], record: Mapping[str, Answered], noise: float
) -> tuple[ResultRow, ...]:
    """The rows in the order of the questions and their policies, however the answers came in.

    A verdict whose margin is smaller than `noise` nats is fragile. Every question must have been answered.
    """
    return tuple(row for question in questions for row in _rows(question, record[question.image_id], noise))


def _rows(question: Question, answered: Answered, noise: float) -> Iterator[ResultRow]:
    for policy, gold, outcome in zip(question.policies, question.gold, answered.outcomes, strict=True):
        yield ResultRow(
            image_id=question.image_id,
            pair_id=question.pair_id,
            role=question.role,
            policy_id=policy.id,
            gold=gold,
            status=outcome.status,
            p_unsafe=outcome.p_unsafe,
            margin=outcome.margin,
            label_mass=outcome.label_mass,
            text=_storable(outcome.text),
            detail=_storable(outcome.detail),
            written=outcome.written,
            fragile=outcome.margin is not None and abs(outcome.margin) < noise,
        )


def tokens(answered: Iterable[Answered]) -> Tokens:
    """The tokens of all their cases."""
    outcomes: list[Outcome] = [outcome for image in answered for outcome in image.outcomes]
    return Tokens(
        prompt=sum(outcome.tokens_in for outcome in outcomes),
        shared=sum(outcome.tokens_cached for outcome in outcomes),
        written=sum(outcome.tokens_out for outcome in outcomes),
    )


def _storable(text: str) -> str:
    """Half a surrogate pair, which a server may send, has no UTF-8; it becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")
