"""The installed distributions, and which of them the package needs for use and which for its tests alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import Distribution, distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = "safeeditbench"
FOR_USE = ("all", "crowdlab")  # extras that users install
FOR_TESTS = ("dev",)


def installed() -> dict[str, Distribution]:
    """Normalized name -> distribution, without the project itself."""
    found = {canonicalize_name(one.name): one for one in distributions()}
    return {name: found[name] for name in sorted(found) if name != PROJECT}


def needed(extras: tuple[str, ...]) -> set[str]:
    """Normalized names of all that the project needs with these extras, on this machine."""
    here = {canonicalize_name(one.name): one for one in distributions()}
    seen: set[tuple[str, str]] = set()
    waiting = [(PROJECT, extra) for extra in ("", *extras)]
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in seen or name not in here:
            continue
        seen.add((name, extra))
        for requirement in _requirements(here[name], {"extra": extra}):
            wanted = ("", *sorted(requirement.extras))
            waiting += [(canonicalize_name(requirement.name), each) for each in wanted]
    return {name for name, _ in seen if name != PROJECT}


def _requirements(one: Distribution, marked: Mapping[str, str]) -> Iterator[Requirement]:
    for line in one.requires or ():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate(dict(marked)):
            yield requirement
