"""The leaderboard of a benchmark as one offline HTML page: `render_leaderboard(...)`.

It looks like the report and keeps its promises: nothing is loaded, everything from outside is escaped, and
the same entries give the same bytes. It has no script.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from bench.dataset import Benchmark
from bench.evaluation_set import EvaluationSet
from bench.pages import TEMPLATES, environment
from bench.results import ResultRow
from bench.scores import Scores, score
from bench.standings import standings
from bench.stats import FEW_PAIRS


@dataclass(frozen=True, slots=True)
class Entry:
    """A submission on the page: its id, its scores, the date it was added ("" untold), what else to tell."""

    id: str
    scores: Scores
    added: str
    about: tuple[tuple[str, str], ...]


def entry(
    id: str, name: str, rows: Sequence[ResultRow], added: str, about: Sequence[tuple[str, str]]
) -> Entry:
    """An entry, its figures computed from its rows."""
    return Entry(id, score(rows, name=name), added, tuple(about))


def render_leaderboard(source: EvaluationSet, entries: Sequence[Entry]) -> str:
    """The page. All entries must cover all of `source`; models of one name are told apart by their ids.

    Raises ValueError where there is no entry.
    """
    if not entries:
        raise ValueError("no submission to list; `safeeditbench leaderboard add` puts one on the board")
    named = _apart(entries)
    by_name = {one.scores.name: one for one in named}
    lines = standings([one.scores for one in named])
    return (
        environment()
        .get_template("leaderboard.html.jinja")
        .render(
            title=source.title,
            digest=source.digest,
            lines=[(line, by_name.get(line.scores.name)) for line in lines],
            entries=[by_name[line.scores.name] for line in lines if line.group is not None],
            first=lines[0].scores,
            few_pairs=lines[0].scores.pairs < FEW_PAIRS,
            label_sources=Counter(r.label_source for r in source.verdicts if r.safety_label is not None),
            synthetic=_synthetic(source),
            style=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
        )
    )


def _apart(entries: Sequence[Entry]) -> list[Entry]:
    times = Counter(one.scores.name for one in entries)
    return [
        replace(one, scores=replace(one.scores, name=f"{one.scores.name} ({one.id[:8]})"))
        if times[one.scores.name] > 1
        else one
        for one in entries
    ]


def _synthetic(source: EvaluationSet) -> int:
    if not isinstance(source, Benchmark):
        return 0
    return sum(source.meta(image_id).synthetic for image_id in source.image_ids)
