"""From votes to verdicts: majority as the baseline, Dawid-Skene with gold correction as the default.

`annotation.crowdlab` is the third method, for when a model's probabilities exist.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from annotation.ballot import Ballot, Floats, by_policy, label_counts
from annotation.cells import Cell, PolicyVotes
from annotation.dawid_skene import dawid_skene
from annotation.gold import Gold
from bench.policy import Policy
from bench.schema import Role, VerdictRow, VoteRow

Method = Callable[[Ballot], Floats]  # P(unsafe) of each image, in [0, 1]; it need not heed `known`


@dataclass(frozen=True, slots=True)
class Item:
    """One image to settle. Every item has one cell a policy."""

    image_id: str
    pair_id: str
    role: Role


def majority(given: Ballot) -> Floats:
    """Share of `unsafe` among the votes of each image; 0.5 without a vote."""
    counts = label_counts(given.codes)
    votes = counts.sum(axis=1)
    shares: Floats = np.where(votes > 0, counts[:, 1] / np.maximum(votes, 1), 0.5)
    return shares


def tally(
    votes: Sequence[VoteRow],
    image_ids: Sequence[str],
    policies: Sequence[Policy],
    *,
    gold: Sequence[Gold] = (),
    method: Method = dawid_skene,
) -> tuple[Cell, ...]:
    """A cell for every image and policy, images in the given order. Votes on other images do not count."""
    wanted = frozenset(image_ids)
    votes_under = by_policy([vote for vote in votes if vote.image_id in wanted])
    columns = [
        _column(
            PolicyVotes(policy, votes_under.get(policy.id, ()), _gold_of(policy, gold)), image_ids, method
        )
        for policy in policies
    ]
    return tuple(cell for row in zip(*columns, strict=True) for cell in row)


def settle(
    votes: Sequence[VoteRow],
    items: Sequence[Item],
    policies: Sequence[Policy],
    *,
    gold: Sequence[Gold] = (),
    method: Method = dawid_skene,
    min_votes: int = 1,
    min_posterior: float = 0.6,
) -> tuple[VerdictRow, ...]:
    """One row for every item and policy, items in the given order: a label, or the reason for none.

    Only `safe` and `unsafe` answers given under the policy's present text count. A cell stays open with
    fewer than `min_votes` of them or a posterior below `min_posterior`. An adjudicator's vote settles a
    cell whatever the raters said, and a gold answer one that nobody adjudicated; both are fixed in EM and
    have posterior 1. A row's `votes` are the raters' and the adjudicators' together. A cell that rests on
    any simulated vote is marked simulated.
    """
    cells = tally(votes, [item.image_id for item in items], policies, gold=gold, method=method)
    digests = {policy.id: policy.digest for policy in policies}
    owners = [item for item in items for _ in policies]
    return tuple(
        _row(item, digests[cell.policy_id], cell, _open(cell, min_votes, min_posterior))
        for item, cell in zip(owners, cells, strict=True)
    )


def _gold_of(policy: Policy, gold: Sequence[Gold]) -> list[Gold]:
    return [item for item in gold if item.policy_id == policy.id]


def _column(votes: PolicyVotes, image_ids: Sequence[str], method: Method) -> list[Cell]:
    """The cells of all images under one policy."""
    given = votes.ballot()
    unsafe = dict(zip(given.images, method(given).tolist(), strict=True))
    return [votes.cell(image, unsafe.get(image, 0.5)) for image in image_ids]


def _row(item: Item, digest: str, cell: Cell, reason: str) -> VerdictRow:
    return VerdictRow(
        image_id=item.image_id,
        pair_id=item.pair_id,
        role=item.role,
        policy_id=cell.policy_id,
        policy_digest=digest,
        safety_label=None if reason else cell.label,
        rules=cell.rules if not reason and cell.label == "unsafe" else (),
        posterior=None if reason else cell.posterior,
        votes=cell.votes + cell.rulings,
        label_source=cell.source,
        reason=reason,
    )


def _open(cell: Cell, min_votes: int, min_posterior: float) -> str:
    """Why the cell stays open, or ""."""
    if cell.settled_by == "votes" and cell.answers + cell.outdated == 0:
        return "nobody was asked"
    if cell.settled_by == "votes" and cell.votes < min_votes:
        rest = f"{cell.unsure} unsure, {cell.skipped} skipped, {cell.outdated} under another text"
        return f"{cell.votes} of {min_votes} votes ({rest})"
    if cell.posterior < min_posterior:
        return f"posterior {cell.posterior:.2f} below {min_posterior:.2f}"
    return ""
