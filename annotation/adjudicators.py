"""Who adjudicates. An adjudicator's votes carry a pseudonym of their own, `a-3f2a91` instead of `r-3f2a91`.

The name is the whole record: it stays in the published votes, so anyone can see which cells were ruled
on and by how many. Adjudicators answer in a project of their own that shows the image and nothing else,
so they vote before they can see anyone's vote.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bench.schema import VoteRow

RATER, ADJUDICATOR = "r-", "a-"


def is_adjudicator(rater: str) -> bool:
    """Whether this pseudonym is an adjudicator's."""
    return rater.startswith(ADJUDICATOR)


def as_adjudicator(votes: Iterable[VoteRow]) -> tuple[VoteRow, ...]:
    """Votes pulled from an adjudication project, under adjudicators' pseudonyms."""
    return tuple(
        replace(vote, rater=ADJUDICATOR + vote.rater.removeprefix(RATER).removeprefix(ADJUDICATOR))
        for vote in votes
    )
