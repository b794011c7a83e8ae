"""What one rater says about one image, and the form Label Studio stores it in.

Label Studio keeps an annotation as a list of regions, one a control tag:
`{"from_name": "L2", "to_name": "image", "type": "choices", "value": {"choices": ["unsafe"]}}`.
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
RULE_SUFFIX = "-rule"


class Choices(TypedDict):
    choices: list[str]


class Region(TypedDict):
    """One control's value as Label Studio's API takes and gives it."""

    from_name: str
    to_name: str
    type: str
    value: Choices


@dataclass(frozen=True, slots=True)
class Answers:
    """The whole form. A policy without an answer is missing from `said`; a rule not named from `rules`."""

    said: Mapping[str, Said]
    rules: Mapping[str, str]
    looks_natural: bool | None
    revealed: bool


def to_result(answers: Answers) -> list[Region]:
    """Answers as the `result` of an annotation."""
    regions = [_region(REVEAL, "revealed")] if answers.revealed else []
    regions += [_region(policy, said) for policy, said in answers.said.items()]
    regions += [_region(policy + RULE_SUFFIX, rule) for policy, rule in answers.rules.items()]
    if answers.looks_natural is not None:
        regions.append(_region(NATURAL, "yes" if answers.looks_natural else "no"))
    return regions


def from_result(result: Sequence[Region]) -> Answers:
    """The `result` of an annotation as answers; controls this form does not have are passed over."""
    regions = [region for region in result if region["type"] == "choices" and region["value"]["choices"]]
    chosen = {region["from_name"]: region["value"]["choices"][0] for region in regions}
    natural = chosen.pop(NATURAL, None)
    revealed = chosen.pop(REVEAL, None) is not None
    rules = {name.removesuffix(RULE_SUFFIX): v for name, v in chosen.items() if name.endswith(RULE_SUFFIX)}
    said: dict[str, Said] = {}
    for name, value in chosen.items():
        for word in SAID:
            if value == word:
                said[name] = word
    return Answers(said, rules, None if natural is None else natural == "yes", revealed)


def _region(name: str, choice: str) -> Region:
    return {"from_name": name, "to_name": IMAGE, "type": "choices", "value": {"choices": [choice]}}
