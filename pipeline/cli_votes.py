"""`safeeditbench annotate gold | status | agree`: what the pulled votes say; no server is asked."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from .console import console, errors, next_step

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from annotation.agreement import Agreement, Measure
    from annotation.forms import Form
    from annotation.rater_quality import RaterReport
    from annotation.status import Status

app = typer.Typer()

Bench = Annotated[Path, typer.Argument(help="A benchmark folder.")]


@app.command()
def gold(
    bench: Bench,
    share: Annotated[float, typer.Option(help="Share of the pictures, 0.05 to 0.10.")] = 0.08,
    answers: Annotated[Path | None, typer.Option(help="Experts' answers: a CSV or JSONL file.")] = None,
) -> None:  # fmt: skip
    """Choose the pictures by which raters are measured; they stay among the others, and secret."""
    from .labelling import choose_gold_questions, gold_path, import_gold

    chosen = import_gold(bench, answers) if answers else choose_gold_questions(bench, share)
    labels = Counter(item.label for item in chosen)
    pictures = len({item.image_id for item in chosen})
    console.print(
        f"{pictures} pictures, {len(chosen)} questions ({labels['safe']} safe, {labels['unsafe']} unsafe)"
    )
    console.print(f"in {gold_path(bench)}; do not publish it", soft_wrap=True)
    next_step(f"safeeditbench annotate status {bench}")


@app.command()
def status(
    bench: Bench,
    out: Annotated[Path | None, typer.Option(help="Where the page goes, if not beside the build.")] = None,
) -> None:  # fmt: skip
    """Where the labelling stands, how the raters do and how much they saw today; writes the progress page."""
    from annotation.exposure import exposure
    from annotation.progress_page import write_progress_page
    from annotation.rater_quality import rater_reports
    from bench.dataset import load_benchmark

    from .labelling import forms_of_benchmark, gold_of
    from .options import work_of

    forms, benchmark, known = forms_of_benchmark(bench), load_benchmark(bench), gold_of(bench)
    page = out or work_of(bench) / "annotation" / "progress.html"
    found = write_progress_page(benchmark, forms, page, gold=known)
    console.print(_state(found))
    console.print(_raters(rater_reports(forms, benchmark.policies, gold=known), forms))
    for day in exposure(forms):
        if day.over_budget:
            errors.print(
                f"warning: {day.rater} saw {day.revealed} revealed pictures in {day.minutes:.0f} minutes on "
                f"{day.day}, more than a day's budget; ask for a break",
                soft_wrap=True,
            )
    console.print(f"page: {page}", soft_wrap=True)
    next_step(_then(found, bench))


@app.command()
def agree(bench: Bench) -> None:
    """Agreement of the raters by policy, and by policy and role, each with its 95 % interval."""
    from annotation.agreement import agreement_by_role, agreement_table
    from annotation.forms import latest
    from bench.dataset import load_benchmark

    from .labelling import voted_forms

    benchmark, votes = load_benchmark(bench), latest(voted_forms(bench))
    roles = {image_id: benchmark.meta(image_id).role for image_id in benchmark.image_ids}
    console.print(_agreement(agreement_table(votes)))
    console.print(_agreement(agreement_by_role(votes, roles)))


def _state(found: Status) -> Table:
    table = Table("policy", "settled", "adjudicated", "disputed", "waiting")
    for row in found.policies:
        counts = (row.settled, row.adjudicated, row.disputed, row.waiting)
        table.add_row(row.policy_id, *map(str, counts))
    return table


def _raters(reports: Sequence[RaterReport], forms: Iterable[Form]) -> Table:
    """A row a rater, with the last day they worked: somebody who left shows by it."""
    last = {form.rater: form.day for form in sorted(forms, key=lambda form: form.day)}
    table = Table("rater", "forms", "skipped", "revealed", "gold", "standing", "last day")
    for row in reports:
        score = row.gold.accuracy
        accuracy = "" if score is None else f"{score:.2f} of {row.gold.answers}"
        counts = (str(count) for count in (row.forms, row.skipped, row.revealed))
        table.add_row(row.rater, *counts, accuracy, row.standing, last[row.rater])
    return table


def _then(found: Status, bench: Path) -> str:
    if found.queue:
        return f"{len(found.queue)} cells are in dispute: safeeditbench annotate adjudicate {bench}"
    if found.overlap.images:
        return (
            f"{len(found.overlap.images)} pictures wait for raters; then: safeeditbench annotate pull {bench}"
        )
    return f"safeeditbench export {bench}"


def _agreement(rows: Sequence[Agreement]) -> Table:
    table = Table("policy", "role", "raters", "items", "alpha", "Fleiss", "Cohen", "raw")
    for row in rows:
        measures = (row.krippendorff, row.fleiss, row.cohen, row.raw_agreement)
        table.add_row(
            row.policy_id, row.role or "all", str(row.raters), str(row.items), *map(_measure, measures)
        )
    return table


def _measure(measure: Measure) -> str:
    if measure.value is None:
        return "undefined"
    interval = "" if measure.low is None else f" ({measure.low:.2f} .. {measure.high:.2f})"
    return f"{measure.value:.3f}{interval}"
