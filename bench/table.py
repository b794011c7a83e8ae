"""The scores of a run as a table for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.scores import Scores
from bench.stats import Figure

if TYPE_CHECKING:
    from rich.table import Table


def table(scores: Scores) -> Table:
    """One row a policy, then the headline; all in percent, with the constant answers beside the model."""
    from rich.table import Table

    shown = Table(title=f"{scores.name}: {scores.images} images, {scores.pairs} pairs")
    for column in ("policy", "figure"):
        shown.add_column(column)
    for column in (
        scores.name,
        "95 % interval",
        *(b.name for b in scores.baselines),
        "pair flip",
        "readable",
        "cases",
    ):
        shown.add_column(column, justify="right")
    for index, policy in enumerate(scores.policies):
        constants = [baseline.policies[index].headline for baseline in scores.baselines]
        shown.add_row(
            policy.policy_id,
            policy.measure,
            *_cells(policy.headline, constants, policy.figures.pair_flip, policy.figures.coverage),
            str(policy.figures.cases),
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
        str(scores.pooled.cases),
    )
    return shown


def _cells(headline: Figure, constants: list[Figure], flip: Figure, coverage: Figure) -> list[str]:
    return [
        headline.percent(),
        headline.interval(),
        *(constant.percent() for constant in constants),
        flip.percent(),
        coverage.percent(),
    ]
