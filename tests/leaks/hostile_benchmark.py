"""A benchmark, runs and votes in which every text that somebody else writes is an attack on the page."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from annotation.forms import Form
from bench.dataset import Benchmark, load_benchmark
from bench.leaderboard import Entry, entry
from bench.results import ResultRow
from bench.run_folder import Effort, Run
from bench.schema import VerdictRow
from tests.annotation.vote_samples import form
from tests.bench.sample import Sample, sample
from tests.bench.sample_runs import perfect, run, written

EVIL = (
    "</script></style></textarea></title><script>window.ran=1</script>"
    "<img src=x onerror=\"window.ran=2\"><svg onload='window.ran=3'>"
    "\" onmouseover=window.ran=4 autofocus onfocus=window.ran=5 x='javascript:window.ran=6'{{ 7*7 }}&"
)
UNSPACED = EVIL.replace(" ", "/")  # a rater's name with a space in it is refused at export


def hostile_sample(concept: str = EVIL) -> Sample:
    """The small benchmark; its keys, digests and closed vocabularies are left, as nothing loads without."""
    rows = sample()
    policies = tuple(replace(policy, name=EVIL, note=EVIL, version=EVIL) for policy in rows.policies)
    digests = {policy.id: policy.digest for policy in policies}
    context = EVIL if concept == EVIL else "news"
    images = [
        replace(row, concepts=(concept,), contexts=((context,),), source=EVIL, licence=EVIL)
        for row in rows.images
    ]
    verdicts = [
        replace(row, policy_digest=digests[row.policy_id], rules=tuple(EVIL for _ in row.rules))
        for row in rows.verdicts
    ]
    votes = [
        replace(row, policy_digest=digests[row.policy_id], rater=UNSPACED, rule=EVIL) for row in rows.votes
    ]
    words = dict.fromkeys(("editor", "prompt", "negative_prompt", "localizer", "checker"), EVIL)
    edits = [replace(row, concepts=(EVIL,), new_violation=EVIL, **words) for row in rows.edits]
    rejects = [replace(row, item=EVIL, stage=EVIL, reason=EVIL) for row in rows.rejects]
    return Sample(tuple(images), tuple(verdicts), tuple(votes), tuple(edits), tuple(rejects), policies)


def hostile_benchmark(folder: Path, concept: str = EVIL) -> Benchmark:
    """The benchmark as it is read back from `folder`, with a title of the same kind."""
    hostile_sample(concept).export(folder)
    (folder / "README.md").write_text(f"---\npretty_name: {json.dumps(EVIL)}\n---\n")
    return load_benchmark(folder)


def hostile_runs(rows: Sample) -> list[Run]:
    """Two runs whose names, notes, answers and errors are attacks."""
    notes = ((EVIL, EVIL),)
    return [
        replace(run(rows, name, answer), about=notes, effort=Effort(EVIL, notes=notes))
        for name, answer in ((EVIL, _unreadable), (f"other {EVIL}", written))
    ]


def hostile_forms(benchmark: Benchmark) -> list[Form]:
    """Two raters of hostile names who disagree everywhere, so that every list of the page is filled."""
    given = [
        form(image_id, f"{rater}{EVIL}", [answer] * len(benchmark.policies), benchmark.policies)
        for image_id in benchmark.image_ids
        for rater, answer in (("a", "safe"), ("b", "unsafe"))
    ]
    return [replace(one, votes=tuple(replace(vote, rule=EVIL) for vote in one.votes)) for one in given]


def hostile_entry(rows: Sample) -> Entry:
    """A submission of a hostile name."""
    return replace(entry(EVIL, EVIL, [perfect(row) for row in rows.verdicts], EVIL, ((EVIL, EVIL),)), id=EVIL)


def _unreadable(row: VerdictRow) -> ResultRow:
    return replace(perfect(row), status="unparseable", text=EVIL, detail=EVIL, written="safe")
