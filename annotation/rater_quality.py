"""How good each rater is: accuracy on gold with Wilson intervals, attention checks, and a verdict on both.

Gold accuracy is given for every policy and, pooled over the policies, for the verdict. Five answers on
one image are not independent, so the pooled interval is somewhat too narrow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from annotation.adjudicators import is_adjudicator
from annotation.attention import Attention, attention
from annotation.ballot import by_policy
from annotation.cells import PolicyVotes
from annotation.dawid_skene import RaterEstimate, rater_estimates
from annotation.forms import Form, latest
from annotation.gold import Gold
from bench.policy import Policy
from bench.schema import LABELS, VoteRow
from bench.stats import wilson

Standing = Literal["keep", "look", "stop", "wait"]
ENOUGH = 20  # gold answers before they say anything
REQUIRED = 0.80  # gold accuracy


@dataclass(frozen=True, slots=True)
class GoldScore:
    """One rater's labels on gold questions; `unsure` and `skipped` are no labels.

    `policy_id` is "" for all policies pooled. `low` and `high` bound the 95 % Wilson interval of
    `accuracy`; all three are None without an answer. `misses` are unsafe questions called safe,
    `false_alarms` the reverse.
    """

    rater: str
    policy_id: str
    answers: int
    misses: int
    false_alarms: int
    accuracy: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class RaterReport:
    """What is known of one rater, and what to do.

    `standing`: `stop` when gold accuracy is certainly below 0.80 or all answers are the same; `look` when
    another check failed or gold accuracy is below 0.80 within its interval; `wait` with fewer than 20 gold
    answers; else `keep`. `evidence` says why, in words. `seconds` is the median over answered forms.
    """

    rater: str
    forms: int
    skipped: int
    unsure: int  # answers
    revealed: int
    seconds: float | None
    gold: GoldScore
    gold_by_policy: tuple[GoldScore, ...]
    checks: tuple[Attention, ...]
    standing: Standing
    evidence: tuple[str, ...]
    simulated: bool


def rater_reports(
    forms: Sequence[Form], policies: Sequence[Policy], *, gold: Sequence[Gold] = ()
) -> tuple[RaterReport, ...]:
    """A report a rater, in order of pseudonym, adjudicators left out.

    `forms` must hold all forms, also those that a later one of the same rater on the same image replaced.
    """
    forms = [form for form in forms if not is_adjudicator(form.rater)]
    checks = attention(forms)
    scores = gold_scores(latest(forms), policies, gold)
    return tuple(
        _report(
            rater,
            [form for form in forms if form.rater == rater],
            [score for score in scores if score.rater == rater],
            tuple(check for check in checks if check.rater == rater),
        )
        for rater in sorted({form.rater for form in forms})
    )


def gold_scores(
    votes: Sequence[VoteRow], policies: Sequence[Policy], gold: Iterable[Gold]
) -> tuple[GoldScore, ...]:
    """Each rater's score pooled (policy "") and then by policy; only votes under the present texts count."""
    right = {(item.image_id, item.policy_id): item.label for item in gold}
    digests = {policy.id: policy.digest for policy in policies}
    answers: dict[str, list[tuple[str, str, str]]] = {vote.rater: [] for vote in votes}
    for vote in votes:
        label = right.get((vote.image_id, vote.policy_id))
        if label and vote.answer in LABELS and vote.policy_digest == digests.get(vote.policy_id):
            answers[vote.rater].append((vote.policy_id, label, vote.answer))
    return tuple(
        _score(rater, policy_id, [pair for pair in own if policy_id in ("", pair[0])])
        for rater, own in sorted(answers.items())
        for policy_id in ("", *digests)
    )


def accuracy_estimates(
    votes: Sequence[VoteRow], policies: Sequence[Policy], *, gold: Sequence[Gold] = ()
) -> tuple[RaterEstimate, ...]:
    """Each rater's accuracy under each policy as Dawid-Skene sees it, gold or none."""
    groups = by_policy(votes)
    return tuple(
        row
        for policy in policies
        for known in [[item for item in gold if item.policy_id == policy.id]]
        for row in rater_estimates(PolicyVotes(policy, groups.get(policy.id, ()), known).ballot())
    )


def _score(rater: str, policy_id: str, answers: Sequence[tuple[str, str, str]]) -> GoldScore:
    """From (policy, gold label, answer) of one rater."""
    misses = sum(label == "unsafe" != answer for _, label, answer in answers)
    alarms = sum(label == "safe" != answer for _, label, answer in answers)
    if not answers:
        return GoldScore(rater, policy_id, 0, 0, 0, None, None, None)
    n, right = len(answers), len(answers) - misses - alarms
    return GoldScore(rater, policy_id, n, misses, alarms, right / n, *wilson(right, n))


def _report(
    rater: str, forms: Sequence[Form], scores: Sequence[GoldScore], checks: tuple[Attention, ...]
) -> RaterReport:
    pooled, *by_policy_ = scores
    answered = [form.lead_time for form in forms if not form.skipped]
    standing, evidence = _standing(pooled, checks)
    return RaterReport(
        rater=rater,
        forms=len(forms),
        skipped=sum(form.skipped for form in forms),
        unsure=sum(vote.answer == "unsure" for form in forms for vote in form.votes),
        revealed=sum(form.revealed for form in forms),
        seconds=median(answered) if answered else None,
        gold=pooled,
        gold_by_policy=tuple(by_policy_),
        checks=checks,
        standing=standing,
        evidence=evidence,
        simulated=any(vote.label_source == "simulated" for form in forms for vote in form.votes),
    )


def _standing(gold: GoldScore, checks: Sequence[Attention]) -> tuple[Standing, tuple[str, ...]]:
    flagged = [check for check in checks if check.flagged]
    evidence = (_gold_text(gold), *(check.text for check in flagged))
    accuracy, high = gold.accuracy or 0.0, gold.high or 0.0
    enough = gold.answers >= ENOUGH
    if (enough and high < REQUIRED) or any(check.check == "same answer" for check in flagged):
        return "stop", evidence
    if flagged or (enough and accuracy < REQUIRED):
        return "look", evidence
    return ("keep" if enough else "wait"), evidence


def _gold_text(gold: GoldScore) -> str:
    if gold.accuracy is None or gold.low is None or gold.high is None:
        return "no gold question answered"
    right = gold.answers - gold.misses - gold.false_alarms
    return (
        f"{right} of {gold.answers} gold answers right ({100 * gold.low:.0f} to {100 * gold.high:.0f} %): "
        f"{gold.misses} missed, {gold.false_alarms} false alarms"
    )
