"""Ask some rows of a finished run again and see whether the same comes back."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.evaluation_set import EvaluationSet
from bench.results import ResultRow
from evaluators.base import Guardrail, Outcome
from evaluators.questions import plan
from evaluators.run import differing, load_run
from evaluators.runner import run_key


@dataclass(frozen=True, slots=True)
class Replayed:
    """`changed` holds the rows that got another status, with what came now; differences are in nats."""

    rows: int
    changed: tuple[tuple[ResultRow, Outcome], ...]
    largest_difference: float

    @property
    def turned(self) -> tuple[tuple[ResultRow, Outcome], ...]:
        """The changed rows that were not fragile: noise alone does not explain them."""
        return tuple((row, now) for row, now in self.changed if not row.fragile)


def replay(guardrail: Guardrail, source: EvaluationSet, out: Path, *, rows: int, seed: int = 0) -> Replayed:
    """Ask `rows` random rows of the run in `out` again, each beside the image's other policies as it was.

    Raises ValueError where the run is not finished, or the guardrail or the policies are not the run's.
    """
    result = load_run(out)
    asked = plan(source, result.info.choice)
    if told := differing(result.info.key, run_key(guardrail, source, asked)):
        raise ValueError(
            f"{out} is a run of something else ({told}); give the model and options it was made by"
        )
    drawn = random.Random(seed).sample(result.rows, min(rows, len(result.rows)))
    questions = {question.image_id: question for question in asked.questions}
    now: dict[tuple[str, str], Outcome] = {}
    for image_id in dict.fromkeys(row.image_id for row in drawn):
        question = questions[image_id]
        policies = question.policies
        outcomes = guardrail.judge([question.picture(source)], policies)[0]
        now |= {(image_id, p.id): outcome for p, outcome in zip(policies, outcomes, strict=True)}
    return _compared([(row, now[row.image_id, row.policy_id]) for row in drawn])


def _compared(pairs: Sequence[tuple[ResultRow, Outcome]]) -> Replayed:
    differences = [
        abs(row.margin - now.margin)
        for row, now in pairs
        if row.margin is not None and now.margin is not None
    ]
    changed = tuple((row, now) for row, now in pairs if row.status != now.status)
    return Replayed(len(pairs), changed, max(differences, default=0.0))
