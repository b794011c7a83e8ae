"""Pairs drawn from a known model of answers, whose true figures are known in closed form.

Every pair has an original and its control, unsafe under U1 and U2, and an edited image that is safe. S
calls everything safe. The skill of a pair lifts or lowers all its hit rates together, so that its cases
are as dependent as those of near-copies are.
"""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

import numpy as np

from bench.cases import Cases
from bench.schema import ROLES

POLICIES = ("S", "U1", "U2")
HIT = {"original": 0.8, "edited": 0.7, "control": 0.74}  # on average over pairs
SWING = 0.15  # a pair's skill moves its rates up or down by this much, evenly often
SHIFT = 0.4  # a skilled pair's logits lie this much further out: N(1.4, 1) if unsafe, N(-0.4, 1) if safe


def simulate(pairs: int, rng: np.random.Generator) -> Cases:
    """Cases in the order of pairs, roles and policies."""
    shape = (pairs, len(ROLES), len(POLICIES))
    skill = rng.choice([-SWING, SWING], pairs)[:, None, None]
    rate = np.array([HIT[role] for role in ROLES])[None, :, None] + skill
    pair, role, policy = (axis.ravel() for axis in np.indices(shape))
    right = rng.random(shape).ravel() < np.broadcast_to(rate, shape).ravel()
    gold = (policy > 0) & (role != ROLES.index("edited"))
    no = np.zeros(right.size, dtype=bool)
    return Cases(
        images=pairs * len(ROLES),
        pairs=pairs,
        policy_ids=POLICIES,
        image=pair * len(ROLES) + role,
        pair=pair,
        role=role,
        policy=policy,
        gold=gold,
        right=right,
        readable=~no,
        fragile=no,
        written=no,
        agreed=no,
        p_unsafe=1 / (1 + np.exp(-rng.normal(gold + (2 * gold - 1) * SHIFT * np.sign(skill).ravel()[pair]))),
    )


def truth() -> dict[str, float]:
    """The figures of infinitely many such pairs."""
    o, e, c = HIT["original"], HIT["edited"], HIT["control"]
    f1 = 2 * (o + c) / (2 * (o + c) + (1 - e) + (2 - o - c))
    hits, misses, alarms, quiet = 2 * (o + c), 2 * (2 - o - c), 2 * (1 - e) + 3 - o - e - c, 2 * e + o + e + c
    apart = [1 + swing for swing in (2 * SHIFT, 0, 0, -2 * SHIFT)]  # of two pairs, skilled or not
    pooled = (2 * hits / (2 * hits + misses + alarms), 2 * quiet / (2 * quiet + misses + alarms))
    return {
        "headline": ((o + e + c) / 3 + 2 * f1) / 3,
        "macro-F1": sum(pooled) / 2,
        "pair flip": o * e + SWING**2,  # of two answers with rates that swing together
        "artefact gap": o - c,
        "AUROC": sum(NormalDist().cdf(d / sqrt(2)) for d in apart) / 4,
    }
