from __future__ import annotations

from dataclasses import replace

import pytest

from annotation.errors import AnnotationError
from annotation.push import Picture, push
from bench.policy import load_policies
from tests.annotation.fake_studio import FakeStudio
from tests.annotation.samples import picture

POLICIES = load_policies()
PICTURES = [picture(number) for number in range(6)]


def test_pushing_twice_adds_nothing_twice() -> None:
    studio = FakeStudio()
    first = push(studio.client(), "Votes", PICTURES, POLICIES)
    second = push(studio.client(), "Votes", [*PICTURES, *PICTURES], POLICIES)
    assert (first.added, first.already_there) == (6, 0)
    assert (second.added, second.already_there) == (0, 6)
    assert len(studio.tasks) == 6
    assert len(studio.projects) == 1


def test_a_later_push_adds_the_difference() -> None:
    studio = FakeStudio()
    push(studio.client(), "Votes", PICTURES[:2], POLICIES)
    assert push(studio.client(), "Votes", PICTURES, POLICIES).added == 4
    assert len({task["data"]["image_id"] for task in studio.tasks}) == 6


def test_a_task_holds_the_image_and_its_id_and_nothing_else() -> None:
    studio = FakeStudio()
    push(studio.client(), "Votes", PICTURES, POLICIES)
    for task in studio.tasks:
        image_id = task["data"]["image_id"]
        assert task["data"] == {"image": f"/data/upload/1/aaaa-{image_id}.png", "image_id": image_id}


def test_tasks_lie_in_order_of_their_hash() -> None:
    studio = FakeStudio()
    push(studio.client(), "Votes", PICTURES, POLICIES)
    order = [task["data"]["image_id"] for task in studio.tasks]
    assert order == sorted(order) != [p.image_id for p in PICTURES]


def test_the_data_manager_hides_the_thumbnails() -> None:
    studio = FakeStudio()
    push(studio.client(), "Votes", PICTURES, POLICIES)
    data = studio.views[0]["data"]
    assert "tasks:data.image" in data["hiddenColumns"]["explore"]
    assert "tasks:data.image" in data["hiddenColumns"]["labeling"]
    assert data["columnsDisplayType"] == {"tasks:data.image": "String"}


def test_the_project_shows_no_predictions_and_lets_people_skip() -> None:
    studio = FakeStudio()
    push(studio.client(), "Votes", PICTURES, POLICIES, votes=5)
    project = studio.projects[0]
    assert project["maximum_annotations"] == 5
    assert project["show_skip_button"]
    assert not project["show_collab_predictions"]
    assert "Content warning" in project["expert_instruction"]


def test_other_policy_texts_need_another_project() -> None:
    studio = FakeStudio()
    push(studio.client(), "Votes", PICTURES[:1], POLICIES)
    changed = [replace(POLICIES[0], purpose=("Other words.", "", "")), *POLICIES[1:]]
    with pytest.raises(AnnotationError, match=r"'Votes' shows policy L1 .* push to another title"):
        push(studio.client(), "Votes", PICTURES, changed)
    assert len(studio.tasks) == 1


def test_a_newer_page_with_the_same_texts_replaces_the_older() -> None:
    studio = FakeStudio()
    push(studio.client(), "Votes", PICTURES[:1], POLICIES)
    config = studio.projects[0]["label_config"]
    studio.projects[0]["label_config"] = config.replace("sb-left", "sb-old")
    push(studio.client(), "Votes", PICTURES[:1], POLICIES)
    assert studio.projects[0]["label_config"] == config


def test_bytes_that_do_not_belong_to_the_id_are_refused_before_anything_is_sent() -> None:
    studio = FakeStudio()
    wrong = [*PICTURES, Picture("0" * 16, PICTURES[0].image)]
    with pytest.raises(AnnotationError, match=f"image {'0' * 16} has bytes of {PICTURES[0].image_id}"):
        push(studio.client(), "Votes", wrong, POLICIES)
    assert not studio.projects


def test_what_is_no_image_is_refused() -> None:
    with pytest.raises(AnnotationError, match="image ab is neither PNG, WebP nor JPEG"):
        push(FakeStudio().client(), "Votes", [Picture("ab", b"<svg/>")], POLICIES)


def test_a_short_title_is_refused() -> None:
    with pytest.raises(AnnotationError, match="project title 'ab' is too short"):
        push(FakeStudio().client(), "ab", PICTURES, POLICIES)


def test_progress_rises_to_all() -> None:
    seen: list[tuple[int, int]] = []
    many = [picture(number, size=16 + number) for number in range(60)]
    push(
        FakeStudio().client(), "Votes", many, POLICIES, progress=lambda done, all_: seen.append((done, all_))
    )
    assert seen == [(50, 60), (60, 60)]
