"""Ask a guardrail about a set, losing nothing.

Kill a run anywhere and call `evaluate` again with the same folder: what is in its journals is not asked a
second time, except images with a failed case. The table is the same bytes however the run was split into
shards, batched, ordered or interrupted. A folder made under another key is refused: another guardrail,
other weights or decoding, other policies. A benchmark may grow: answers belong to the pictures' bytes.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from bench.dataset import Benchmark
from bench.evaluation_set import EvaluationSet, policies_key
from bench.results import ResultRow
from evaluators import audit
from evaluators.base import Audit, Guardrail, failure
from evaluators.journal import Answered, Journal, Part, Record, read_journals
from evaluators.questions import Choice, Plan, Question, plan
from evaluators.rows import answers, result_rows, tokens
from evaluators.run import ALONE, ROWS, RunInfo, RunResult, claim, discard, reopen, save_run, versions
from evaluators.shards import WHOLE, Shard

Progress = Callable[[str, int, int], None]  # what is done ("asked", "audited"), how much of it, of how much
Observe = Callable[[Answered], None]  # told of every image right after it was asked

GIVE_UP_AFTER = 5  # images in a row of which no case could be asked


class GaveUpError(RuntimeError):
    """The guardrail fails on everything; what was answered before is kept."""


def evaluate(
    guardrail: Guardrail,
    source: EvaluationSet,
    out: Path,
    *,
    choice: Choice | None = None,
    audited: int = audit.AUDITED,
    fresh: bool = False,
    progress: Progress | None = None,
) -> RunResult:
    """Ask everything that is chosen and write the run's folder `out`; continues a run that is there.

    `audited` images are asked again alone where the guardrail shares work. `fresh` discards what `out` holds.
    Raises ValueError where `out` belongs to another run, GaveUpError where nothing can be asked, AuditError
    where sharing changed the answers (the run is written before).
    """
    asked = plan(source, choice)
    if fresh:
        discard(out)
    ask(guardrail, source, out, asked, audited=audited, progress=progress)
    return finish(guardrail, source, out, asked)


def ask(
    guardrail: Guardrail,
    source: EvaluationSet,
    out: Path,
    asked: Plan,
    *,
    shard: Shard = WHOLE,
    audited: int = audit.AUDITED,
    progress: Progress | None = None,
    observe: Observe | None = None,
) -> int:
    """Ask a shard's questions that no journal in `out` answers.

    Returns how many images of all shards are left; with none, `finish` writes the table. Raises as
    `evaluate` does.
    """
    out.mkdir(parents=True, exist_ok=True)
    with Journal(out / shard.file(ROWS)) as journal:
        record = read_journals(out, ROWS)
        claim(out, run_key(guardrail, source, asked), started=bool(record.answered))
        reopen(out)
        asking = _Asking(guardrail, source, journal, shard, progress, observe)
        asking.ask(shard.of(asked.questions), record)
        _audit(asking, out, shard.of(audit.chosen(asked.questions, audited)))
    return len(_unanswered(asked, read_journals(out, ROWS)))


def finish(guardrail: Guardrail, source: EvaluationSet, out: Path, asked: Plan) -> RunResult:
    """Write the table and the record of a run whose questions are all answered.

    Raises ValueError where some are not, AuditError where the audit found more than noise.
    """
    record = read_journals(out, ROWS)
    if left := _unanswered(asked, record):
        raise ValueError(
            f"{len(left)} images of the run in {out} are not answered; evaluate the other shards"
        )
    noise = guardrail.audit.tolerance if guardrail.audit else 0.0
    found = audit.compare(_of(asked, record), _of(asked, read_journals(out, ALONE)), noise)
    rows = result_rows(asked.questions, record.answered, noise)
    info = _info(guardrail, source, asked, record, rows, found)
    result = save_run(out, info, rows)
    audit.require(found, out)
    return result


def run_key(guardrail: Guardrail, source: EvaluationSet, asked: Plan) -> dict[str, str]:
    """Everything that a run's answers depend on, by name, but what the image ids say.

    A benchmark's ids are digests of its pictures, so it may be extended and its labels may change. Another
    set names its pictures as it likes, and there its digest is part of the key.
    """
    pictures = {} if isinstance(source, Benchmark) else {"benchmark": source.digest}
    return {
        **pictures,
        "policies": policies_key(asked.policies),
        **{f"guardrail.{name}": value for name, value in guardrail.identity.items()},
    }


def _unanswered(asked: Plan, record: Record) -> list[Question]:
    return [question for question in asked.questions if answers(question, record.answered) is None]


def _of(asked: Plan, record: Record) -> dict[str, Answered]:
    """What the record holds of the plan's questions."""
    found = [answers(question, record.answered) for question in asked.questions]
    return {answered.image_id: answered for answered in found if answered}


class _Asking:
    """One process at work: it asks, writes what comes back, and tells how far it is."""

    def __init__(
        self,
        guardrail: Guardrail,
        source: EvaluationSet,
        journal: Journal,
        shard: Shard,
        progress: Progress | None,
        observe: Observe | None,
    ) -> None:
        self.guardrail, self.source, self.shard = guardrail, source, shard
        self._journal = journal
        self._progress = progress or (lambda what, done, total: None)
        self._observe = observe or (lambda answered: None)

    def ask(self, questions: Sequence[Question], record: Record) -> None:
        """Ask what the record does not answer, and leave a line about this part of the run."""
        todo = [q for q in questions if (found := answers(q, record.answered)) is None or found.failed]
        done = len(questions) - len(todo)
        self.tell("asked", done, len(questions))
        try:
            in_vain = 0
            for batch in _batches(todo, self.guardrail.images_at_once):
                for answered in self._batch(batch):
                    self._journal.append(answered)
                    self._observe(answered)
                    done += 1
                    in_vain = in_vain + 1 if all(o.status == "error" for o in answered.outcomes) else 0
                    self._give_up_after(in_vain, answered)
                self.tell("asked", done, len(questions))
        finally:
            if count := done - (len(questions) - len(todo)):
                notes = dict(self.guardrail.notes)
                self._journal.append(Part(str(self.shard), count, self.guardrail.device, notes))

    def tell(self, what: str, done: int, total: int) -> None:
        self._progress(what, done, total)

    def _batch(self, questions: Sequence[Question]) -> list[Answered]:
        """The outcomes of a few images under the same policies. One that cannot be opened fails alone."""
        start = time.perf_counter()
        policies = questions[0].policies
        images, unopened = [], {}
        for question in questions:
            try:
                images.append(self.source.picture(question.image_id))
            except Exception as error:  # whatever a damaged file makes the decoder raise
                unopened[question.image_id] = [failure(error)] * len(policies)
        judged = iter(self.guardrail.judge(images, policies) if images else [])
        outcomes = [unopened[q.image_id] if q.image_id in unopened else next(judged) for q in questions]
        seconds = (time.perf_counter() - start) / len(questions)
        ids = tuple(policy.id for policy in policies)
        return [
            Answered(question.image_id, ids, tuple(row), seconds)
            for question, row in zip(questions, outcomes, strict=True)
        ]

    def _give_up_after(self, in_vain: int, answered: Answered) -> None:
        if in_vain == GIVE_UP_AFTER:
            raise GaveUpError(
                f"{self.guardrail.name} failed on {in_vain} images in a row: {answered.outcomes[0].detail}. "
                "Mend that and evaluate again with the same --out; it goes on where it stopped"
            )


def _batches(questions: Sequence[Question], size: int) -> Iterator[Sequence[Question]]:
    """Up to `size` neighbours that are asked under the same policies."""
    for _, group in groupby(questions, key=lambda question: question.policies):
        alike = list(group)
        for start in range(0, len(alike), size):
            yield alike[start : start + size]


def _audit(asking: _Asking, out: Path, questions: Sequence[Question]) -> None:
    """Ask the questions again alone, except those that were audited before."""
    how = asking.guardrail.audit
    if how is None or not questions:
        return
    with Journal(out / asking.shard.file(ALONE)) as journal:
        known = read_journals(out, ALONE).answered
        for done, question in enumerate(questions, start=1):
            before = answers(question, known)
            if before is None or before.failed:
                journal.append(_alone(how, asking.source, question))
            asking.tell("audited", done, len(questions))


def _alone(how: Audit, source: EvaluationSet, question: Question) -> Answered:
    try:
        image = source.picture(question.image_id)
    except Exception as error:  # the run has the same failure for this image
        ids = tuple(policy.id for policy in question.policies)
        return Answered(question.image_id, ids, (failure(error),) * len(ids), 0.0)
    return audit.ask_alone(how, image, question)


def _info(
    guardrail: Guardrail,
    source: EvaluationSet,
    asked: Plan,
    record: Record,
    rows: Sequence[ResultRow],
    found: audit.Audited | None,
) -> RunInfo:
    answered = [record.answered[question.image_id] for question in asked.questions]
    counted = tokens(answered)
    return RunInfo(
        guardrail=guardrail.name,
        device=guardrail.device,
        key=run_key(guardrail, source, asked),
        benchmark=source.digest,
        choice=asked.choice,
        policies=tuple(policy.id for policy in asked.policies),
        images=len(answered),
        images_in_benchmark=len(source.image_ids),
        cases=len(rows),
        outcomes=dict(sorted(Counter(row.status for row in rows).items())),
        fragile=sum(row.fragile for row in rows),
        noise=guardrail.audit.tolerance if guardrail.audit else 0.0,
        audit=found,
        tokens=counted,
        reuse_ratio=round(counted.reuse_ratio, 4),
        seconds=round(sum(image.seconds for image in answered), 3),
        parts=record.parts,
        versions=versions(),
    )
