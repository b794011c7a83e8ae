"""One process at work for a run: it asks, writes what comes back, and tells how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from bench.evaluation_set import EvaluationSet
from evaluators.audit import ask_alone
from evaluators.base import Audit, Guardrail, failure
from evaluators.journal import Answered, Journal, Part, Record, read_journals
from evaluators.questions import Question
from evaluators.rows import answers
from evaluators.run import ALONE
from evaluators.shards import Shard

Progress = Callable[[str, int, int], None]  # what is done ("asked", "audited"), how much of it, of how much
Observe = Callable[[Answered], None]  # told of every image right after it was asked

GIVE_UP_AFTER = 5  # images in a row of which no case could be asked


class GaveUpError(RuntimeError):
    """The guardrail fails on everything; what was answered before is kept."""


class Asking:
    """Asks questions of one shard; `journal` is the shard's own, open."""

    def __init__(
        self,
        guardrail: Guardrail,
        source: EvaluationSet,
        journal: Journal,
        shard: Shard,
        progress: Progress | None = None,
        observe: Observe | None = None,
    ) -> None:
        self._guardrail, self._source, self._journal, self._shard = guardrail, source, journal, shard
        self._progress = progress or (lambda what, done, total: None)
        self._observe = observe or (lambda answered: None)
        self._asked = self._in_vain = 0

    def ask(self, questions: Sequence[Question], record: Record) -> None:
        """Ask what the record does not answer, and leave a line about this part of the run.

        Raises GaveUpError after GIVE_UP_AFTER images in a row of which nothing could be asked.
        """
        todo = [q for q in questions if (found := answers(q, record.answered)) is None or found.failed]
        before = len(questions) - len(todo)
        self._progress("asked", before, len(questions))
        try:
            for batch in _batches(todo, self._guardrail.images_at_once):
                for answered in self._batch(batch):
                    self._keep(answered)
                self._progress("asked", before + self._asked, len(questions))
        finally:
            if self._asked:
                notes = dict(self._guardrail.notes)
                self._journal.append(Part(str(self._shard), self._asked, self._guardrail.device, notes))

    def audit(self, questions: Sequence[Question], out: Path) -> None:
        """Ask the questions again alone, where work is shared, except those that were audited before."""
        how = self._guardrail.audit
        if how is None or not questions:
            return
        with Journal(out / self._shard.file(ALONE)) as journal:
            known = read_journals(out, ALONE).answered
            for done, question in enumerate(questions, start=1):
                before = answers(question, known)
                if before is None or before.failed:
                    journal.append(self._alone(how, question))
                self._progress("audited", done, len(questions))

    def _batch(self, questions: Sequence[Question]) -> list[Answered]:
        """The outcomes of a few images under the same policies. One that cannot be opened fails alone."""
        start = time.perf_counter()
        policies = questions[0].policies
        images, unopened = [], {}
        for question in questions:
            try:
                images.append(question.picture(self._source))
            except Exception as error:  # whatever a damaged file makes the decoder raise
                unopened[question.image_id] = [failure(error)] * len(policies)
        judged = iter(self._guardrail.judge(images, policies) if images else [])
        outcomes = [unopened[q.image_id] if q.image_id in unopened else next(judged) for q in questions]
        seconds = (time.perf_counter() - start) / len(questions)
        ids = tuple(policy.id for policy in policies)
        return [
            Answered(question.image_id, ids, tuple(row), seconds)
            for question, row in zip(questions, outcomes, strict=True)
        ]

    def _keep(self, answered: Answered) -> None:
        self._journal.append(answered)
        self._observe(answered)
        self._asked += 1
        in_vain = all(outcome.status == "error" for outcome in answered.outcomes)
        self._in_vain = self._in_vain + 1 if in_vain else 0
        if self._in_vain == GIVE_UP_AFTER:
            raise GaveUpError(
                f"{self._guardrail.name} failed on {GIVE_UP_AFTER} images in a row: "
                f"{answered.outcomes[0].detail}. Mend that and evaluate again with the same --out; it goes "
                "on where it stopped"
            )

    def _alone(self, how: Audit, question: Question) -> Answered:
        try:
            image = question.picture(self._source)
        except Exception as error:  # the run has the same failure for this image
            ids = tuple(policy.id for policy in question.policies)
            return Answered(question.image_id, ids, (failure(error),) * len(ids), 0.0)
        return ask_alone(how, image, question)


def _batches(questions: Sequence[Question], size: int) -> Iterator[Sequence[Question]]:
    """Up to `size` neighbours that are asked under the same policies."""
    for _, group in groupby(questions, key=lambda question: question.policies):
        alike = list(group)
        for start in range(0, len(alike), size):
            yield alike[start : start + size]
