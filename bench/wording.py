"""Compose a policy's text from its rules: one canonical wording and two paraphrases.

All that decides a verdict (which things, where, which exceptions) comes from the rules; the YAML files
only lend words, so no wording can say something the rules do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from bench.concepts import vocabulary
from bench.fields import WORDINGS, Fields, Phrase, PolicyError, read_yaml
from bench.rules import Permit, Rule, RuleException

Part = Literal["purpose", "rules", "permits", "closing"]
PARTS: tuple[Part, ...] = get_args(Part)
STARTS = ("first", "last", "middle")


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentence patterns of one wording; see wording.yaml for what each holds."""

    index: int
    order: tuple[str, ...]
    rules_from: str
    rule: str
    rule_only_in: str
    exception: str
    all_things: str
    no_rules: str
    permit: str
    permit_in: str
    permit_unless: str
    purpose: str
    closing: str


def _wording(index: int, fields: Fields) -> Wording:
    fields.allow(*(name for name in Wording.__dataclass_fields__ if name != "index"))
    order = fields.names("order", PARTS)
    if sorted(order) != sorted(PARTS):
        raise fields.error("order", f"expected each of {', '.join(PARTS)} once, got {list(order)}")
    start = fields.text("rules_from")
    if start not in STARTS:
        raise fields.error("rules_from", f"unknown start {start!r}; use one of {', '.join(STARTS)}")
    patterns = {n: fields.text(n) for n in Wording.__dataclass_fields__ if n not in ("index", "order")}
    return Wording(index=index, order=order, **patterns)


@cache
def wordings() -> tuple[Wording, ...]:
    found = Fields({"wordings": read_yaml(Path(__file__).with_name("wording.yaml"))}, "wording.yaml")
    return tuple(_wording(i, child) for i, child in enumerate(found.children("wordings")))


def generic_purpose() -> Phrase:
    """A purpose that suits any rules, for generated policies."""
    first, second, third = (wording.purpose for wording in wordings())
    return (first, second, third)


def join(items: Sequence[str], word: str) -> str:
    """`a`, `a or b`, `a, b or c`; items that hold commas or the word itself are set apart more clearly."""
    if len(items) < 2:
        return "".join(items)
    commas = any("," in item for item in items)
    separator = "; " if commas and len(items) > 2 else ", "
    last = separator if commas or any(f" {word} " in item for item in items) else " "
    return separator.join(items[:-1]) + f"{last}{word} {items[-1]}"


def capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _things(concepts: Iterable[str], wording: Wording, word: str) -> str:
    return join([vocabulary().concepts[id].phrases[wording.index] for id in concepts], word)


def _contexts(contexts: Iterable[str], wording: Wording) -> str:
    places = [vocabulary().contexts[id][wording.index] for id in contexts]
    return ", or ".join(part for part in (", ".join(places[:-1]), places[-1]) if part) if places else ""


def _exception(exception: RuleException, rule: Rule, wording: Wording) -> str:
    whole = not exception.concepts or set(exception.concepts) == set(rule.concepts)
    things = wording.all_things if whole else _things(exception.concepts, wording, "and")
    return wording.exception.format(things=things, contexts=_contexts(exception.contexts, wording))


def _rule(rule: Rule, wording: Wording) -> str:
    pattern = wording.rule_only_in if rule.only_in else wording.rule
    ban = pattern.format(
        id=rule.id,
        title=rule.title[wording.index],
        things=_things(rule.concepts, wording, "or"),
        contexts=_contexts(rule.only_in, wording),
    )
    exceptions = [_exception(exception, rule, wording) for exception in rule.exceptions]
    return " ".join(part for part in (capital(ban), rule.why[wording.index], *exceptions) if part)


def _rules(rules: Sequence[Rule], wording: Wording) -> str:
    if not rules:
        return wording.no_rules
    middle = len(rules) // 2
    ordered = {
        "first": list(rules),
        "last": list(reversed(rules)),
        "middle": [*rules[middle:], *rules[:middle]],
    }[wording.rules_from]
    return "\n".join(_rule(rule, wording) for rule in ordered)


def _permit(permit: Permit, rules: Sequence[Rule], wording: Wording) -> str:
    limits = (
        [] if permit.contexts else [rule.id for rule in rules if set(rule.concepts) & set(permit.concepts)]
    )
    pattern = wording.permit_in if permit.contexts else wording.permit_unless if limits else wording.permit
    sentence = pattern.format(
        things=_things(permit.concepts, wording, "and"),
        contexts=_contexts(permit.contexts, wording),
        rules=join(limits, "or"),
    )
    return " ".join(part for part in (sentence, permit.note[wording.index]) if part)


def render(purpose: Phrase, rules: Sequence[Rule], permits: Sequence[Permit], wording: int) -> str:
    """The policy text in a wording (0 canonical, 1 and 2 paraphrases): paragraphs, one line a rule."""
    if wording not in range(WORDINGS):
        raise PolicyError(f"no wording {wording}; use 0 (canonical), 1 or 2")
    chosen = wordings()[wording]
    parts: dict[str, str] = {
        "purpose": purpose[wording],
        "rules": _rules(rules, chosen),
        "permits": " ".join(_permit(permit, rules, chosen) for permit in permits),
        "closing": chosen.closing,
    }
    return "\n\n".join(parts[part] for part in chosen.order if parts[part])
