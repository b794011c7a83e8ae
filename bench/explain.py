"""Why a policy rules as it does on what a picture shows: the rules that concern it, one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from bench.concepts import load_concepts
from bench.policy import Policy
from bench.rules import Rule, RuleException, Sighting

Finding = Literal["broken", "lifted", "elsewhere"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule on one sighting.

    `broken`: it forbids it. `lifted`: it would, were it not for an exception. `elsewhere`: it forbids such
    things only in contexts that are not there. `why` says so in words.
    """

    rule: str
    title: str
    finding: Finding
    why: str


def explain(policy: Policy, sightings: Iterable[Sighting]) -> tuple[Reason, ...]:
    """The reasons in the order of the rules. Rules that name nothing of what is shown are left out.

    The ruling is unsafe exactly where a reason is `broken`.
    """
    seen = tuple(sightings)
    return tuple(reason for rule in policy.rules for reason in _reasons(rule, seen))


def _reasons(rule: Rule, seen: tuple[Sighting, ...]) -> Iterator[Reason]:
    for sighting in seen:
        if sighting.concept in rule.concepts:
            finding, because = _finding(rule, sighting)
            yield Reason(rule.id, rule.title[0], finding, f"{_shown(sighting)}: {because}")


def _finding(rule: Rule, sighting: Sighting) -> tuple[Finding, str]:
    if rule.only_in and sighting.contexts.isdisjoint(rule.only_in):
        return "elsewhere", f"forbidden only in {_contexts(rule.only_in)}"
    if exception := _covering(rule, sighting):
        return "lifted", f"excepted in {_contexts(exception.contexts)}"
    return "broken", "forbidden"


def _covering(rule: Rule, sighting: Sighting) -> RuleException | None:
    return next((exception for exception in rule.exceptions if exception.covers(sighting)), None)


def _shown(sighting: Sighting) -> str:
    name = load_concepts()[sighting.concept].name
    return f"{name} ({_contexts(sorted(sighting.contexts), ', ')})" if sighting.contexts else name


def _contexts(contexts: Iterable[str], between: str = " or ") -> str:
    return between.join(context.replace("_", " ") for context in contexts)
