"""From votes to verdicts: majority as the baseline, Dawid-Skene as the default.

Dawid and Skene (Applied Statistics 28, 1979): every rater has a confusion matrix, every item a hidden
label; EM finds both. It runs per policy, since a rater who reads one policy well may misread another.
Small counts are steadied by a weak prior that raters are better than chance (`PRIOR`), which also
keeps the two labels from changing places.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotation.agreement import MISSING, Codes, vote_codes
from bench.policy import Policy
from bench.schema import LABELS, Label, LabelSource, Role, VerdictRow, VoteRow

Floats = NDArray[np.float64]
PRIOR: Floats = np.array([[4.0, 1.0], [1.0, 4.0]])  # pseudo-counts, true label x answer
MAX_ROUNDS = 500
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Item:
    """One image to settle. Every item has one cell a policy."""

    image_id: str
    pair_id: str
    role: Role


Method = Callable[[Codes], Floats]  # raters x items codes -> P(unsafe) of each item, in [0, 1]


def majority(codes: Codes) -> Floats:
    """Share of `unsafe` among the votes of each item; 0.5 without a vote."""
    unsafe, votes = (codes == 1).sum(axis=0), (codes != MISSING).sum(axis=0)
    shares: Floats = np.where(votes > 0, unsafe / np.maximum(votes, 1), 0.5)
    return shares


def dawid_skene(codes: Codes, *, prior: Floats = PRIOR, label_prior: float = 1.0) -> Floats:
    """P(unsafe) of each item by EM from the majority's shares; stops when no posterior moves by 1e-9.

    `prior` (true label x answer) and `label_prior` are positive pseudo-counts; close to zero they give the
    maximum likelihood, which invents violations under a policy that has none.
    """
    answers = np.stack([codes == value for value in range(2)]).astype(np.float64)  # answer x rater x item
    posterior = majority(codes)
    for _ in range(MAX_ROUNDS):
        truth = np.stack([1 - posterior, posterior])  # label x item
        confusion = np.einsum("li,ari->rla", truth, answers) + prior
        confusion /= confusion.sum(axis=2, keepdims=True)
        share = truth.sum(axis=1) + label_prior
        logits = np.log(share / share.sum())[:, None] + np.einsum("rla,ari->li", np.log(confusion), answers)
        previous, posterior = posterior, np.exp(-np.logaddexp(0, logits[0] - logits[1]))
        if np.abs(posterior - previous).max(initial=0) < TOLERANCE:
            break
    return posterior


def settle(
    votes: Sequence[VoteRow],
    items: Sequence[Item],
    policies: Sequence[Policy],
    *,
    method: Method = dawid_skene,
    min_votes: int = 1,
    min_posterior: float = 0.6,
) -> tuple[VerdictRow, ...]:
    """One row for every item and policy, items in the given order: a label, or the reason for none.

    Only `safe` and `unsafe` answers given under the policy's present text count. A cell stays open with
    fewer than `min_votes` of them or a posterior below `min_posterior`. Votes on other images do not
    count. A cell with any simulated vote behind it is marked simulated.
    """
    wanted = {item.image_id for item in items}
    votes = [vote for vote in votes if vote.image_id in wanted]
    settled = {policy.id: _Settled(policy, votes, method) for policy in policies}
    return tuple(
        settled[policy.id].verdict(item, min_votes, min_posterior) for item in items for policy in policies
    )


class _Settled:
    """The votes of one policy and the posterior of each image."""

    def __init__(self, policy: Policy, votes: Sequence[VoteRow], method: Method) -> None:
        self._policy = policy
        self._votes: dict[str, list[VoteRow]] = {}
        votes = [vote for vote in votes if vote.policy_id == policy.id]
        for vote in votes:
            self._votes.setdefault(vote.image_id, []).append(vote)
        codes, _, images = vote_codes([vote for vote in votes if self._counts(vote)])
        self._unsafe = dict(zip(images, method(codes).tolist(), strict=True))

    def verdict(self, item: Item, min_votes: int, min_posterior: float) -> VerdictRow:
        given = self._votes.get(item.image_id, [])
        counted = [vote for vote in given if self._counts(vote)]
        unsafe = self._unsafe.get(item.image_id, 0.5)
        label: Label = "unsafe" if unsafe > 0.5 else "safe"
        posterior = max(unsafe, 1 - unsafe)
        reason = self._open(given, counted, posterior, min_votes, min_posterior)
        return VerdictRow(
            image_id=item.image_id,
            pair_id=item.pair_id,
            role=item.role,
            policy_id=self._policy.id,
            policy_digest=self._policy.digest,
            safety_label=None if reason else label,
            rules=_rules(counted, self._policy) if not reason and label == "unsafe" else (),
            posterior=None if reason else posterior,
            votes=len(counted),
            label_source=_source(given),
            reason=reason,
        )

    def _counts(self, vote: VoteRow) -> bool:
        return vote.answer in LABELS and vote.policy_digest == self._policy.digest

    def _open(
        self,
        given: Sequence[VoteRow],
        counted: Sequence[VoteRow],
        posterior: float,
        min_votes: int,
        min_posterior: float,
    ) -> str:
        """Why the cell stays open, or ""."""
        if not given:
            return "nobody was asked"
        other = sum(vote.policy_digest != self._policy.digest for vote in given)
        if len(counted) < min_votes:
            words = ("unsure", "skipped")
            rest = [f"{sum(v.answer == word for v in given)} {word}" for word in words]
            return f"{len(counted)} of {min_votes} votes ({', '.join(rest)}, {other} under another text)"
        if posterior < min_posterior:
            return f"posterior {posterior:.2f} below {min_posterior:.2f}"
        return ""


def _rules(votes: Sequence[VoteRow], policy: Policy) -> tuple[str, ...]:
    """The rules named by at least half of the raters who said unsafe and named one, in the policy's order."""
    named = [vote.rule for vote in votes if vote.answer == "unsafe" and vote.rule]
    return tuple(rule.id for rule in policy.rules if 2 * named.count(rule.id) >= max(len(named), 1))


def _source(votes: Sequence[VoteRow]) -> LabelSource:
    return "simulated" if any(vote.label_source == "simulated" for vote in votes) else "human"
