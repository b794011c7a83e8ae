"""The grammar of a policy: what an image shows, rules that forbid it, and exceptions by context."""

from __future__ import annotations

from dataclasses import dataclass

from bench.concepts import CONTEXTS, load_concepts, vocabulary
from bench.fields import Fields, Phrase, PolicyError


@dataclass(frozen=True, slots=True)
class Sighting:
    """One thing an image shows, and every context it is shown in.

    Raises PolicyError for an unknown concept or context, which would otherwise pass as safe.
    """

    concept: str
    contexts: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.concept not in vocabulary().concepts:
            raise PolicyError(f"unknown concept {self.concept!r}; use one of {', '.join(load_concepts())}")
        if unknown := sorted(self.contexts.difference(CONTEXTS)):
            raise PolicyError(f"unknown contexts {unknown} of {self.concept}; use {', '.join(CONTEXTS)}")


@dataclass(frozen=True, slots=True)
class RuleException:
    """Lifts a rule where any of `contexts` holds, for `concepts` (empty: all the rule's concepts)."""

    contexts: tuple[str, ...]
    concepts: tuple[str, ...] = ()

    def covers(self, sighting: Sighting) -> bool:
        named = not self.concepts or sighting.concept in self.concepts
        return named and not sighting.contexts.isdisjoint(self.contexts)


@dataclass(frozen=True, slots=True)
class Rule:
    """Forbids `concepts`: everywhere, or `only_in` some contexts, but not where an exception covers.

    `title` and `why` (empty texts when no reason is given) are shown to the reader and decide nothing.
    """

    id: str
    title: Phrase
    concepts: tuple[str, ...]
    exceptions: tuple[RuleException, ...] = ()
    only_in: tuple[str, ...] = ()
    why: Phrase = ("", "", "")

    def forbids(self, sighting: Sighting) -> bool:
        applies = not self.only_in or not sighting.contexts.isdisjoint(self.only_in)
        excepted = any(exception.covers(sighting) for exception in self.exceptions)
        return sighting.concept in self.concepts and applies and not excepted


@dataclass(frozen=True, slots=True)
class Permit:
    """Says aloud that `concepts` are allowed (in `contexts`, or by themselves when empty).

    It decides nothing: a policy refuses a permit that its rules contradict.
    """

    concepts: tuple[str, ...]
    contexts: tuple[str, ...] = ()
    note: Phrase = ("", "", "")

    def sightings(self) -> tuple[Sighting, ...]:
        places = [frozenset({context}) for context in self.contexts] or [frozenset[str]()]
        return tuple(Sighting(concept, place) for concept in self.concepts for place in places)


def _optional(fields: Fields, key: str) -> Phrase:
    return fields.phrase(key) if fields.has(key) else ("", "", "")


def _required_names(fields: Fields, key: str, known: tuple[str, ...]) -> tuple[str, ...]:
    fields.get(key)
    return fields.names(key, known)


def read_exception(fields: Fields, rule_concepts: tuple[str, ...]) -> RuleException:
    fields.allow("concepts", "contexts")
    return RuleException(
        contexts=_required_names(fields, "contexts", CONTEXTS),
        concepts=fields.names("concepts", rule_concepts),
    )


def read_rule(fields: Fields) -> Rule:
    """Raises PolicyError naming file, field and remedy for unknown names and missing fields."""
    fields.allow("id", "title", "concepts", "only_in", "why", "exceptions")
    concepts = _required_names(fields, "concepts", tuple(vocabulary().concepts))
    return Rule(
        id=fields.text("id"),
        title=fields.phrase("title"),
        concepts=concepts,
        exceptions=tuple(read_exception(child, concepts) for child in fields.children("exceptions")),
        only_in=fields.names("only_in", CONTEXTS),
        why=_optional(fields, "why"),
    )


def read_permit(fields: Fields) -> Permit:
    fields.allow("concepts", "contexts", "note")
    return Permit(
        concepts=_required_names(fields, "concepts", tuple(vocabulary().concepts)),
        contexts=fields.names("contexts", CONTEXTS),
        note=_optional(fields, "note"),
    )
