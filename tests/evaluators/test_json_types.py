"""Records from strangers: every value of another type is told with its place."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

import pytest

from evaluators.base import Outcome
from evaluators.json_types import misfit


@dataclass(frozen=True, slots=True)
class Leaf:
    kind: Literal["a", "b"]
    size: float | None = None


@dataclass(frozen=True, slots=True)
class Tree:
    name: str
    count: int
    leaves: tuple[Leaf, ...]
    notes: Mapping[str, str | float]
    whole: bool


GOOD = {
    "name": "t",
    "count": 2,
    "leaves": [{"kind": "a"}, {"kind": "b", "size": 1}],
    "notes": {"x": 0.5},
    "whole": True,
}


def test_what_fits_says_nothing() -> None:
    assert misfit(GOOD, Tree, "tree") == ""
    assert misfit(asdict(Outcome("safe", 0.25)), Outcome, "outcome") == ""


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"count": "2"}, "tree.count is '2', should be int"),
        ({"count": True}, "tree.count is True, should be int"),
        ({"whole": 1}, "tree.whole is 1, should be bool"),
        ({"name": None}, "tree.name is None, should be str"),
        ({"leaves": {}}, "tree.leaves is {}, should be a list"),
        ({"leaves": [{"kind": "c"}]}, "tree.leaves[0].kind is 'c', should be typing.Literal['a', 'b']"),
        ({"leaves": [{"kind": "a", "size": math.inf}]}, "tree.leaves[0].size is inf, should be float"),
        ({"leaves": [{}]}, "tree.leaves[0] lacks kind"),
        ({"notes": {"x": [1]}}, "tree.notes.x is [1], should be str"),
        ({"more": 1}, "tree has 'more', which does not belong there"),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(change: dict[str, object], told: str) -> None:
    assert misfit(GOOD | change, Tree, "tree") == told


def test_a_list_is_no_record() -> None:
    assert misfit([], Tree, "tree") == "tree is [], should be an object"
