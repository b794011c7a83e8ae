"""Check a submission against the benchmark: nothing it says of itself is believed where it can be computed.

What no check can find out is whether a model gave these answers at all. Answers that are invented in full,
consistently, pass; `replay` with the model is what catches them.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bench.archive import unpack
from bench.evaluation_set import EvaluationSet
from bench.layout import SUMS
from bench.results import SCHEMA, ResultRow
from bench.run_folder import RESULTS, RUN
from bench.schema import LABELS
from evaluators.base import Outcome
from evaluators.bundle import verify_run
from evaluators.journal import Answered, read_journals
from evaluators.json_types import misfit
from evaluators.questions import Choice, Plan, plan
from evaluators.run import KEY, ROWS, RunInfo, load_run, read_info
from evaluators.submission import AUDIT, FILES, JOURNAL

SHOWN = 5  # problems of one kind that are told one by one
ROUNDING = 1e-6  # between a probability and the margin it is told with


@dataclass(frozen=True, slots=True)
class Submission:
    """A checked submission. `id` is the sha256 of its SHA256SUMS; with no `problems` it may be listed."""

    id: str
    info: RunInfo
    rows: tuple[ResultRow, ...]
    problems: tuple[str, ...]


def check_submission(bundle: Path, source: EvaluationSet, folder: Path) -> Submission:
    """Unpack `bundle` into the empty `folder` and recompute everything it claims from the answers in it.

    Raises ValueError, with the reason, for one that is not gone into at all: a damaged or hostile archive, a
    file whose digest is wrong, a value of the wrong type, another benchmark.
    """
    unpack(bundle, folder, FILES)
    asked = plan(source)
    _require_readable(bundle, folder, source.digest, asked.cases)
    result = load_run(folder)
    problems = [*_choice(result.info, source, asked), *_journal(folder, asked), *_rows(result.rows)]
    problems += verify_run(folder, source).problems
    if result.info.audit and result.info.audit.beyond:
        problems.append(f"{result.info.audit.beyond} cases differ by more than noise when asked alone")
    id = hashlib.sha256((folder / SUMS).read_bytes()).hexdigest()
    return Submission(id, result.info, result.rows, tuple(dict.fromkeys(problems)))


def _require_readable(bundle: Path, folder: Path, benchmark: str, cases: int) -> None:
    """Types, benchmark and sizes first, so that nothing after this meets what it does not expect."""
    if missing := sorted({KEY, RUN, RESULTS, JOURNAL} - {path.name for path in folder.iterdir()}):
        raise ValueError(f"{bundle} lacks {', '.join(missing)}")
    try:
        _require(misfit(_json((folder / RUN).read_bytes()), RunInfo, RUN))
        _require(misfit(_json((folder / KEY).read_bytes()), Mapping[str, str], KEY))
        _require(_benchmark(read_info(folder).benchmark, benchmark))
        for name in (JOURNAL, AUDIT):
            for number, line in enumerate(_lines(folder / name), start=1):
                _require(misfit(_json(line), Answered, f"{name}:{number}"))
        _require(_table(folder / RESULTS, cases))
    except (OSError, RecursionError, pa.ArrowException) as error:
        raise ValueError(f"{bundle} cannot be read: {error}") from error


def _require(told: str) -> None:
    if told:
        raise ValueError(told)


def _benchmark(told: str, digest: str) -> str:
    if told == digest:
        return ""
    return (
        f"the submission is of the benchmark with digest {told[:12]}, this one has {digest[:12]}; "
        "evaluate the model on this one"
    )


def _json(text: bytes) -> object:
    return json.loads(text.decode("utf-8"))


def _lines(path: Path) -> Iterator[bytes]:
    if path.is_file():
        with path.open("rb") as stream:
            yield from stream


def _table(path: Path, cases: int) -> str:
    """What is wrong with the form of the table; its size is told by its footer, before it is unpacked."""
    found = pq.read_metadata(path)
    if found.num_rows > 2 * cases:
        return f"{RESULTS} holds {found.num_rows} rows, the benchmark has {cases} cases"
    if not found.schema.to_arrow_schema().equals(SCHEMA):
        return f"{RESULTS} has other columns or types than a table of results"
    return ""


def _choice(info: RunInfo, source: EvaluationSet, asked: Plan) -> Iterator[str]:
    """A leaderboard compares runs on all of a benchmark, in its own words."""
    whole = Choice()
    for field in fields(Choice):
        if (told := getattr(info.choice, field.name)) != getattr(whole, field.name):
            yield f"the run asked only some of the benchmark, or in other words: {field.name} is {told!r}"
    if info.images_in_benchmark != len(source.image_ids):
        yield f"run.json tells of {info.images_in_benchmark} images, there are {len(source.image_ids)}"
    if list(info.policies) != [policy.id for policy in asked.policies]:
        yield f"run.json tells of other policies than the benchmark has: {', '.join(info.policies)}"


def _journal(folder: Path, asked: Plan) -> Iterator[str]:
    """The journal has one line an image, in the order of the benchmark, with one outcome a policy."""
    wanted = dict.fromkeys(question.image_id for question in asked.questions)
    counts = Counter(str(json.loads(line)["image_id"]) for line in _lines(folder / JOURNAL))
    yield from _some([f"{JOURNAL} answers image {i} {n} times" for i, n in counts.items() if n > 1])
    yield from _some([f"{JOURNAL} answers image {i}, which was not asked" for i in counts if i not in wanted])
    yield from _some([f"{JOURNAL} does not answer image {i}" for i in wanted if i not in counts])
    if set(counts) == set(wanted) and list(counts) != list(wanted):
        yield f"{JOURNAL} is in another order than the benchmark"
    record = read_journals(folder, ROWS).answered
    yield from _some([told for answered in record.values() for told in _outcomes(answered)])


def _outcomes(answered: Answered) -> Iterator[str]:
    """What is wrong with the outcomes of one image in themselves."""
    where, policies = f"image {answered.image_id}", answered.policies
    if len(answered.outcomes) != len(policies):
        raise ValueError(
            f"{JOURNAL}: {where} has {len(answered.outcomes)} outcomes under {len(policies)} policies"
        )
    for policy_id, outcome in zip(policies, answered.outcomes, strict=True):
        if told := _incoherent(outcome):
            yield f"{where}, policy {policy_id}: {told}"


def _incoherent(outcome: Outcome) -> str:
    """What in an outcome contradicts itself; "" where nothing does."""
    p, margin, mass = outcome.p_unsafe, outcome.margin, outcome.label_mass
    for name, share in (("p_unsafe", p), ("label_mass", mass)):
        if share is not None and not 0 <= share <= 1 + ROUNDING:
            return f"{name} is {share!r}, which is no probability"
    if p is not None and margin is not None and abs(1 / (1 + math.exp(-max(margin, -700.0))) - p) > ROUNDING:
        return f"p_unsafe {p!r} and margin {margin!r} contradict each other"
    if p is not None and outcome.status in LABELS and p != 0.5 and (p > 0.5) != (outcome.status == "unsafe"):
        return f"the verdict is {outcome.status} with p_unsafe {p!r}"
    return ""


def _rows(rows: tuple[ResultRow, ...]) -> Iterator[str]:
    counts = Counter((row.image_id, row.policy_id) for row in rows)
    yield from _some(
        [f"{RESULTS} holds image {i}, policy {p} {n} times" for (i, p), n in counts.items() if n > 1]
    )


def _some(lines: list[str]) -> list[str]:
    rest = len(lines) - SHOWN
    return [*lines[:SHOWN], *([f"and {rest} more like these"] if rest > 0 else [])]
