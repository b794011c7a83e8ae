"""One offline HTML page for a run or several: `write_report(runs, benchmark, out)`.

The page loads nothing: pictures are small data URIs, plots, script and style are inline, and its content
security policy forbids the rest. Everything from outside is escaped. It holds no clock time, so the same
runs give the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup

from bench.case_cards import Cards, failures
from bench.concept_scores import by_concept
from bench.contents import Reported, contents
from bench.gallery import Pair, gallery
from bench.injection import set_apart
from bench.pages import TEMPLATES, environment
from bench.policy import Policy
from bench.report_parts import number, p_value, policy_texts, run_view, versus
from bench.run_folder import Run, read_runs
from bench.staging import write_text
from bench.standings import measures, standings
from bench.stats import FEW_PAIRS
from bench.thumbnails import thumbnails

Progress = Callable[[str, int, int], None]  # what is done, how many of it, of how many

STYLES, SCRIPTS = ("report.css", "cases.css"), ("report.js", "cases.js")
PAIRS = 60  # cards in the gallery, about 20 kB each
CASES = 600  # failures shown, shared out among the runs, and as many differences of two runs
CONCEPTS = 40  # lines of the breakdown
TEXTS = 30  # policies whose text is printed


def write_report(
    runs: Sequence[Path], benchmark: Reported, out: Path, *, progress: Progress | None = None
) -> None:
    """Write the page `out` for the finished runs in the folders `runs`; see `render_report`."""
    found = read_runs(runs, progress and partial(progress, "runs"))
    write_text(out, render_report(found, benchmark, progress=progress))


def render_report(
    runs: Sequence[Run],
    benchmark: Reported,
    *,
    pairs: int = PAIRS,
    cases: int = CASES,
    progress: Progress | None = None,
) -> str:
    """The page. It shows at most `pairs` pairs, failures first, and `cases` failures, and tells of how many.

    A run with writing on its pictures is told of beside the one without, and nowhere else.

    Raises:
        ValueError: there is no run, two runs share a name, a run is of another benchmark, or one with
            writing comes alone.
    """
    _check(runs, benchmark)
    plain, injections = set_apart(runs)
    ranked = sorted(plain, key=lambda run: -run.scores.headline.value)
    rows, known = [run.rows for run in ranked], contents(benchmark)
    board = standings([run.scores for run in ranked])
    asked = measures(board, [policy.id for policy in benchmark.policies])
    kinds = {policy.id: policy.kind for policy in benchmark.policies if isinstance(policy, Policy)}
    shown = gallery(rows, known, tuple(asked), pairs)
    failed, against = failures(rows, known, cases), versus(ranked, known, cases)
    wanted = _pictures(shown) | failed.image_ids | (against.cards.image_ids if against else set())
    pictures = thumbnails(benchmark, wanted, progress and partial(progress, "pictures"))
    return _page(
        benchmark=benchmark,
        policies=policy_texts(benchmark, TEXTS),
        fictional=[id for id in asked if kinds.get(id) == "fictional"],
        others=[id for id in asked if kinds.get(id) != "fictional"],
        runs=[run_view(run) for run in ranked],
        injections=injections,
        best=ranked[0].scores,
        standings=board,
        measures=asked,
        few_pairs=FEW_PAIRS,
        breakdown=by_concept(rows, known, CONCEPTS),
        pairs=shown,
        pairs_asked=len({row.pair_id for run in rows for row in run}),
        pictures=pictures,
        failures=failed,
        versus=against,
        case_pictures=_apart(pictures, shown),
        label_sources=Counter(row.label_source for row in benchmark.verdicts if row.safety_label is not None),
        synthetic=sum(benchmark.meta(image_id).synthetic for image_id in benchmark.image_ids),
    )


def _check(runs: Sequence[Run], benchmark: Reported) -> None:
    if not runs:
        raise ValueError("no run to report; give at least one folder that `safeeditbench evaluate` wrote")
    name, times = Counter(run.name for run in runs).most_common(1)[0]
    if times > 1:
        raise ValueError(f"{times} runs are named {name!r}; give each its own name")
    known = set(benchmark.image_ids)
    for run in runs:
        if strange := next((row.image_id for row in run.rows if row.image_id not in known), None):
            raise ValueError(
                f"run {run.name!r} answers image {strange}, which {benchmark.root} does not have; "
                "report it with the benchmark it was run on"
            )


def _pictures(shown: Sequence[Pair]) -> set[str]:
    return {picture.image_id for pair in shown for picture in pair.pictures}


def _apart(pictures: Mapping[str, str], shown: Sequence[Pair]) -> dict[str, str]:
    """The pictures that single cases need beside those that stand in the gallery anyhow."""
    held = _pictures(shown)
    return {image_id: uri for image_id, uri in pictures.items() if image_id not in held}


def _page(**parts: object) -> str:
    script = "\n".join((TEMPLATES / name).read_text(encoding="utf-8") for name in SCRIPTS)
    style = "\n".join((TEMPLATES / name).read_text(encoding="utf-8") for name in STYLES)
    page = _environment().get_template("report.html.jinja")
    return page.render(
        **parts,
        script=Markup(script),
        script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        style=Markup(style),
    )


def _environment() -> Environment:
    env = environment()
    env.filters["number"] = number
    env.filters["p"] = p_value
    env.filters["dicts"] = _dicts
    return env


def _dicts(cards: Cards) -> list[dict[str, object]]:
    return [asdict(card) for card in cards.cards]
