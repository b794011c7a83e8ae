"""How each (image, policy) question stands: the votes counted, the posterior, and who settled it.

Everything downstream - verdicts, further votes, the adjudication queue, the progress page - is a function
of these cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from annotation.adjudicators import is_adjudicator
from annotation.ballot import Ballot, ballot
from annotation.gold import Gold
from bench.policy import Policy
from bench.schema import LABELS, Label, LabelSource, VoteRow

SettledBy = Literal["votes", "gold", "adjudicator"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One question. Votes are answers `safe` or `unsafe` given under the policy's present text.

    `p_unsafe` is in [0, 1], 0.5 where nobody voted. Where `settled_by` is not `votes` it is no estimate:
    the gold label, or the share of `unsafe` among the adjudicators' rulings. `rules` are the rules broken
    should the cell be unsafe, in policy order.
    """

    image_id: str
    policy_id: str
    safe: int
    unsafe: int
    unsure: int
    skipped: int
    outdated: int  # answers under another text of the policy
    rulings: int  # adjudicators' votes, counted in none of the above
    p_unsafe: float
    settled_by: SettledBy
    rules: tuple[str, ...]
    source: LabelSource

    @property
    def votes(self) -> int:
        """Raters' votes."""
        return self.safe + self.unsafe

    @property
    def answers(self) -> int:
        """Raters who were asked under the present text and came back, with a vote or without."""
        return self.votes + self.unsure + self.skipped

    @property
    def label(self) -> Label:
        return "unsafe" if self.p_unsafe > 0.5 else "safe"

    @property
    def posterior(self) -> float:
        """The probability of `label`, in [0.5, 1]."""
        return max(self.p_unsafe, 1 - self.p_unsafe)


@dataclass(frozen=True, slots=True)
class _Verdict:
    settled_by: SettledBy
    p_unsafe: float
    rules: tuple[str, ...]
    source: LabelSource


class PolicyVotes:
    """The votes under one policy, by image, and what is known without them."""

    def __init__(self, policy: Policy, votes: Iterable[VoteRow], gold: Iterable[Gold]) -> None:
        self._policy, self._digest = policy, policy.digest  # the digest hashes the text: once
        self._given: dict[str, list[VoteRow]] = {}
        self._rulings: dict[str, list[VoteRow]] = {}
        for vote in votes:
            if not is_adjudicator(vote.rater):
                self._given.setdefault(vote.image_id, []).append(vote)
            elif self._counts(vote):
                self._rulings.setdefault(vote.image_id, []).append(vote)
        self._gold = {item.image_id: item for item in gold}

    def ballot(self) -> Ballot:
        """The raters' votes that count, with the labels that are known."""
        counted = [vote for votes in self._given.values() for vote in votes if self._counts(vote)]
        fixed = self._rulings.keys() | self._gold.keys()
        return ballot(
            self._policy.id, counted, {image: self._verdict(image, 0.5).p_unsafe for image in fixed}
        )

    def cell(self, image_id: str, p_unsafe: float) -> Cell:
        """The cell of an image whose votes give `p_unsafe`."""
        given = self._given.get(image_id, [])
        present = [vote.answer for vote in given if vote.policy_digest == self._digest]
        verdict = self._verdict(image_id, p_unsafe)
        return Cell(
            image_id=image_id,
            policy_id=self._policy.id,
            safe=present.count("safe"),
            unsafe=present.count("unsafe"),
            unsure=present.count("unsure"),
            skipped=present.count("skipped"),
            outdated=len(given) - len(present),
            rulings=len(self._rulings.get(image_id, [])),
            p_unsafe=verdict.p_unsafe,
            settled_by=verdict.settled_by,
            rules=verdict.rules,
            source=verdict.source,
        )

    def _counts(self, vote: VoteRow) -> bool:
        return vote.answer in LABELS and vote.policy_digest == self._digest

    def _verdict(self, image_id: str, p_unsafe: float) -> _Verdict:
        """An adjudicator overrules gold, gold overrules the votes."""
        given = self._given.get(image_id, [])
        named = self._named([vote for vote in given if self._counts(vote)])
        if rulings := self._rulings.get(image_id):
            share = sum(vote.answer == "unsafe" for vote in rulings) / len(rulings)
            return _Verdict("adjudicator", share, self._named(rulings), _source(rulings))
        if gold := self._gold.get(image_id):
            rules = (gold.rule,) if gold.rule else named
            return _Verdict("gold", 0.0 if gold.label == "safe" else 1.0, rules, gold.source)
        return _Verdict("votes", p_unsafe, named, _source(given))

    def _named(self, votes: Sequence[VoteRow]) -> tuple[str, ...]:
        """The rules named by at least half of those who said unsafe and named one, in the policy's order."""
        named = [vote.rule for vote in votes if vote.answer == "unsafe" and vote.rule]
        enough = max(len(named), 1)
        return tuple(rule.id for rule in self._policy.rules if 2 * named.count(rule.id) >= enough)


def _source(votes: Sequence[VoteRow]) -> LabelSource:
    return "simulated" if any(vote.label_source == "simulated" for vote in votes) else "human"
