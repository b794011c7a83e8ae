"""Every question is in exactly one state."""

from __future__ import annotations

from annotation.gold import Gold
from annotation.status import PolicyStatus, status_of
from bench.policy import load_policies
from bench.schema import Answer
from tests.annotation.vote_samples import form

POLICIES = load_policies()[2:3]
CLEAR: list[Answer] = ["safe"] * 3
SPLIT: list[Answer] = ["safe", "unsafe", "safe", "unsafe", "unsure"]


def forms_by(images: dict[str, list[Answer]]) -> list:  # type: ignore[type-arg]
    return [
        form(image, f"r-{rater}", (answer,), POLICIES)
        for image, answers in images.items()
        for rater, answer in enumerate(answers)
    ]


def test_states_add_up() -> None:
    forms = forms_by({"a": CLEAR, "b": SPLIT, "c": SPLIT, "d": ["safe"], "f": CLEAR, "g": CLEAR, "h": CLEAR})
    forms.append(form("c", "a-1", ("unsafe",), POLICIES))
    status = status_of(list("abcdefgh"), POLICIES, forms)
    assert status.policies == (PolicyStatus("L3", settled=4, adjudicated=1, disputed=1, waiting=2),)
    assert (status.policies[0].cells, status.policies[0].done, status.done) == (8, 5, 5)
    assert [item.cell.image_id for item in status.queue] == ["b"]
    assert {need.image_id: need.forms for need in status.overlap.images} == {"d": 2, "e": 3}
    assert (status.images, status.forms, status.raters, status.adjudicators) == (8, 24, 5, 1)


def test_gold_that_raters_contradict_is_in_dispute() -> None:
    forms = forms_by({"a": ["unsafe"] * 5})
    status = status_of(["a"], POLICIES, forms, gold=[Gold("a", "L3", "safe")])
    assert [item.why for item in status.queue] == ["gold conflict"]
    assert status.policies[0].disputed == 1


def test_a_project_without_forms_waits_for_everything() -> None:
    status = status_of(["a", "b"], POLICIES, [])
    assert (status.policies[0].waiting, status.overlap.forms, status.overlap.at_most) == (2, 6, 10)


def test_small_teams_may_lower_the_limits() -> None:
    status = status_of(["a"], POLICIES, forms_by({"a": ["safe", "unsafe", "unsure"]}), most=3)
    assert (status.policies[0].disputed, status.overlap.forms) == (1, 0)
