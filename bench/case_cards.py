"""Single cases for the report: the failures of each run, and what two runs answer differently.

A page cannot show every case of a large run. What is shown is chosen so that every kind of failure is there:
the kinds take turns, and of each kind the surest answers come first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.compare import Comparison
from bench.contents import PairContents
from bench.gallery import Mark, failed, mark, shortened
from bench.paired import case_of
from bench.results import ResultRow
from bench.schema import LABELS, Label, Role

TEXT = 280  # characters of an answer that are shown

Key = Callable[[ResultRow], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class CaseAnswer:
    """What one run, by its place on the page, answered. `p` is p_unsafe."""

    run: int
    status: str
    mark: Mark
    p: float | None
    text: str
    detail: str
    written: str | None


@dataclass(frozen=True, slots=True)
class CaseCard:
    """A case with one answer or two. The last ones are what it can be filtered by."""

    image: str
    pair: str
    shows: str
    gold: Label | None
    answers: tuple[CaseAnswer, ...]
    policy: str
    role: Role
    concepts: tuple[str, ...]
    run: int  # of a failure: whose; of a difference: who is right
    outcomes: tuple[str, ...]
    certainty: tuple[str, ...]  # `fragile` or `firm` for every answer


@dataclass(frozen=True, slots=True)
class Cards:
    """The cards of a browser, and of how many cases they are, an entry a run."""

    cards: tuple[CaseCard, ...]
    totals: tuple[int, ...]

    @property
    def image_ids(self) -> set[str]:
        return {card.image for card in self.cards}

    def shown(self, run: int) -> int:
        """The cards of one run."""
        return sum(card.run == run for card in self.cards)


def failures(runs: Sequence[Sequence[ResultRow]], pairs: Mapping[str, PairContents], limit: int) -> Cards:
    """At most `limit` failures, as many of each run."""
    wrong = [[row for row in rows if failed(row)] for rows in runs]
    each = limit // len(runs)
    cards = [
        _card(run, [(run, row)], pairs)
        for run, rows in enumerate(wrong)
        for row in _taking_turns(rows, lambda row: (row.policy_id, row.role, row.status))[:each]
    ]
    return Cards(tuple(cards), tuple(map(len, wrong)))


def differences(
    comparison: Comparison,
    runs: tuple[Sequence[ResultRow], Sequence[ResultRow]],
    pairs: Mapping[str, PairContents],
    limit: int,
) -> Cards:
    """At most `limit` of the cases that one of the two runs alone answers right, half of them of each."""
    a, b = ({case_of(row): row for row in rows} for rows in runs)
    cards, totals = list[CaseCard](), list[int]()
    for right in (0, 1):
        cases = [
            (each.image_id, each.policy_id) for each in comparison.disagreements if each.right == "ab"[right]
        ]
        totals.append(len(cases))
        losers = [(b, a)[right][case] for case in cases]
        for row in _taking_turns(losers, lambda row: (row.policy_id, row.role, row.status))[: limit // 2]:
            case = case_of(row)
            cards.append(_card(right, [(0, a[case]), (1, b[case])], pairs))
    return Cards(tuple(cards), tuple(totals))


def _taking_turns(rows: Sequence[ResultRow], kind: Key) -> list[ResultRow]:
    """The rows with their kinds in turn, the surest answer of each kind first."""
    kinds: dict[tuple[str, ...], list[ResultRow]] = defaultdict(list)
    for row in rows:
        kinds[kind(row)].append(row)
    ranked = [
        (rank, key, row) for key in sorted(kinds) for rank, row in enumerate(sorted(kinds[key], key=_sure))
    ]
    return [row for _, _, row in sorted(ranked, key=lambda each: each[:2])]


def _sure(row: ResultRow) -> tuple[float, str]:
    """Smaller for a surer answer; those without a probability keep the order of their pictures."""
    return (0.0 if row.p_unsafe is None else -abs(row.p_unsafe - 0.5), row.image_id)


def _card(run: int, answers: Sequence[tuple[int, ResultRow]], pairs: Mapping[str, PairContents]) -> CaseCard:
    row, told = answers[0][1], pairs[answers[0][1].pair_id]
    return CaseCard(
        image=row.image_id,
        pair=row.pair_id,
        shows=told.shows,
        gold=row.gold,
        answers=tuple(_answer(*each) for each in answers),
        policy=row.policy_id,
        role=row.role,
        concepts=told.concepts,
        run=run,
        outcomes=tuple(dict.fromkeys(name for _, row in answers for name in _outcomes(row))),
        certainty=tuple(dict.fromkeys("fragile" if row.fragile else "firm" for _, row in answers)),
    )


def _answer(run: int, row: ResultRow) -> CaseAnswer:
    p = None if row.p_unsafe is None else round(row.p_unsafe, 4)
    text, detail = shortened(row.text, TEXT), shortened(row.detail, TEXT)
    return CaseAnswer(run, row.status, mark(row), p, text, detail, row.written)


def _outcomes(row: ResultRow) -> tuple[str, ...]:
    """The status, and `unreadable` beside a status that is no verdict."""
    return (row.status,) if row.status in LABELS else (row.status, "any unreadable")
