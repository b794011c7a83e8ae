"""Prints what consensus and agreement reach and cost: `python -m tests.bench_annotation [draws]`.

Raters are simulated with known confusion matrices, so every figure has a truth beside it. The default
of 40 draws takes some minutes on one core.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from rich.console import Console
from rich.table import Table

from annotation.agreement import agreement_by_role, agreement_table, cohen_pairs
from annotation.ballot import Ballot, Floats
from annotation.consensus import Item, majority, settle
from annotation.dawid_skene import dawid_skene, rater_estimates
from annotation.forms import forms_of
from annotation.rater_quality import accuracy_estimates
from annotation.status import status_of
from bench.metrics import calibration, ece
from bench.policy import load_policies
from bench.schema import ROLES, VoteRow
from tests.annotation.vote_samples import Rates, simulated_codes, votes_of

IMAGES, SHARE, GOLD = 1000, 0.35, 80
CREWS = {
    "one careful, two hasty": [Rates(0.03, 0.05), Rates(0.15, 0.25), Rates(0.25, 0.40)],
    "graded": [Rates(0.05, 0.10), Rates(0.10, 0.20), Rates(0.20, 0.30)],
    "alike": [Rates(0.10, 0.15), Rates(0.10, 0.15), Rates(0.10, 0.15)],
    "two blind to violations": [Rates(0.10, 0.10), Rates(0.10, 0.75), Rates(0.10, 0.75)],
}
console = Console()


def main(draws: int = 40) -> None:
    table = Table("raters", "gold", "MV", "DS", "DS better, as good", "ECE MV", "ECE DS", "inside")
    for name, rates in CREWS.items():
        for gold in (0, GOLD):
            table.add_row(name, str(gold), *_compare(rates, gold, draws))
    console.print(
        f"{IMAGES} images x 3 raters, {SHARE:.0%} unsafe, {draws} draws. MV: majority, DS: Dawid-Skene.\n"
        "Accuracy and calibration error (ECE) on images that are not gold;\n"
        "`inside`: share of raters whose true accuracy lies in its 95 % interval."
    )
    console.print(table)
    _speed()


def _compare(rates: list[Rates], gold: int, draws: int) -> list[str]:
    accuracy, error, inside = [], [], []
    for seed in range(draws):
        codes, truth = simulated_codes(seed, IMAGES, SHARE, rates)
        known = np.where(np.arange(IMAGES) < gold, truth, np.nan)
        given = Ballot("L3", ("r-0", "r-1", "r-2"), tuple(map(str, range(IMAGES))), codes, known)
        found = [majority(given)[gold:], dawid_skene(given)[gold:]]
        accuracy.append([float(((p > 0.5) == (truth[gold:] == 1)).mean()) for p in found])
        error.append([_ece(p, truth[gold:] == 1) for p in found])
        estimates = rater_estimates(given)
        inside += [e.low <= r.accuracy(SHARE) <= e.high for e, r in zip(estimates, rates, strict=True)]
    by_majority, by_em = np.array(accuracy).T
    errors = np.mean(error, axis=0)
    return [
        f"{by_majority.mean():.4f}",
        f"{by_em.mean():.4f}",
        f"{(by_em > by_majority).mean():.0%}, {(by_em >= by_majority).mean():.0%}",
        f"{errors[0]:.4f}",
        f"{errors[1]:.4f}",
        f"{np.mean(inside):.0%}",
    ]


def _ece(p_unsafe: Floats, unsafe: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    return float(ece(calibration(p_unsafe, unsafe).sum(axis=0)))


def _speed() -> None:
    """Seconds over 25,000 votes: 1,000 images x 5 policies x 5 raters."""
    policies = load_policies()
    rates = [Rates(0.05, 0.10), Rates(0.10, 0.20), Rates(0.20, 0.30), Rates(0.05, 0.15), Rates(0.10, 0.10)]
    votes: list[VoteRow] = []
    for number, policy in enumerate(policies):
        votes += votes_of(simulated_codes(number, IMAGES, SHARE, rates)[0], policy)
    images = sorted({vote.image_id for vote in votes})
    roles = {image: ROLES[number % 3] for number, image in enumerate(images)}
    items = [Item(image, image, roles[image]) for image in images]
    table = Table("over 25,000 votes", "seconds")
    for name, work in {
        "alpha, Fleiss, Cohen, raw with intervals, 5 policies": lambda: agreement_table(votes),
        "the same by role": lambda: agreement_by_role(votes, roles),
        "Cohen of 50 pairs with intervals": lambda: cohen_pairs(votes),
        "verdicts by Dawid-Skene": lambda: settle(votes, items, policies),
        "accuracy of 5 raters under 5 policies with intervals": lambda: accuracy_estimates(votes, policies),
        "status: cells, overlap, queue": lambda: status_of(images, policies, forms_of(votes)),
    }.items():
        started = time.perf_counter()
        work()
        table.add_row(name, f"{time.perf_counter() - started:.2f}")
    console.print(table)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:2]))
