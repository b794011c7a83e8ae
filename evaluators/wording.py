"""The same policy in other words: a paraphrase, or its rules in another order. The truth table stays."""

from __future__ import annotations

import random
from dataclasses import dataclass, fields, replace

from bench.policy import Policy


@dataclass(frozen=True, slots=True)
class Reworded(Policy):
    """A policy whose first text is one of its paraphrases. Its digest is that text's."""

    wording: int = 0

    def text(self, wording: int = 0) -> str:
        """The paraphrase, whatever wording is asked for."""
        return Policy.text(self, self.wording)


def reworded(policy: Policy, wording: int) -> Policy:
    """The policy in wording 0 (as it is), 1 or 2. Raises PolicyError for any other at the first text."""
    if not wording:
        return policy
    told = {field.name: getattr(policy, field.name) for field in fields(Policy)}
    return Reworded(**told, wording=wording)


def reordered(policy: Policy, seed: int) -> Policy:
    """The policy with its rules, each under its own id, in an order drawn by `seed`."""
    rules = list(policy.rules)
    random.Random(f"order-{policy.id}-{seed}").shuffle(rules)
    return replace(policy, rules=tuple(rules))
