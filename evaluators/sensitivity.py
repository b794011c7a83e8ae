"""The same questions put in other ways: how far the figures move, and how many verdicts change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bench.fields import WORDINGS
from bench.injection import Injection, injection
from bench.results import ResultRow
from bench.scores import score
from bench.stats import Figure
from evaluators.injection import STYLES, Style
from evaluators.questions import Choice
from evaluators.run import RunResult


@dataclass(frozen=True, slots=True)
class Variant:
    """One way of putting the questions, and the name of its run's folder."""

    name: str
    choice: Choice


@dataclass(frozen=True, slots=True)
class Spread:
    """A variant's headline, and the share of its cases whose status is not that of the first variant."""

    name: str
    headline: Figure
    changed: float


def variants(
    choice: Choice, wording: str, rule_order: int | None, inject: Style | Literal["all", "none"] = "none"
) -> tuple[Variant, ...]:
    """The runs that `--wording 0|1|2|all`, `--rule-order SEED` and `--inject STYLE|all` ask for.

    The unaltered one comes first, those with writing on their pictures come last.

    One of them alone is the choice itself in that wording.
    """
    indices = range(WORDINGS) if wording == "all" else [int(wording)]
    found = [Variant(f"wording-{index}", replace(choice, wording=index)) for index in indices]
    if rule_order is not None:
        first = found[0].choice
        found.append(Variant(f"rules-{rule_order}", replace(first, rule_order=rule_order)))
    styles = STYLES if inject == "all" else () if inject == "none" else (inject,)
    found += [Variant(f"inject-{style}", replace(found[0].choice, inject=style)) for style in styles]
    return tuple(found)


def spread(runs: Sequence[tuple[str, Sequence[ResultRow]]]) -> tuple[Spread, ...]:
    """Each run by name beside the first. All must have asked the same cases."""
    first = {(row.image_id, row.policy_id): row.status for row in runs[0][1]}
    return tuple(
        Spread(
            name,
            score(rows, name=name).headline,
            sum(row.status != first[row.image_id, row.policy_id] for row in rows) / len(rows),
        )
        for name, rows in runs
    )


def injections(results: Sequence[RunResult]) -> tuple[Injection, ...]:
    """The runs with writing on their pictures, each beside the first, which has none."""
    plain = results[0]
    return tuple(
        injection(plain.rows, each.rows, name=plain.info.guardrail, style=style)
        for each in results
        if (style := each.info.choice.inject)
    )
