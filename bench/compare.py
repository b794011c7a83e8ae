"""Compare two runs on one benchmark: every figure's difference, tests, and the cases where they part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bench import metrics
from bench.counts import gap, headline_of, pooled, share, trials
from bench.paired import Case, Difference, Discordance, Matched, case_of, check_one_benchmark
from bench.results import ResultRow, Status
from bench.schema import Label
from bench.scores import labelled_cases
from bench.significance import holm
from bench.stats import REPLICATES


@dataclass(frozen=True, slots=True)
class PolicyComparison:
    """One policy; its p values also adjusted for the number of policies (Holm)."""

    policy_id: str
    measure: Literal["F1", "accuracy"]
    headline: Difference
    discordance: Discordance
    mcnemar_holm: float
    p_holm: float


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A case that one run answers right and the other wrong."""

    image_id: str
    pair_id: str
    policy_id: str
    gold: Label
    a: Status
    b: Status

    @property
    def right(self) -> Literal["a", "b"]:
        """Which run is right."""
        return "a" if self.a == self.gold else "b"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Run A against run B over the labelled cases that both have.

    The figures are those of `Scores`. `discordance` is over all policies; `only_in_a` and `only_in_b` are
    labelled cases without a partner, which are not compared.
    """

    a: str
    b: str
    cases: int
    pairs: int
    only_in_a: tuple[Case, ...]
    only_in_b: tuple[Case, ...]
    headline: Difference
    accuracy: Difference
    macro_f1: Difference
    pair_flip: Difference
    artefact_gap: Difference
    discordance: Discordance
    policies: tuple[PolicyComparison, ...]
    disagreements: tuple[Disagreement, ...]


def compare(
    a_rows: Sequence[ResultRow],
    b_rows: Sequence[ResultRow],
    *,
    names: tuple[str, str] = ("A", "B"),
    replicates: int = REPLICATES,
) -> Comparison:
    """Compare two runs; an unreadable answer is a wrong one.

    Raises ValueError where the runs share no labelled case, one has a case twice, or they differ in the
    label, pair or role of a case: they are of different benchmarks.
    """
    check_one_benchmark([(names[0], a_rows), (names[1], b_rows)])
    a, b = ({case_of(row): row for row in labelled_cases(rows)[0]} for rows in (a_rows, b_rows))
    both = [case for case in a if case in b]
    if not both:
        raise ValueError(f"{names[0]} and {names[1]} share no labelled case; compare runs on one benchmark")
    matched = Matched.of([a[case] for case in both], [b[case] for case in both], replicates)
    return Comparison(
        a=names[0],
        b=names[1],
        cases=len(both),
        pairs=len({a[case].pair_id for case in both}),
        only_in_a=tuple(case for case in a if case not in b),
        only_in_b=tuple(case for case in b if case not in a),
        headline=_headline(matched),
        accuracy=matched.difference(pooled(metrics.accuracy), lambda t: t.confusion, len(both)),
        macro_f1=matched.difference(pooled(metrics.macro_f1), lambda t: t.confusion, len(both)),
        pair_flip=matched.difference(share, lambda t: t.pair_flip, trials(matched.a.pair_flip)),
        artefact_gap=matched.difference(gap, lambda t: t.artefact, trials(matched.a.artefact)),
        discordance=matched.discordance(),
        policies=_policies(matched),
        disagreements=tuple(found for case in both if (found := _disagreement(a[case], b[case]))),
    )


def _headline(matched: Matched) -> Difference:
    return matched.difference(headline_of(matched.a), lambda t: t.confusion, matched.cases)


def _policies(matched: Matched) -> tuple[PolicyComparison, ...]:
    """Each policy's comparison, its p values adjusted for there being several."""
    parts = [matched.of_policy(index) for index in range(len(matched.policy_ids))]
    found = [part.discordance() for part in parts]
    return tuple(
        PolicyComparison(
            policy_id=policy_id,
            measure="F1" if part.a.confusion[..., [0, 2]].any() else "accuracy",
            headline=_headline(part),
            discordance=discordance,
            mcnemar_holm=mcnemar_holm,
            p_holm=p_holm,
        )
        for policy_id, part, discordance, mcnemar_holm, p_holm in zip(
            matched.policy_ids,
            parts,
            found,
            holm([one.mcnemar for one in found]),
            holm([one.p for one in found]),
            strict=True,
        )
    )


def _disagreement(a: ResultRow, b: ResultRow) -> Disagreement | None:
    if a.gold is None or (a.status == a.gold) == (b.status == b.gold):
        return None
    return Disagreement(a.image_id, a.pair_id, a.policy_id, a.gold, a.status, b.status)
