"""What one rater says about one image, and the form Label Studio stores it in.

Label Studio keeps an annotation as a list of regions, one a control tag:
`{"from_name": "L2", "to_name": "image", "type": "choices", "value": {"choices": ["unsafe"]}}`, and for the
note `{..., "type": "textarea", "value": {"text": ["..."]}}`.
This file is the only place that writes or reads that list, so a simulated rater and a human one
leave the same trace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

Said = Literal["safe", "unsafe", "unsure"]
SAID: tuple[Said, ...] = ("safe", "unsafe", "unsure")

IMAGE = "image"
ORDER = "order"
REVEAL = "reveal"
NATURAL = "natural"
NOTE = "note"
RULE_SUFFIX = "-rule"


class Value(TypedDict, total=False):
    choices: list[str]
    text: list[str]


class Region(TypedDict):
    """One control's value as Label Studio's API takes and gives it."""

    from_name: str
    to_name: str
    type: str
    value: Value


@dataclass(frozen=True, slots=True)
class Answers:
    """The whole form. A policy without an answer is missing from `said`; a rule not named from `rules`."""

    said: Mapping[str, Said]
    rules: Mapping[str, str]
    looks_natural: bool | None
    revealed: bool
    note: str = ""


def to_result(answers: Answers) -> list[Region]:
    """Answers as the `result` of an annotation."""
    regions = [_region(REVEAL, "revealed")] if answers.revealed else []
    regions += [_region(policy, said) for policy, said in answers.said.items()]
    regions += [_region(policy + RULE_SUFFIX, rule) for policy, rule in answers.rules.items()]
    if answers.looks_natural is not None:
        regions.append(_region(NATURAL, "yes" if answers.looks_natural else "no"))
    if answers.note:
        text: Value = {"text": [answers.note]}
        regions.append({"from_name": NOTE, "to_name": IMAGE, "type": "textarea", "value": text})
    return regions


def from_result(result: Sequence[Region]) -> Answers:
    """The `result` of an annotation as answers; controls this form does not have are passed over."""
    chosen = {region["from_name"]: _first(region) for region in result}
    note, natural = chosen.pop(NOTE, ""), chosen.pop(NATURAL, "")
    revealed = bool(chosen.pop(REVEAL, ""))
    rules = {
        name.removesuffix(RULE_SUFFIX): v for name, v in chosen.items() if name.endswith(RULE_SUFFIX) and v
    }
    said: dict[str, Said] = {}
    for name, value in chosen.items():
        for word in SAID:
            if value == word:
                said[name] = word
    return Answers(said, rules, natural == "yes" if natural else None, revealed, note)


def _first(region: Region) -> str:
    """What a control holds, "" for none or for a control this form does not have."""
    value = region["value"]
    return next(iter([*value.get("choices", []), *value.get("text", [])]), "")


def _region(name: str, choice: str) -> Region:
    return {"from_name": name, "to_name": IMAGE, "type": "choices", "value": {"choices": [choice]}}
