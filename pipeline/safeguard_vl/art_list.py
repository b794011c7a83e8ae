"""Which published art pictures are varied with: the sets, and what each piece shows (art.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from bench.concepts import vocabulary

ART = Path(__file__).with_name("art.toml")
ORDINARY = ""  # the concept of a piece that shows nothing regulated


@dataclass(frozen=True, slots=True)
class ArtSet:
    """A package of the npm registry: `sha256` of its archive, `credit` to name in the model card, `colour`
    whether its pieces have colours of their own or one ink only."""

    name: str
    package: str
    version: str
    sha256: str
    licence: str
    credit: str
    colour: bool


@dataclass(frozen=True, slots=True)
class ArtList:
    """The sets, the ends of names that only tell a style, and name patterns -> concept id or ORDINARY.

    `exact` holds the patterns without *, `loose` those with one. Patterns of `wrong` pieces win.
    """

    sets: tuple[ArtSet, ...]
    styles: frozenset[str]
    exact: Mapping[str, str]
    loose: tuple[tuple[str, str], ...]
    wrong: tuple[str, ...]

    def label(self, art_set: str, name: str) -> str | None:
        """The concept that the piece `name` of a set shows, ORDINARY, or None where the list has nothing.

        >>> read_art_list().label("ph", "beer-stein-duotone")
        'alcohol'
        """
        whole, plain = f"{art_set}:{name}", self.plain(name)
        if any(fnmatchcase(whole, pattern) for pattern in self.wrong):
            return None
        for known in (f"{art_set}:{plain}", plain):
            if known in self.exact:
                return self.exact[known]
        candidates = (f"{art_set}:{plain}", plain)
        return next((c for p, c in self.loose if any(fnmatchcase(n, p) for n in candidates)), None)

    def plain(self, name: str) -> str:
        """The name without the ends that tell its style or number: knife-2-bold is knife."""
        parts = name.split("-")
        while len(parts) > 1 and (parts[-1] in self.styles or parts[-1].isdigit()):
            parts.pop()
        return "-".join(parts)


def read_art_list(path: Path = ART) -> ArtList:
    """Read the list. Raises ValueError for a concept that policies do not know or a name listed twice."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    exact: dict[str, str] = {}
    loose: list[tuple[str, str]] = []
    for concept, names in [*content["concepts"].items(), (ORDINARY, content["ordinary"]["names"])]:
        if concept != ORDINARY and concept not in vocabulary().concepts:
            raise ValueError(f"{path.name}: concept {concept!r} is not in bench/concepts.yaml; take it out")
        for name in names:
            if name in exact:
                raise ValueError(
                    f"{path.name}: {name!r} stands twice ({exact[name]!r}, {concept!r}); keep one"
                )
            if "*" in name:
                loose.append((name, concept))
            else:
                exact[name] = concept
    sets = tuple(ArtSet(**entry) for entry in content["set"])
    wrong = tuple(content["wrong"]["names"])
    return ArtList(sets, frozenset(content["styles"]), exact, tuple(loose), wrong)
