"""Policies nobody wrote: made from the rule grammar, to measure what a guardrail does on unseen ones.

Everything is a pure function of its arguments: the same seed gives the same policies.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from bench.concepts import CONTEXTS, vocabulary
from bench.policy import Permit, Policy, Rule, RuleException, Ruling, truth_table
from bench.wording import generic_purpose

NOTE = "Generated from the rule grammar for measuring generalization. It states nobody's views."
PERMITS = 6  # allowed things that a generated text names


@dataclass(frozen=True, slots=True)
class PolicyEdit:
    """A policy that differs from its source in the exceptions of one rule.

    `cells` are the (concept, context or "") whose label flips; never empty.
    """

    policy: Policy
    rule: str
    cells: tuple[tuple[str, str], ...]


def flipped_cells(one: Policy, other: Policy) -> tuple[tuple[str, str], ...]:
    """The cells of the truth table that the two policies label differently."""
    table: dict[tuple[str, str], Ruling] = truth_table(other)
    return tuple(cell for cell, ruling in truth_table(one).items() if ruling.label != table[cell].label)


def _generated(id: str, rules: Sequence[Rule], permits: Iterable[Permit] = ()) -> Policy:
    bare = Policy(id, f"Generated policy {id}", "1.0", "generated", NOTE, generic_purpose(), tuple(rules))
    kept = tuple(p for p in permits if bare.judge(p.sightings()).label == "safe")
    return replace(bare, permits=kept)


def _allowed(rules: Sequence[Rule], rng: random.Random) -> list[Permit]:
    """One permit naming some of the things that no rule mentions."""
    named = {concept for rule in rules for concept in rule.concepts}
    free = [concept for concept in vocabulary().concepts if concept not in named]
    chosen = sorted(rng.sample(free, min(PERMITS, len(free))), key=free.index)
    return [Permit(tuple(chosen))] if chosen else []


def subset_policy(policy: Policy, seed: int, id: str | None = None) -> Policy:
    """A random proper part of a policy's rules (at least one of two or more), under a neutral purpose.

    Rules keep their ids, words and exceptions. Raises ValueError for a policy of fewer than two rules.
    """
    if len(policy.rules) < 2:
        raise ValueError(f"{policy.id} has {len(policy.rules)} rules; a subset needs at least 2")
    rng = random.Random(f"subset-{policy.id}-{seed}")
    kept = rng.sample(policy.rules, rng.randint(1, len(policy.rules) - 1))
    rules = [rule for rule in policy.rules if rule in kept]
    return _generated(id or f"{policy.id}-subset{seed}", rules, policy.permits)


def _random_exceptions(concepts: tuple[str, ...], rng: random.Random) -> tuple[RuleException, ...]:
    exceptions = []
    for context in rng.sample(CONTEXTS, rng.choice((0, 1, 1, 2))):
        some = tuple(c for c in concepts if rng.random() < 0.5)
        exceptions.append(RuleException((context,), () if rng.random() < 0.5 else some))
    return tuple(exceptions)


def random_policy(seed: int, id: str | None = None) -> Policy:
    """Three to eight groups of things, each forbidden in part, with random exceptions."""
    rng = random.Random(f"random-{seed}")
    groups = rng.sample(sorted(vocabulary().groups), rng.randint(3, 8))
    rules: list[Rule] = []
    for number, group in enumerate(groups, start=1):
        members = [c.id for c in vocabulary().concepts.values() if c.group == group]
        concepts = tuple(sorted(rng.sample(members, rng.randint(1, len(members))), key=members.index))
        title = vocabulary().groups[group]
        rules.append(Rule(f"R{number}", title, concepts, _random_exceptions(concepts, rng)))
    return _generated(id or f"random{seed}", rules, _allowed(rules, rng))


@dataclass(frozen=True, slots=True, order=True)
class _Shape:
    """How one concept is treated: forbidden at large but not in `contexts`, or only in `contexts`."""

    group: str
    at_large: bool
    contexts: tuple[str, ...]

    def rule(self, number: int, concepts: tuple[str, ...]) -> Rule:
        exceptions = (RuleException(self.contexts),) if self.at_large and self.contexts else ()
        only_in = () if self.at_large else self.contexts
        return Rule(f"R{number}", vocabulary().groups[self.group], concepts, exceptions, only_in)


def _inverted_shape(concept: str, unsafe: set[tuple[str, str]]) -> _Shape:
    at_large = (concept, "") not in unsafe
    differing = tuple(c for c in CONTEXTS if ((concept, c) not in unsafe) != at_large)
    return _Shape(vocabulary().concepts[concept].group, at_large, differing)


def inverted_policy(policy: Policy, id: str | None = None) -> Policy:
    """Forbids every cell of the truth table that `policy` allows, and allows every cell it forbids."""
    unsafe = {cell for cell, ruling in truth_table(policy).items() if ruling.label == "unsafe"}
    shapes = [(_inverted_shape(concept, unsafe), concept) for concept in vocabulary().concepts]
    forbidding = sorted((s, c) for s, c in shapes if s.at_large or s.contexts)
    rules: list[Rule] = []
    for shape, members in groupby(forbidding, key=lambda pair: pair[0]):
        rules.append(shape.rule(len(rules) + 1, tuple(concept for _, concept in members)))
    permits = _allowed(rules, random.Random(f"inverted-{policy.id}"))
    return _generated(id or f"{policy.id}-inverted", rules, permits)


def _without_one(rule: Rule) -> list[Rule]:
    """The rule with one context of one exception taken away, in every way."""
    found = []
    for i, exception in enumerate(rule.exceptions):
        for context in exception.contexts:
            left = tuple(c for c in exception.contexts if c != context)
            rest = (replace(exception, contexts=left),) if left else ()
            changed = (*rule.exceptions[:i], *rest, *rule.exceptions[i + 1 :])
            found.append(replace(rule, exceptions=changed))
    return found


def _with_one_more(rule: Rule) -> list[Rule]:
    """The rule with one further exception, for each context that lifts nothing yet."""
    used = {context for exception in rule.exceptions for context in exception.contexts}
    return [
        replace(rule, exceptions=(*rule.exceptions, RuleException((context,))))
        for context in CONTEXTS
        if context not in used and context not in rule.only_in
    ]


def _edit(policy: Policy, changed: Rule, id: str) -> PolicyEdit:
    rules = tuple(changed if rule.id == changed.id else rule for rule in policy.rules)
    bare = replace(policy, id=id, name=f"{policy.name}, one edit", rules=rules, permits=())
    permits = tuple(p for p in policy.permits if bare.judge(p.sightings()).label == "safe")
    edited = replace(bare, permits=permits, kind="generated", note=NOTE)
    return PolicyEdit(edited, changed.id, flipped_cells(policy, edited))


def exception_edits(policy: Policy, seed: int, count: int) -> tuple[PolicyEdit, ...]:
    """Up to `count` minimal edits of a policy: one exception dropped or added, everything else as it was.

    Edits that flip no cell are left out; ids are `L3-edit0`, `L3-edit1`, ... Empty for a policy without
    rules.
    """
    changed = [new for rule in policy.rules for new in (*_without_one(rule), *_with_one_more(rule))]
    random.Random(f"edits-{policy.id}-{seed}").shuffle(changed)
    found: list[PolicyEdit] = []
    for rule in changed:
        if len(found) == count:
            break
        edit = _edit(policy, rule, f"{policy.id}-edit{len(found)}")
        if edit.cells:
            found.append(edit)
    return tuple(found)


def _held_out(step: int, number: int, source: Policy) -> Policy:
    if step % 4 == 0:
        return random_policy(number)
    if step % 4 == 1:
        return subset_policy(source, number)
    if step % 4 == 2:
        return exception_edits(source, number, 1)[0].policy
    return inverted_policy(subset_policy(source, number), id=f"{source.id}-inverted{number}")


def held_out_policies(policies: Sequence[Policy], seed: int, count: int) -> tuple[Policy, ...]:
    """`count` unseen policies with distinct texts: random, subset, edited and inverted ones in turn.

    Sources are those of `policies` with two or more rules; raises ValueError when there is none. The
    ids start with H0, H1, ...
    """
    sources = [policy for policy in policies if len(policy.rules) > 1]
    if not sources:
        raise ValueError("no source policy has two or more rules; pass policies such as L2 .. L5")
    known = {policy.digest for policy in policies}
    found: list[Policy] = []
    step = 0
    while len(found) < count:
        made = _held_out(step, seed * 100_000 + step, sources[step // 4 % len(sources)])
        if made.digest not in known:
            known.add(made.digest)
            found.append(replace(made, id=f"H{len(found)}-{made.id}"))
        step += 1
    return tuple(found)
