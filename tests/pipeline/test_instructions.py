"""From what is seen, and where, to what an editor is told."""

from __future__ import annotations

import pytest

from bench.concepts import CONTEXTS, load_concepts
from pipeline.instructions import KEEP, SETTINGS, instruct, paint_background


def test_a_thing_is_replaced_by_a_harmless_one_in_its_setting() -> None:
    told = instruct([("blade", ("kitchen",))])
    assert told.kind == "replace"
    assert told.description == "a wooden spoon, in a kitchen"
    assert told.order == f"Replace the blade with a wooden spoon in a kitchen. {KEEP}"
    assert told.avoid == "a knife, a dagger, a sword, a blade"


@pytest.mark.parametrize("seen", [("blood", ()), ("brand_logo", ("news",)), ("firearm", ("warning_sign",))])
def test_a_mark_on_a_surface_is_removed(seen: tuple[str, tuple[str, ...]]) -> None:
    told = instruct([seen])
    assert told.kind == "remove"
    assert told.order.startswith("Remove the ")


def test_what_is_on_a_sign_leaves_a_blank_sign() -> None:
    told = instruct([("tobacco", ("warning_sign",))])
    assert told.description == "a blank sign"
    assert told.order == f"Remove the tobacco product, leaving a blank sign. {KEEP}"


def test_several_things_are_told_once_each() -> None:
    told = instruct([("alcohol", ()), ("alcohol", ()), ("blood", ())])
    assert told.kind == "replace"
    assert told.description == "a glass of water, a clean surface"
    assert told.order == (
        "Replace the alcoholic drink with a glass of water. "
        f"Remove the patch of blood, leaving a clean surface. {KEEP}"
    )


def test_a_control_paints_background_and_avoids_what_the_picture_shows() -> None:
    told = paint_background([("pills", ())])
    assert told.description == "empty background, nothing there"
    assert told.order == f"Repaint this place as plain background, with nothing in it. {KEEP}"
    assert told.avoid == "pills, tablets and capsules, a pill bottle"


def test_an_editor_gets_the_form_it_wants() -> None:
    told = instruct([("dice", ())])
    assert told.wording(orders=False) == told.description == "wooden building blocks"
    assert told.wording(orders=True) == told.order


def test_every_concept_and_context_has_an_instruction() -> None:
    assert set(SETTINGS) == set(CONTEXTS)
    for concept in load_concepts():
        for context in CONTEXTS:
            told = instruct([(concept, (context,))])
            assert told.description
            assert told.order.endswith(KEEP)
