"""Check a finished run: recompute its table from the journals and hold everything it claims against that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import groupby
from pathlib import Path

from bench.evaluation_set import EvaluationSet, TextPolicy, policies_key
from bench.results import ResultRow
from bench.run_folder import RESULTS
from bench.staging import sha256_file
from evaluators import audit
from evaluators.journal import Answered, read_journals
from evaluators.questions import Plan, Question, plan
from evaluators.rows import answers, result_rows, tokens
from evaluators.run import ALONE, ROWS, RunInfo, differing, load_run, read_key

SHOWN = 5  # problems of one kind that are told one by one


@dataclass(frozen=True, slots=True)
class Checked:
    """What was checked of a run, and a line for everything that does not hold."""

    rows: int
    images: int
    audited: int
    labels: int  # labels held against the benchmark, 0 where none was given
    problems: tuple[str, ...]


def verify_run(out: Path, source: EvaluationSet | None = None) -> Checked:
    """Recompute a finished run from its journals; with `source`, its labels and policies from there too.

    Raises ValueError where `out` is no finished run or cannot be read, or the benchmark lacks what was asked.
    """
    result = load_run(out)
    asked = plan(source, result.info.choice) if source else _plan(result.info, result.rows)
    problems = [
        *_file(out, result.info),
        *_keys(out, result.info, asked if source else None),
        *_counts(result.info, result.rows),
        *_table(out, result.info, result.rows, asked),
        *_audit(out, result.info, asked),
        *(_source(result.info, source) if source else ()),
    ]
    return Checked(
        rows=len(result.rows),
        images=result.info.images,
        audited=result.info.audit.cases if result.info.audit else 0,
        labels=sum(row.gold is not None for row in result.rows) if source else 0,
        problems=tuple(problems),
    )


def _plan(info: RunInfo, rows: Sequence[ResultRow]) -> Plan:
    """The questions as the table itself tells them; of a policy it has no more than the id."""
    questions = []
    for image_id, group in groupby(rows, key=lambda row: row.image_id):
        cells = list(group)
        policies = tuple(TextPolicy(cell.policy_id, cell.policy_id, "") for cell in cells)
        gold = tuple(cell.gold for cell in cells)
        questions.append(Question(image_id, cells[0].pair_id, cells[0].role, policies, gold))
    return Plan(info.choice, (), tuple(questions))


def _file(out: Path, info: RunInfo) -> Iterator[str]:
    if sha256_file(out / RESULTS) != info.results_sha256:
        yield f"{RESULTS} has another sha256 than run.json says; it was changed or belongs to another run"


def _keys(out: Path, info: RunInfo, asked: Plan | None) -> Iterator[str]:
    if told := differing(read_key(out), info.key):
        yield f"key.json and run.json name different runs: {told}"
    if asked and policies_key(asked.policies) != info.key.get("policies"):
        yield "the run was asked under other policies than the benchmark has now, or in other words"


def _counts(info: RunInfo, rows: Sequence[ResultRow]) -> Iterator[str]:
    counted = {
        "cases": (info.cases, len(rows)),
        "images": (info.images, len({row.image_id for row in rows})),
        "fragile": (info.fragile, sum(row.fragile for row in rows)),
        "outcomes": (dict(info.outcomes), dict(Counter(row.status for row in rows))),
    }
    for name, (told, found) in counted.items():
        if told != found:
            yield f"run.json tells {name} {told}, {RESULTS} holds {found}"


def _table(out: Path, info: RunInfo, rows: Sequence[ResultRow], asked: Plan) -> Iterator[str]:
    """The rows again, from the journals and the questions."""
    record = read_journals(out, ROWS).answered
    known = [question for question in asked.questions if answers(question, record)]
    if missing := len(asked.questions) - len(known):
        yield f"the journals ({ROWS}*.jsonl) lack {missing} of {len(asked.questions)} images"
    if not missing and tokens(record[question.image_id] for question in known) != info.tokens:
        yield "run.json tells other numbers of tokens than the journals"
    again = {(row.image_id, row.policy_id): row for row in result_rows(known, record, info.noise)}
    found = {(row.image_id, row.policy_id): row for row in rows}
    if twice := len(rows) - len(found):
        yield f"{RESULTS} holds {twice} rows of cases that it holds already"
    told = [_differs(found.get(cell), again.get(cell)) for cell in {**found, **again} if cell in again]
    yield from _some([line for line in told if line])
    if not missing and set(found) - set(again):
        yield f"{RESULTS} holds {len(set(found) - set(again))} cases that were not to be asked"
    if not missing and list(found) != list(again) and set(found) == set(again):
        yield f"{RESULTS} is in another order than the questions"


def _differs(found: ResultRow | None, again: ResultRow | None) -> str:
    assert again is not None
    where = f"image {again.image_id}, policy {again.policy_id}"
    if found is None:
        return f"{where}: answered in the journals, absent from {RESULTS}"
    names = [f.name for f in fields(ResultRow) if getattr(found, f.name) != getattr(again, f.name)]
    told = (f"{name} is {getattr(found, name)!r}, should be {getattr(again, name)!r}" for name in names)
    return f"{where}: {'; '.join(told)}" if names else ""


def _some(lines: Sequence[str]) -> list[str]:
    rest = len(lines) - SHOWN
    return [*lines[:SHOWN], *([f"and {rest} more rows differ"] if rest > 0 else [])]


def _audit(out: Path, info: RunInfo, asked: Plan) -> Iterator[str]:
    shared, alone = (_answered(out, stem, asked) for stem in (ROWS, ALONE))
    if audit.compare(shared, alone, info.noise) != info.audit:
        yield f"run.json tells another audit than the journals ({ALONE}*.jsonl)"


def _answered(out: Path, stem: str, asked: Plan) -> dict[str, Answered]:
    """What the journals of one kind hold of the questions, by image id."""
    record = read_journals(out, stem).answered
    return {q.image_id: found for q in asked.questions if (found := answers(q, record))}


def _source(info: RunInfo, source: EvaluationSet) -> Iterator[str]:
    if source.digest != info.benchmark:
        yield (
            f"the labels are from a benchmark with digest {info.benchmark[:12]}, this one has "
            f"{source.digest[:12]}; evaluate again with the same --out to take its labels"
        )
