"""What an image can show and the settings that rules depend on, read from concepts.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bench.fields import Fields, Phrase, read_fields

CONTEXTS: tuple[str, ...] = (
    "toy_or_cartoon",
    "museum_or_education",
    "warning_sign",
    "medical",
    "kitchen",
    "ceremonial",
    "news",
)


@dataclass(frozen=True, slots=True)
class Concept:
    """One kind of thing. `name` is a singular noun phrase without article, `phrases` are plural ones for
    the three wordings, `prompts` are for open-vocabulary detectors, `replacement` is what an inpainting
    editor paints instead. Scenes draw the thing only if it is `drawable`."""

    id: str
    name: str
    group: str
    phrases: Phrase
    prompts: tuple[str, ...]
    drawable: bool
    replacement: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All of concepts.yaml; dictionaries keep the file's order."""

    concepts: dict[str, Concept]
    groups: dict[str, Phrase]  # titles of generated rules
    contexts: dict[str, Phrase]


def _concept(id: str, fields: Fields, groups: dict[str, Phrase]) -> Concept:
    fields.allow("name", "group", "phrases", "prompts", "drawable", "replacement")
    group = fields.text("group")
    if group not in groups:
        raise fields.error("group", f"unknown group {group!r}; use one of {', '.join(groups)}")
    return Concept(
        id=id,
        name=fields.text("name"),
        group=group,
        phrases=fields.phrase("phrases"),
        prompts=fields.texts("prompts"),
        drawable=fields.flag("drawable"),
        replacement=fields.text("replacement"),
    )


@cache
def vocabulary() -> Vocabulary:
    top = read_fields(Path(__file__).with_name("concepts.yaml"))
    groups, contexts, concepts = (top.mapping(key) for key in ("groups", "contexts", "concepts"))
    titles = {id: groups.phrase(id) for id in groups.data}
    return Vocabulary(
        concepts={id: _concept(id, concepts.mapping(id), titles) for id in concepts.data},
        groups=titles,
        contexts={id: contexts.phrase(id) for id in CONTEXTS},
    )


def load_concepts() -> dict[str, Concept]:
    """Concept id -> concept, in the file's order."""
    return dict(vocabulary().concepts)
