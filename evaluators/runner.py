"""Ask a guardrail about a benchmark, losing nothing.

Kill a run anywhere and call `evaluate` again with the same folder: what is in its journal is not asked a
second time, except images with a failed case. A folder made under another key is refused.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench.results import ResultRow
from evaluators.base import Guardrail, failure
from evaluators.journal import Answered, Journal
from evaluators.run import ROWS, RunInfo, RunResult, claim, discard, reopen, save_run, versions

if TYPE_CHECKING:
    from bench.dataset import Benchmark
    from bench.policy import Policy

Progress = Callable[[int, int], None]

GIVE_UP_AFTER = 5  # images in a row of which no case could be asked


class GaveUpError(RuntimeError):
    """The guardrail fails on everything; what was answered before is kept."""


def evaluate(
    guardrail: Guardrail,
    benchmark: Benchmark,
    out: Path,
    *,
    policies: Sequence[Policy] | None = None,
    limit: int | None = None,
    fresh: bool = False,
    progress: Progress | None = None,
) -> RunResult:
    """Ask every (image, policy) and write the run's folder `out`; continues a run that is already there.

    `policies` defaults to the benchmark's, `limit` takes the first images only, `fresh` discards what `out`
    holds of an earlier run. `progress` is called with (images done, images in all).
    Raises ValueError where `out` belongs to another run, GaveUpError where nothing can be asked.
    """
    asked = tuple(benchmark.policies if policies is None else policies)
    image_ids = benchmark.image_ids[:limit]
    if not asked or not image_ids:
        raise ValueError(f"nothing to ask: {len(asked)} policies, {len(image_ids)} images")
    out.mkdir(parents=True, exist_ok=True)
    key = run_key(guardrail, benchmark, asked)
    with Journal(out / ROWS, empty=fresh) as journal:
        if fresh:
            discard(out)
        claim(out, key, started=bool(journal.answered))
        reopen(out)
        _ask_all(guardrail, benchmark, image_ids, asked, journal, progress)
        answered = [journal.answered[image_id] for image_id in image_ids]
        return _finish(out, guardrail, benchmark, asked, key, answered)


def run_key(guardrail: Guardrail, benchmark: Benchmark, policies: Sequence[Policy]) -> dict[str, str]:
    """Everything a run's answers depend on, by name."""
    return {
        "benchmark": benchmark.digest,
        "policies": " ".join(f"{policy.id}:{policy.digest}" for policy in policies),
        **{f"guardrail.{name}": value for name, value in guardrail.identity.items()},
    }


def _ask_all(
    guardrail: Guardrail,
    benchmark: Benchmark,
    image_ids: Sequence[str],
    policies: Sequence[Policy],
    journal: Journal,
    progress: Progress | None,
) -> None:
    todo = [i for i in image_ids if i not in journal.answered or journal.answered[i].failed]
    done, size, in_vain = len(image_ids) - len(todo), guardrail.images_at_once, 0
    if progress:
        progress(done, len(image_ids))
    for start in range(0, len(todo), size):
        for answered in _ask(guardrail, benchmark, todo[start : start + size], policies):
            journal.append(answered)
            done += 1
            vain = all(outcome.status == "error" for outcome in answered.outcomes)
            in_vain = in_vain + 1 if vain else 0
            if in_vain == GIVE_UP_AFTER:
                raise GaveUpError(
                    f"{guardrail.name} failed on {in_vain} images in a row: {answered.outcomes[0].detail}. "
                    "Mend that and evaluate again with the same --out; it goes on where it stopped"
                )
        if progress:
            progress(done, len(image_ids))


def _ask(
    guardrail: Guardrail, benchmark: Benchmark, image_ids: Sequence[str], policies: Sequence[Policy]
) -> list[Answered]:
    """The outcomes of a few images. One that cannot be opened fails alone."""
    start = time.perf_counter()
    images, unopened = [], {}
    for image_id in image_ids:
        try:
            images.append(benchmark.picture(image_id))
        except Exception as error:  # whatever a damaged file makes the decoder raise
            unopened[image_id] = [failure(error)] * len(policies)
    judged = iter(guardrail.judge(images, policies) if images else [])
    outcomes = [unopened[i] if i in unopened else next(judged) for i in image_ids]
    seconds = (time.perf_counter() - start) / len(image_ids)
    return [Answered(i, tuple(row), seconds) for i, row in zip(image_ids, outcomes, strict=True)]


def _finish(
    out: Path,
    guardrail: Guardrail,
    benchmark: Benchmark,
    policies: Sequence[Policy],
    key: Mapping[str, str],
    answered: Sequence[Answered],
) -> RunResult:
    noise = guardrail.audit.tolerance if guardrail.audit else 0.0
    rows = result_rows(benchmark, policies, answered, noise)
    info = RunInfo(
        guardrail=guardrail.name,
        device=guardrail.device,
        key=key,
        policies=tuple(policy.id for policy in policies),
        images=len(answered),
        images_in_benchmark=len(benchmark.image_ids),
        cases=len(rows),
        outcomes=dict(sorted(Counter(row.status for row in rows).items())),
        seconds=round(sum(image.seconds for image in answered), 3),
        versions=versions(),
    )
    return save_run(out, info, rows)


def result_rows(
    benchmark: Benchmark, policies: Sequence[Policy], answered: Sequence[Answered], noise: float
) -> tuple[ResultRow, ...]:
    """The rows of a run in the order of images and policies, beside the benchmark's labels.

    A verdict whose margin is smaller than `noise` nats is fragile.
    """
    cells = {(row.image_id, row.policy_id): row for row in benchmark.verdicts}
    rows = []
    for image in answered:
        meta = benchmark.meta(image.image_id)
        for policy, outcome in zip(policies, image.outcomes, strict=True):
            cell = cells.get((image.image_id, policy.id))
            rows.append(
                ResultRow(
                    image_id=image.image_id,
                    pair_id=meta.pair_id,
                    role=meta.role,
                    policy_id=policy.id,
                    gold=cell.safety_label if cell else None,
                    status=outcome.status,
                    p_unsafe=outcome.p_unsafe,
                    margin=outcome.margin,
                    label_mass=outcome.label_mass,
                    text=_storable(outcome.text),
                    detail=_storable(outcome.detail),
                    written=outcome.written,
                    fragile=outcome.margin is not None and abs(outcome.margin) < noise,
                )
            )
    return tuple(rows)


def _storable(text: str) -> str:
    """Half a surrogate pair, which a server may send, has no UTF-8; it becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")
