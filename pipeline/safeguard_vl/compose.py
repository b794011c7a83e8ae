"""Policies to train on: the five as they stand, the five with one rule changed, and fresh ones.

A model that only ever reads five policies learns five names. Fresh policies are drawn from the same
grammar (any things, grouped at random, with exceptions and settings at random), so the verdict can only
be had by reading. `bench.variants` is left alone: it is what generalization is measured on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import TypeVar

import numpy as np

from bench.concepts import CONTEXTS, vocabulary
from bench.fields import Phrase
from bench.policy import Policy, load_policies
from bench.rules import Permit, Rule, RuleException
from bench.wording import generic_purpose

Item = TypeVar("Item")
NOTHING: Phrase = ("", "", "")


def training_policy(generator: np.random.Generator, *, as_is: float = 0.2, edited: float = 0.3) -> Policy:
    """One of the five with chance `as_is`, one of them changed with chance `edited`, else a fresh one."""
    dice = generator.random()
    if dice < as_is:
        return pick(load_policies_once(), generator)
    if dice < as_is + edited:
        return changed(pick(load_policies_once()[1:], generator), generator)
    return fresh(generator)


@cache
def load_policies_once() -> tuple[Policy, ...]:
    """The five, parsed once."""
    return load_policies()


def pick(items: Sequence[Item], generator: np.random.Generator) -> Item:
    """One of `items` with equal chances."""
    return items[int(generator.integers(len(items)))]


def some(items: Sequence[Item], least: int, most: int, generator: np.random.Generator) -> tuple[Item, ...]:
    """Between `least` and `most` different items in random order."""
    count = int(generator.integers(least, min(most, len(items)) + 1))
    return tuple(items[int(i)] for i in generator.permutation(len(items))[:count])


def changed(policy: Policy, generator: np.random.Generator) -> Policy:
    """The policy with rules in another order and one rule dropped, added, or given other exceptions.

    What it says aloud as allowed is dropped: the change may have made it false.
    """
    rules = list(some(policy.rules, len(policy.rules), len(policy.rules), generator))
    kind = int(generator.integers(3))
    at = int(generator.integers(len(rules)))
    if kind == 0:
        del rules[at]
    elif kind == 1:
        rules.insert(at, fresh_rule(some(tuple(vocabulary().concepts), 1, 3, generator), generator))
    else:
        rules[at] = replace(rules[at], exceptions=exceptions_for(rules[at].concepts, generator))
    return replace(policy, id="edited", kind="generated", rules=numbered(rules), permits=())


def fresh(generator: np.random.Generator) -> Policy:
    """A policy of up to ten random rules, and a few true statements of what is allowed."""
    names = list(generator.permutation(list(vocabulary().concepts)))
    wanted = 0 if generator.random() < 0.05 else int(generator.integers(1, 11))
    rules: list[Rule] = []
    while names and len(rules) < wanted:
        size = int(generator.integers(1, 5))
        taken, names = names[:size], names[size:]
        rules.append(fresh_rule(tuple(str(name) for name in taken), generator))
    permits = [Permit((str(name),)) for name in names[: int(generator.integers(0, 5))]]
    purposes = [generic_purpose(), *(policy.purpose for policy in load_policies_once())]
    return Policy(
        id="fresh",
        name="Generated",
        version="1",
        kind="generated",
        note="",
        purpose=pick(purposes, generator),
        rules=numbered(rules),
        permits=tuple(permits),
    )


def fresh_rule(concepts: tuple[str, ...], generator: np.random.Generator) -> Rule:
    """A rule on these concepts with a borrowed title, at times a borrowed reason, and random exceptions."""
    known = [rule for policy in load_policies_once() for rule in policy.rules]
    titles = [vocabulary().groups[vocabulary().concepts[concepts[0]].group], pick(known, generator).title]
    return Rule(
        id="R0",
        title=pick(titles, generator),
        concepts=concepts,
        exceptions=exceptions_for(concepts, generator),
        only_in=some(CONTEXTS, 1, 2, generator) if generator.random() < 0.1 else (),
        why=pick(known, generator).why if generator.random() < 0.4 else NOTHING,
    )


def exceptions_for(concepts: tuple[str, ...], generator: np.random.Generator) -> tuple[RuleException, ...]:
    """None, one or two exceptions; with two, the second is for some of the concepts only."""
    count = int(generator.choice([0, 1, 2], p=[0.4, 0.4, 0.2]))
    return tuple(
        RuleException(
            contexts=some(CONTEXTS, 1, 3, generator),
            concepts=some(concepts, 1, len(concepts), generator) if generator.random() < 0.5 else (),
        )
        for _ in range(count)
    )


def numbered(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules as R1, R2, ... in this order."""
    return tuple(replace(rule, id=f"R{number}") for number, rule in enumerate(rules, start=1))
