"""Ask a guardrail about a set, losing nothing.

Kill a run anywhere and call `evaluate` again with the same folder: what is in its journals is not asked a
second time, except images with a failed case; at most the images of one call are lost. The table is the
same bytes however the run was split into shards, batched, ordered or interrupted. A folder made under
another key is refused: another guardrail, other weights or decoding, other policies. A benchmark may grow:
answers belong to the pictures' bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bench.dataset import Benchmark
from bench.disk import writing
from bench.evaluation_set import EvaluationSet, policies_key
from bench.results import ResultRow
from bench.run_folder import WRITING
from evaluators import audit
from evaluators.asking import Asking, Observe, Progress
from evaluators.base import Guardrail
from evaluators.injection import VERSION
from evaluators.journal import Answered, Journal, Record, read_journals
from evaluators.questions import Choice, Plan, Question, plan
from evaluators.rows import answers, result_rows, tokens
from evaluators.run import ALONE, ROWS, RunInfo, RunResult, claim, discard, reopen, save_run, versions
from evaluators.shards import WHOLE, Shard


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
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
    with Journal(out / shard.file(ROWS)) as journal:
        record = read_journals(out, ROWS)
        claim(out, run_key(guardrail, source, asked), started=bool(record.answered))
        reopen(out)
        asking = Asking(guardrail, source, journal, shard, progress, observe)
        asking.ask(shard.of(asked.questions), record)
        asking.audit(shard.of(audit.chosen(asked.questions, audited)), out)
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
    style = asked.choice.inject
    written = {WRITING: f"{style} {VERSION}"} if style else {}
    return {
        **pictures,
        **written,
        "policies": policies_key(asked.policies),
        **{f"guardrail.{name}": value for name, value in guardrail.identity.items()},
    }


def _unanswered(asked: Plan, record: Record) -> list[Question]:
    return [question for question in asked.questions if answers(question, record.answered) is None]


def _of(asked: Plan, record: Record) -> dict[str, Answered]:
    """What the record holds of the plan's questions."""
    found = [answers(question, record.answered) for question in asked.questions]
    return {answered.image_id: answered for answered in found if answered}


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
