"""One offline HTML page for a run or several: `write_report(runs, benchmark, out)`.

The page loads nothing: pictures are small data URIs, script and style are inline, and its content
security policy forbids the rest. Everything from outside is escaped. It holds no clock time, so the same
runs give the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bench.dataset import Benchmark
from bench.gallery import gallery, shortened
from bench.run_folder import Run, read_runs
from bench.schema import LABELS
from bench.staging import write_text
from bench.standings import Point, reliability, standings
from bench.stats import Figure

TEMPLATES = Path(__file__).with_name("templates")
PAIRS = 60  # cards in the gallery, about 15 kB each
MINUS = "\N{MINUS SIGN}"
ODDITIES = 12  # unreadable answers that are shown


@dataclass(frozen=True, slots=True)
class _RunView:
    """A run in the order of the leaderboard, with what its own parts of the page need."""

    run: Run
    points: tuple[Point, ...]
    outcomes: tuple[tuple[str, int], ...]
    oddities: tuple[tuple[str, str, str, str], ...]  # image, policy, status, what it wrote


def write_report(runs: Sequence[Path], benchmark: Benchmark, out: Path, *, pairs: int = PAIRS) -> None:
    """Write the page `out` for the finished runs in the folders `runs`; see `render_report`."""
    text = render_report(read_runs(runs), benchmark, pairs=pairs)
    write_text(out, text)


def render_report(runs: Sequence[Run], benchmark: Benchmark, *, pairs: int = PAIRS) -> str:
    """The page; its gallery shows at most `pairs` pairs, failures first.

    Raises:
        ValueError: there is no run, two runs share a name, or a run is of another benchmark.
    """
    _check(runs, benchmark)
    ranked = sorted(runs, key=lambda run: -run.scores.headline.value)
    cards = gallery([run.rows for run in ranked], benchmark, pairs)
    page = _environment().get_template("report.html.jinja")
    script = (TEMPLATES / "report.js").read_text(encoding="utf-8")
    return page.render(
        benchmark=benchmark,
        policies=benchmark.policies,
        runs=[_view(run) for run in ranked],
        best=ranked[0].scores,
        standings=standings([run.scores for run in ranked]),
        pairs=cards,
        pairs_asked=len({row.pair_id for run in ranked for row in run.rows}),
        label_sources=Counter(row.label_source for row in benchmark.verdicts if row.safety_label is not None),
        synthetic=sum(benchmark.meta(image_id).synthetic for image_id in benchmark.image_ids),
        script=Markup(script),
        script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        style=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
    )


def _check(runs: Sequence[Run], benchmark: Benchmark) -> None:
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


def _view(run: Run) -> _RunView:
    odd = [row for row in run.rows if row.status not in LABELS]
    shown = [(row.image_id, row.policy_id, row.status, shortened(row.text or row.detail)) for row in odd]
    return _RunView(run, reliability(run.rows), run.scores.outcomes, tuple(shown[:ODDITIES]))


def _environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    env.filters["pct"] = Figure.percent
    env.filters["interval"] = Figure.interval
    env.filters["gap"] = _gap
    env.filters["place"] = _place
    return env


def _gap(figure: Figure) -> str:
    """A difference of two shares in points, signed, with a real minus sign."""
    return (
        "-" if math.isnan(figure.value) else f"{round(100 * figure.value, 1) + 0.0:+.1f}".replace("-", MINUS)
    )


def _place(share: float) -> str:
    """A share as a CSS percentage, 0 where undefined."""
    return f"{100 * (0 if math.isnan(share) else min(max(share, 0), 1)):.2f}%"
