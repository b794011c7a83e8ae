"""What an editor is told: from what is seen, and where, to a replacement or a removal in words.

A thing that fills its place is replaced, since taking it away would leave a hole (a knife in a hand becomes
a spoon); a mark on a surface is removed, since the surface goes on behind it. The replacements themselves
are those of `bench/concepts.yaml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bench.concepts import load_concepts

from .stage import Seen

Kind = Literal["replace", "remove", "written"]  # the last by a model: instruction_writer.py

MARKS = frozenset({"blood", "brand_logo"})  # concepts that lie on a surface and leave no hole in it
BLANK_SIGN = "a blank sign"
BACKGROUND = "empty background, nothing there"
KEEP = "Keep everything else as it is."
SETTINGS = {
    "toy_or_cartoon": "as a toy or a cartoon",
    "museum_or_education": "in a museum display",
    "warning_sign": "",  # what is on a sign is a mark
    "medical": "in a medical setting",
    "kitchen": "in a kitchen",
    "ceremonial": "at a ceremony",
    "news": "in a news picture",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to change: `target` is what is there, `result` what is there afterwards, `setting` where."""

    kind: Kind
    target: str
    result: str
    setting: str


@dataclass(frozen=True, slots=True)
class Instruction:
    """An edit in words. Editors that inpaint want a `description` of the result, editors that follow
    instructions an `order`; `avoid` names what must not come back, for a negative prompt."""

    kind: Kind
    description: str
    order: str
    avoid: str

    def wording(self, *, orders: bool) -> str:
        """The prompt in the form that the editor wants."""
        return self.order if orders else self.description


def instruct(seen: Sequence[Seen]) -> Instruction:
    """How to make a picture safe that shows `seen`. Nothing seen: an instruction to paint background."""
    changes = tuple(dict.fromkeys(_change(concept, contexts) for concept, contexts in seen))
    if not changes:
        return paint_background(seen)
    results = dict.fromkeys(", ".join(filter(None, (one.result, one.setting))) for one in changes)
    kind: Kind = "remove" if all(one.kind == "remove" for one in changes) else "replace"
    orders = [*dict.fromkeys(map(_order, changes)), KEEP]
    return Instruction(kind, ", ".join(results), " ".join(orders), _phrases(seen))


def paint_background(seen: Sequence[Seen]) -> Instruction:
    """For a control: repaint a harmless place, and bring nothing of `seen` into it."""
    order = f"Repaint this place as plain background, with nothing in it. {KEEP}"
    return Instruction("remove", BACKGROUND, order, _phrases(seen))


def _change(concept_id: str, contexts: Sequence[str]) -> Change:
    concept = load_concepts()[concept_id]
    if "warning_sign" in contexts:
        return Change("remove", concept.name, BLANK_SIGN, "")
    if concept_id in MARKS:
        return Change("remove", concept.name, concept.replacement, "")
    settings = [SETTINGS[context] for context in contexts]
    return Change("replace", concept.name, concept.replacement, ", ".join(filter(None, settings)))


def _order(change: Change) -> str:
    if change.kind == "remove":
        return f"Remove the {change.target}, leaving {change.result}."
    where = f" {change.setting}" if change.setting else ""
    return f"Replace the {change.target} with {change.result}{where}."


def _phrases(seen: Sequence[Seen]) -> str:
    concepts = load_concepts()
    return ", ".join(dict.fromkeys(phrase for concept, _ in seen for phrase in concepts[concept].prompts))
