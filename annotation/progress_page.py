"""The maintainer's page: one offline HTML file on how the annotation of a benchmark stands.

It looks like the report and keeps its promises: nothing is loaded, everything from outside is escaped,
every picture is veiled, and the same votes give the same bytes. Raters appear under pseudonyms only. It
tells which images are gold and what raters said, so it is for the maintainer, not for raters.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup

from annotation.adjudication import Disputed
from annotation.adjudicators import is_adjudicator
from annotation.agreement import Measure, agreement_by_role, agreement_table
from annotation.cells import Cell
from annotation.exposure import Budget, exposure
from annotation.forms import Form, latest
from annotation.gold import Gold
from annotation.rater_quality import accuracy_estimates, rater_reports
from annotation.status import Status, status_of
from annotation.timeline import Moment, agreement_over_time
from bench.dataset import Benchmark
from bench.pages import MINUS, environment
from bench.pages import TEMPLATES as REPORT
from bench.schema import Role
from bench.staging import write_text
from bench.thumbnails import data_uri

TEMPLATES = Path(__file__).with_name("templates")
PICTURES = 40  # in the gallery, about 8 kB each
WIDTH, HEIGHT = 200, 120  # of the chart of agreement over time, in its own units


@dataclass(frozen=True, slots=True)
class DisputedPicture:
    """A card: a picture with all its cells, and the reason of each that is in dispute."""

    image_id: str
    role: Role
    uri: str
    rows: tuple[tuple[Cell, str], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """Alpha of one policy over time: the points of a polyline, and the last value."""

    policy_id: str
    points: tuple[tuple[float, float], ...]
    last: float


def write_progress_page(
    benchmark: Benchmark,
    forms: Sequence[Form],
    out: Path,
    *,
    gold: Sequence[Gold] = (),
    pictures: int = PICTURES,
) -> Status:
    """Write the page and give the status it shows; see `render_progress_page`."""
    status = status_of(benchmark.image_ids, benchmark.policies, forms, gold=gold)
    write_text(out, render_progress_page(benchmark, forms, status, gold=gold, pictures=pictures))
    return status


def render_progress_page(
    benchmark: Benchmark,
    forms: Sequence[Form],
    status: Status,
    *,
    gold: Sequence[Gold] = (),
    pictures: int = PICTURES,
) -> str:
    """The page; its gallery shows at most `pictures` pictures, the most pressing first.

    `forms` are all forms, also those a later one replaced; forms on other images do not count.
    """
    known = set(benchmark.image_ids)
    forms = [form for form in forms if form.image_id in known]
    votes, moments = latest(forms), agreement_over_time(forms)
    roles = {image_id: benchmark.meta(image_id).role for image_id in benchmark.image_ids}
    script = (TEMPLATES / "progress.js").read_text(encoding="utf-8")
    cards = disputed_pictures(benchmark, status, pictures)
    return (
        _environment()
        .get_template("progress.html.jinja")
        .render(
            benchmark=benchmark,
            policies=benchmark.policies,
            status=status,
            simulated=sum(vote.label_source == "simulated" for vote in votes),
            votes=len(votes),
            gold_images=len({item.image_id for item in gold} & known),
            agreement=agreement_table(votes),
            by_role=agreement_by_role(votes, roles),
            moments=moments,
            lines=[_line(policy.id, moments) for policy in benchmark.policies],
            cards=cards,
            disputed_images=len({item.cell.image_id for item in status.queue}),
            raters=rater_reports(forms, benchmark.policies, gold=gold),
            estimates=accuracy_estimates(votes, benchmark.policies, gold=gold),
            days=exposure(form for form in forms if not is_adjudicator(form.rater)),
            budget=Budget(),
            script=Markup(script),
            script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
            style=Markup(_style()),
        )
    )


def disputed_pictures(benchmark: Benchmark, status: Status, limit: int) -> tuple[DisputedPicture, ...]:
    """The cards of at most `limit` pictures, in the order of the queue."""
    reasons = {(item.cell.image_id, item.cell.policy_id): item for item in status.queue}
    cells: dict[str, list[Cell]] = {}
    for cell in status.cells:
        cells.setdefault(cell.image_id, []).append(cell)
    shown = list(dict.fromkeys(item.cell.image_id for item in status.queue))[:limit]
    return tuple(
        DisputedPicture(
            image_id=image_id,
            role=benchmark.meta(image_id).role,
            uri=data_uri(benchmark.picture(image_id)),
            rows=tuple((cell, _why(reasons.get((image_id, cell.policy_id)))) for cell in cells[image_id]),
        )
        for image_id in shown
    )


def _why(item: Disputed | None) -> str:
    return "" if item is None else item.why


def _line(policy_id: str, moments: Sequence[Moment]) -> Line:
    """Left to right by forms; alpha 1 at the top, 0 (and less) at the bottom."""
    most = max((moment.forms for moment in moments), default=1)
    alphas = [(moment.forms / most, dict(moment.alphas)[policy_id]) for moment in moments
              if policy_id in dict(moment.alphas)]  # fmt: skip
    points = tuple((WIDTH * x, HEIGHT * (1 - max(alpha, 0.0))) for x, alpha in alphas)
    return Line(policy_id, points, alphas[-1][1] if alphas else 0.0)


def _style() -> str:
    """The report's style, and what only this page has."""
    files = (REPORT / "report.css", TEMPLATES / "progress.css")
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def _environment() -> Environment:
    env = environment(TEMPLATES)
    env.filters["share"] = _share
    env.filters["number"] = _number
    env.filters["measure"] = _measure
    env.filters["interval"] = _interval
    return env


def _share(part: float, whole: float) -> str:
    """A share in percent without decimals, a dash of nothing. Rounded down, so that 100 % means all."""
    return f"{int(100 * part / whole)} %" if whole else "-"


def _number(value: float) -> str:
    """Two decimals and a real minus sign, never minus zero."""
    return f"{round(value, 2) + 0.0:.2f}".replace("-", MINUS)


def _measure(measure: Measure) -> str:
    return "-" if measure.value is None else _number(measure.value)


def _interval(measure: Measure) -> str:
    """`0.61 to 0.72`, or why there is none."""
    if measure.low is None or measure.high is None:
        return measure.undefined
    return f"{_number(measure.low)} to {_number(measure.high)}"
