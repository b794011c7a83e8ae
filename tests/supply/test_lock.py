"""`constraints.txt` is the lock: one exact version of everything that use and tests need."""

from __future__ import annotations

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.leaks.network import ROOT
from tests.supply.environment import FOR_TESTS, FOR_USE, installed, needed


def pins() -> dict[str, Requirement]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith("#")]
    assert len({canonicalize_name(one.name) for one in found}) == len(found)
    return {canonicalize_name(one.name): one for one in found}


def test_every_line_is_one_exact_version() -> None:
    assert [str(one) for one in pins().values() if [each.operator for each in one.specifier] != ["=="]] == []


def test_nothing_that_is_needed_is_missing_or_of_another_version() -> None:
    locked, here = pins(), installed()
    wanted = (needed(FOR_USE) | needed(FOR_TESTS)) & here.keys()
    assert sorted(wanted - locked.keys()) == []
    assert [name for name in sorted(wanted) if here[name].version not in locked[name].specifier] == []
