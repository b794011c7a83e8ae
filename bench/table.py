"""The scores of a run as a table for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bench.injection import Injection
from bench.schema import LABELS
from bench.scores import Scores
from bench.stats import FEW_PAIRS, Figure

if TYPE_CHECKING:
    from rich.table import Table


def table(scores: Scores, injections: Sequence[Injection] = ()) -> Table:
    """One row a policy, then the headline, in percent; beside it the constant answers.

    `pair flip` counts pairs whose label flips with both sides right, `read` the readable answers. Below it
    stands what writing on the pictures does, where that was asked.
    """
    from rich import box
    from rich.table import Table

    title = f"{scores.name}: {scores.images} images, {scores.pairs} pairs, {scores.pooled.cases} cases"
    shown = Table(title=title, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    shown.caption = "\n".join([*_notes(scores), *(each.line() for each in injections)]) or None
    shown.add_column("policy", no_wrap=True)
    shown.add_column("figure", no_wrap=True)
    shown.add_column("score", justify="right", no_wrap=True, style="bold")
    shown.add_column("95 %", justify="right", no_wrap=True)
    for name in (*(baseline.name for baseline in scores.baselines), "pair flip", "read"):
        shown.add_column(name, justify="right")
    for index, policy in enumerate(scores.policies):
        constants = [baseline.policies[index].headline for baseline in scores.baselines]
        shown.add_row(
            policy.policy_id,
            policy.measure,
            *_cells(policy.headline, constants, policy.figures.pair_flip, policy.figures.coverage),
        )
    shown.add_section()
    shown.add_row(
        "headline",
        "mean",
        *_cells(
            scores.headline,
            [baseline.headline for baseline in scores.baselines],
            scores.pooled.pair_flip,
            scores.pooled.coverage,
        ),
    )
    return shown


def _notes(scores: Scores) -> list[str]:
    """What to know beside the figures; empty where there is nothing."""
    unread = [f"{count} {status}" for status, count in scores.outcomes if status not in LABELS]
    agreement = scores.pooled.agreement
    notes = []
    if unread:
        notes.append(
            f"counted as wrong: {', '.join(unread)}; at best the headline is {scores.best_case.percent()}"
        )
    if scores.fragile:
        span = f"{scores.fragile_wrong.percent()} to {scores.fragile_right.percent()}"
        notes.append(f"verdicts within numerical noise: {scores.fragile}; the headline is {span}")
    if agreement.n:
        notes.append(f"text and probabilities agree in {agreement.percent()} ({agreement.interval()})")
    if scores.pairs < FEW_PAIRS:
        notes.append(f"{scores.pairs} pairs are too few for the intervals to be trusted")
    return notes


def _cells(headline: Figure, constants: list[Figure], flip: Figure, coverage: Figure) -> list[str]:
    return [
        headline.percent(),
        headline.interval(),
        *(constant.percent() for constant in constants),
        flip.percent(),
        coverage.percent(),
    ]
