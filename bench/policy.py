"""A policy: rules as data, the text rendered from them, and the verdict they give.

for policy in load_policies():
    ruling = policy.judge([Sighting("blade", frozenset({"kitchen"}))])
    print(policy.id, ruling.label, ruling.rules)
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

import yaml

from bench.concepts import CONTEXTS, Concept, load_concepts, vocabulary
from bench.fields import WORDINGS, Fields, Phrase, PolicyError, plain, read_fields
from bench.rules import Permit, Rule, RuleException, Sighting, read_permit, read_rule
from bench.schema import Label
from bench.wording import render

__all__ = [
    "CONTEXTS",
    "PACKS",
    "POLICIES",
    "Concept",
    "Permit",
    "Policy",
    "PolicyError",
    "Rule",
    "RuleException",
    "Ruling",
    "Sighting",
    "TruthTable",
    "dump_policies",
    "load_concepts",
    "load_policies",
    "truth_table",
    "unsafe_share",
]

Kind = Literal["fictional", "illustration", "generated"]

POLICIES = Path(__file__).with_name("policies")  # the five
PACKS = POLICIES / "packs"  # illustrations of real regimes


@dataclass(frozen=True, slots=True)
class Ruling:
    """The verdict on one image: `unsafe` names the violated rules in policy order, `safe` names none."""

    label: Label
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules in order, and the words around them.

    `kind` says what the policy is: one of the fictional five, an illustration of a real regime (no legal
    advice), or generated from the grammar. Raises PolicyError for an id that cannot name a file, for a
    rule id used twice, and for a permit that the rules contradict.
    """

    id: str
    name: str
    version: str
    kind: Kind
    note: str
    purpose: Phrase
    rules: tuple[Rule, ...]
    permits: tuple[Permit, ...] = ()

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", self.id):
            raise PolicyError(f"id: {self.id!r} cannot name a file; use letters, digits, '-' and '_'")
        ids = [rule.id for rule in self.rules]
        if repeated := sorted({id for id in ids if ids.count(id) > 1}):
            raise PolicyError(f"rules: id {repeated[0]} is used twice; give each rule its own id")
        for permit in self.permits:
            if broken := self.judge(permit.sightings()).rules:
                raise PolicyError(f"permits: {list(permit.concepts)} break {broken[0]}; drop one of the two")

    def judge(self, sightings: Iterable[Sighting]) -> Ruling:
        """Unsafe when any sighting breaks any rule, each sighting with its own contexts."""
        seen = tuple(sightings)
        broken = tuple(rule.id for rule in self.rules if any(rule.forbids(sighting) for sighting in seen))
        return Ruling("unsafe" if broken else "safe", broken)

    def text(self, wording: int = 0) -> str:
        """What humans and models read: 0 canonical, 1 and 2 paraphrases with the same truth table."""
        return render(self.purpose, self.rules, self.permits, wording)

    @property
    def digest(self) -> str:
        """sha256 of the canonical text in UTF-8, as hex."""
        return hashlib.sha256(self.text().encode()).hexdigest()


TruthTable = dict[tuple[str, str], Ruling]  # (concept, context or "" for none) -> ruling


def truth_table(policy: Policy) -> TruthTable:
    """The ruling on every concept shown alone, in no context and in each single context."""
    return {
        (concept, context): policy.judge([Sighting(concept, frozenset({context} if context else ()))])
        for concept in vocabulary().concepts
        for context in ("", *CONTEXTS)
    }


def unsafe_share(policy: Policy) -> float:
    """Share of truth-table cells that are unsafe, in [0, 1]."""
    table = truth_table(policy)
    return sum(ruling.label == "unsafe" for ruling in table.values()) / len(table)


def _kind(fields: Fields) -> Kind:
    kind = fields.text("kind")
    if kind not in get_args(Kind):
        raise fields.error("kind", f"unknown kind {kind!r}; use one of {', '.join(get_args(Kind))}")
    return cast(Kind, kind)


def _policy(fields: Fields) -> Policy:
    fields.allow("id", "name", "version", "kind", "note", "purpose", "rules", "permits", "digest")
    try:
        return Policy(
            id=fields.text("id"),
            name=fields.text("name"),
            version=fields.text("version"),
            kind=_kind(fields),
            note=fields.text("note"),
            purpose=fields.phrase("purpose"),
            rules=tuple(read_rule(child) for child in fields.children("rules")),
            permits=tuple(read_permit(child) for child in fields.children("permits")),
        )
    except PolicyError as error:
        if str(error).startswith(fields.where):
            raise
        raise PolicyError(f"{fields.where}: {error}") from error


def _check_digest(policy: Policy, fields: Fields) -> None:
    if fields.has("digest") and fields.text("digest") != policy.digest:
        stored, here = fields.text("digest")[:12], policy.digest[:12]
        raise fields.error(
            "digest",
            f"the rules render to {here} here and rendered to {stored} where the file was written; use the "
            "safeeditbench version that wrote it, or drop the field if the rules were changed on purpose",
        )


def load_policies(folder: Path | None = None) -> tuple[Policy, ...]:
    """Every `*.yaml` right in `folder` (the five by default), in the order of their file names.

    Raises PolicyError naming file, field and remedy; two files must not share an id.
    """
    paths = sorted((folder or POLICIES).glob("*.yaml"))
    if not paths:
        raise PolicyError(f"{folder}: holds no policy; expected files such as l1.yaml")
    found: dict[str, Policy] = {}
    for path in paths:
        fields = read_fields(path)
        policy = _policy(fields)
        _check_digest(policy, fields)
        if policy.id in found:
            raise fields.error("id", f"{policy.id} is already taken by another file; give it its own id")
        found[policy.id] = policy
    return tuple(found.values())


def _files(policy: Policy) -> dict[str, str]:
    """File name -> content of a stored policy: the rules, and the text of each wording."""
    name = policy.id.lower()
    data = plain(policy)
    assert isinstance(data, dict)
    data["digest"] = policy.digest
    texts = {f"{name}.{w}.txt" if w else f"{name}.txt": policy.text(w) + "\n" for w in range(WORDINGS)}
    return {f"{name}.yaml": yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100), **texts}


def dump_policies(policies: Sequence[Policy], folder: Path) -> None:
    """Write each policy as `l1.yaml`, with its texts as `l1.txt`, `l1.1.txt` and `l1.2.txt`.

    The same policies give the same bytes. `load_policies(folder)` gives them back, sorted by file name.
    Raises PolicyError when two ids make one file name or `folder` holds a policy that is not among them.
    """
    files = {name: content for policy in policies for name, content in _files(policy).items()}
    if len(files) < len(policies) * (1 + WORDINGS):
        raise PolicyError(f"ids {[policy.id for policy in policies]} share a file name; rename one")
    folder.mkdir(parents=True, exist_ok=True)
    if foreign := sorted({path.name for path in folder.glob("*.yaml")} - set(files)):
        raise PolicyError(f"{folder}: already holds {foreign[0]}; choose an empty folder")
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8", newline="\n")
