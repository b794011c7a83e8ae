"""The same policy looking different, so that a model has to read it: the truth table never changes.

A policy is recognised by its opening (no other part of the text names it), by the order and numbers of its
rules and by its words. All four are drawn anew for every group of training cases.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bench.fields import WORDINGS
from bench.policy import Policy
from bench.wording import generic_purpose
from pipeline.safeguard_vl.compose import some


def disguised(policy: Policy, generator: np.random.Generator) -> str:
    """The policy's text in a random wording, its rules in random order under random numbers.

    In half of the draws a neutral opening takes the place of its own; of what it says aloud as allowed,
    which decides nothing, a random part stays.
    """
    rules = some(policy.rules, len(policy.rules), len(policy.rules), generator)
    first = int(generator.integers(1, 10))
    changed = replace(
        policy,
        purpose=generic_purpose() if generator.random() < 0.5 else policy.purpose,
        rules=tuple(replace(rule, id=f"R{number}") for number, rule in enumerate(rules, start=first)),
        permits=some(policy.permits, 0, len(policy.permits), generator),
    )
    return changed.text(int(generator.integers(WORDINGS)))
