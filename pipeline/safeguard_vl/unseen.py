"""Policies to train on that leave the policies to be tested on unseen.

Two policies are the same when they give every thing in every setting the same label, whatever their words,
so that is what is compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from bench.policy import Policy, truth_table
from bench.variants import held_out_policies
from pipeline.safeguard_vl.compose import training_policy

Meaning = frozenset[tuple[str, str]]


def meaning(policy: Policy) -> Meaning:
    """The cells (concept, context) of the truth table that are unsafe."""
    return frozenset(cell for cell, ruling in truth_table(policy).items() if ruling.label == "unsafe")


def kept_for_testing(policies: Sequence[Policy], seeds: Sequence[int], count: int) -> list[Policy]:
    """The `count` policies of each seed that `evaluate --held-out COUNT --seed SEED` asks under."""
    return [policy for seed in seeds for policy in held_out_policies(policies, seed, count)]


def made_up_policies(count: int, seed: int, unseen: Iterable[Policy]) -> list[Policy]:
    """`count` policies nobody wrote, none of which means the same as one of `unseen`."""
    refused = {meaning(policy) for policy in unseen}
    generator = np.random.default_rng(seed)
    found: list[Policy] = []
    while len(found) < count:
        policy = training_policy(generator, as_is=0.0)
        if meaning(policy) not in refused:
            found.append(policy)
    return found
