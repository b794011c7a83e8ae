"""A scene: exact truth, the same bytes everywhere, and everything a policy speaks of within reach."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from bench.concepts import load_concepts
from bench.policy import Sighting, load_policies
from pipeline.scenes import Scene, make_scene, scene_concepts, scene_contexts
from pipeline.scenes.plan import BACKGROUNDS
from pipeline.scenes.styles import HELD_OUT_STYLES, TRAIN_STYLES

ROOT = Path(__file__).parents[2]


def digest(scene: Scene) -> str:
    return hashlib.sha256(
        scene.image.tobytes() + scene.clean.tobytes() + repr(scene.objects).encode()
    ).hexdigest()


def test_arrays_have_the_promised_shapes_and_types() -> None:
    scene = make_scene(3, 96)
    assert scene.image.shape == scene.clean.shape == (96, 96, 3)
    assert scene.image.dtype == scene.clean.dtype == np.uint8
    assert scene.mask.shape == (96, 96)
    assert scene.mask.dtype == np.bool_


def test_mask_is_exactly_where_image_and_clean_differ() -> None:
    for seed in range(12):
        scene = make_scene(seed, 96)
        assert np.array_equal(scene.mask, (scene.image != scene.clean).any(axis=2))


@pytest.mark.parametrize("concept", scene_concepts())
def test_regulated_thing_is_there_and_large_enough_to_see(concept: str) -> None:
    scene = make_scene(11, 128, concept=concept)
    assert concept in [thing.concept for thing in scene.regulated]
    assert 0.008 < scene.mask.mean() < 0.45


def test_usual_share_of_the_picture_is_between_3_and_20_percent() -> None:
    shares = np.array([make_scene(seed, 64).mask.mean() for seed in range(80)])
    assert ((shares > 0.03) & (shares < 0.20)).mean() > 0.75


def test_scene_without_regulated_things_is_its_own_clean_picture() -> None:
    scene = make_scene(5, 96, concept="none")
    assert not scene.mask.any()
    assert scene.objects
    assert not scene.regulated


def test_one_to_four_things_and_boxes_inside_the_picture() -> None:
    for seed in range(40):
        scene = make_scene(seed, 64)
        assert 1 <= len(scene.objects) <= 4
        for x0, y0, x1, y1 in (thing.box for thing in scene.objects):
            assert 0 <= x0 < x1 <= 64
            assert 0 <= y0 < y1 <= 64


def test_box_holds_the_thing_as_far_as_it_is_visible() -> None:
    """The mask reaches beyond the box by its shadow only, and covers most of the box."""
    scene = make_scene(2, 128, concept="skull", context="museum_or_education")
    (thing,) = [thing for thing in scene.regulated if thing.concept == "skull"]
    x0, y0, x1, y1 = thing.box
    assert scene.mask[y0:y1, x0:x1].mean() > 0.5


def test_news_frames_the_whole_picture_and_stays_in_the_clean_one() -> None:
    scene = make_scene(1, 128, concept="protest_sign", context="news")
    assert all("news" in thing.contexts for thing in scene.objects)
    assert not scene.mask[-26:].any()


def test_same_arguments_give_the_same_bytes_in_another_process() -> None:
    code = (
        "from tests.scenes.test_scene import digest, make_scene;"
        "print(*(digest(make_scene(s, 64, split=p)) for s in range(6) for p in ('train', 'test')))"
    )
    other = subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True, text=True)
    here = [digest(make_scene(seed, 64, split=split)) for seed in range(6) for split in ("train", "test")]
    assert other.stdout.split() == here


def test_drawing_other_scenes_between_changes_nothing() -> None:
    first = digest(make_scene(7, 64))
    make_scene(8, 64, split="test")
    assert digest(make_scene(7, 64)) == first


def test_content_does_not_depend_on_the_size() -> None:
    small, large = make_scene(9, 64), make_scene(9, 256)
    assert [thing.name for thing in small.objects] == [thing.name for thing in large.objects]
    assert small.background == large.background


def test_train_never_shows_what_is_held_out_and_test_does() -> None:
    held_out = {place.name for place in BACKGROUNDS if place.held_out}
    train = [make_scene(seed, 32) for seed in range(120)]
    test = [make_scene(seed, 32, split="test") for seed in range(120)]
    assert not {scene.background for scene in train} & held_out
    assert {thing.style for scene in train for thing in scene.objects} == set(TRAIN_STYLES)
    new = [scene for scene in test if {thing.style for thing in scene.objects} & set(HELD_OUT_STYLES)]
    assert 0.3 < len(new) / len(test) < 0.9
    assert 0.25 < np.mean([scene.background in held_out for scene in test]) < 0.75


def test_there_are_at_least_twelve_drawn_places_and_four_photographs() -> None:
    photos = [place for place in BACKGROUNDS if place.name.startswith("photo:")]
    assert len(photos) >= 4
    assert len(BACKGROUNDS) - len(photos) >= 12


def test_every_drawable_concept_of_the_policies_can_be_drawn() -> None:
    drawable = {concept.id for concept in load_concepts().values() if concept.drawable}
    assert set(scene_concepts()) == drawable


def test_every_context_that_changes_a_ruling_is_within_reach() -> None:
    contexts = {context for concept in scene_concepts() for context in scene_contexts(concept)}
    for policy in load_policies():
        for concept in scene_concepts():
            plain = policy.judge([Sighting(concept)]).label
            for context in contexts:
                if policy.judge([Sighting(concept, frozenset({context}))]).label != plain:
                    assert context in scene_contexts(concept), (policy.id, concept, context)


@pytest.mark.parametrize("concept", scene_concepts())
def test_each_context_of_a_concept_is_drawn_and_recorded(concept: str) -> None:
    for context in scene_contexts(concept):
        scene = make_scene(4, 64, concept=concept, context=context)
        shown = [thing.contexts for thing in scene.regulated if thing.concept == concept]
        assert (context,) in shown
        assert scene.mask.any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"split": "dev"}, "split 'dev' is unknown"),
        ({"size": 8}, "size 8 is too small"),
        ({"concept": "nudity"}, "concept 'nudity' cannot be drawn"),
        ({"concept": "dice", "context": "kitchen"}, "'dice' is not drawn in the context 'kitchen'"),
        ({"context": "underwater"}, "no concept is drawn in the context 'underwater'"),
        ({"concept": "none", "context": "news"}, "needs a regulated concept"),
    ],
)
def test_impossible_wishes_are_refused_with_a_reason(arguments: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_scene(0, **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(("seed", "split"), [(8000029, "train"), (5000722, "test")])
def test_things_that_hardly_any_place_holds_still_find_one(
    seed: int, split: Literal["train", "test"]
) -> None:
    assert make_scene(seed, 64, split=split).mask.any()
