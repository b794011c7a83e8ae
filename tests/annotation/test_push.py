from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from annotation.client import UnsettledError
from annotation.errors import AnnotationError
from annotation.order import Picture, order_mark, queue_order
from annotation.push import PushReport, push
from bench.policy import load_policies
from tests.annotation.fake_studio import FakeStudio, Fault, KilledError
from tests.annotation.samples import Album

pytestmark = pytest.mark.usefixtures("clock")

POLICIES = load_policies()
IDS = [policy.id for policy in POLICIES]
ALBUM = Album(6)
QUEUE = [picture.image_id for picture in queue_order(ALBUM.pictures)]


def pushed(studio: FakeStudio, album: Album = ALBUM, votes: int = 3) -> PushReport:
    return push(studio.client(), "Votes", album.pictures, album.read, POLICIES, votes=votes)


def images(studio: FakeStudio) -> list[str]:
    return [task["data"]["image_id"] for task in studio.tasks]


def test_pushing_twice_adds_nothing_twice() -> None:
    studio = FakeStudio()
    first, second = pushed(studio), pushed(studio)
    assert (first.added, first.already_there) == (6, 0)
    assert (second.added, second.already_there, second.raised, second.doubles) == (0, 6, 0, 0)
    assert images(studio) == QUEUE
    assert len(studio.projects) == len(studio.views) == 1


def test_a_later_push_adds_the_difference() -> None:
    studio = FakeStudio()
    push(studio.client(), "Votes", ALBUM.pictures[:2], ALBUM.read, POLICIES)
    assert pushed(studio).added == 4
    assert sorted(images(studio)) == sorted(QUEUE)


def test_a_task_holds_the_image_its_id_and_the_order_of_policies_and_nothing_else() -> None:
    studio = FakeStudio()
    pushed(studio)
    for task in studio.tasks:
        image_id = task["data"]["image_id"]
        assert task["data"] == {
            "image": f"/data/upload/1/aaaa-{image_id}.png",
            "image_id": image_id,
            "order": order_mark(image_id, IDS),
        }


def test_tasks_ask_for_several_raters_and_the_project_for_one() -> None:
    """With more than one, Label Studio hands out at random what others have begun."""
    studio = FakeStudio()
    pushed(studio, votes=5)
    assert {task["overlap"] for task in studio.tasks} == {5}
    assert studio.projects[0]["maximum_annotations"] == 1
    assert studio.projects[0]["sampling"] == "Sequential sampling"


def test_a_push_that_asks_for_more_raters_raises_what_is_there() -> None:
    studio = FakeStudio()
    pushed(studio, votes=1)
    studio.annotate(1, result=[])
    assert pushed(studio, votes=3).raised == 6
    assert pushed(studio, votes=2).raised == 0
    assert {(task["overlap"], task["is_labeled"]) for task in studio.tasks} == {(3, False)}


@pytest.mark.parametrize("fault", get_args(Fault))
def test_a_push_cut_off_at_any_request_ends_like_a_smooth_one(fault: Fault) -> None:
    smooth = FakeStudio()
    pushed(smooth)
    for number in range(len(smooth.requests)):
        studio = FakeStudio(faults={number: fault})
        try:
            pushed(studio)
        except (KilledError, UnsettledError):
            pushed(studio)
        assert images(studio) == images(smooth), f"after request {number}: {smooth.requests[number]}"
        assert (len(studio.projects), len(studio.views)) == (1, 1)


def test_a_task_made_twice_is_one_again_and_keeps_its_answers() -> None:
    studio = FakeStudio()
    pushed(studio)
    for task in list(studio.tasks[:2]):  # two requests that were carried out late
        studio.add_task(1, task["data"], 3)
    studio.annotate(1, result=[])
    studio.annotate(8, result=[])
    assert pushed(studio).doubles == 2
    assert sorted(images(studio)) == sorted(QUEUE)
    assert {task["id"] for task in studio.tasks} == {1, 3, 4, 5, 6, 8}


def test_a_server_that_stays_away_is_given_up_with_the_remedy() -> None:
    studio = FakeStudio(faults=dict.fromkeys(range(9, 999), "busy"))
    with pytest.raises(AnnotationError, match=r"no answer .* it goes on where it stopped"):
        pushed(studio)
    studio.faults.clear()
    pushed(studio)
    assert images(studio) == QUEUE


def test_the_data_manager_hides_the_thumbnails() -> None:
    studio = FakeStudio()
    pushed(studio)
    data = studio.views[0]["data"]
    assert "tasks:data.image" in data["hiddenColumns"]["explore"]
    assert "tasks:data.image" in data["hiddenColumns"]["labeling"]
    assert data["columnsDisplayType"] == {"tasks:data.image": "String"}


def test_the_project_shows_no_predictions_and_lets_people_skip() -> None:
    studio = FakeStudio()
    pushed(studio)
    project = studio.projects[0]
    assert project["show_skip_button"]
    assert not project["show_collab_predictions"]
    assert "Content warning" in project["expert_instruction"]


def test_other_policy_texts_need_another_project() -> None:
    studio = FakeStudio()
    pushed(studio)
    changed = [replace(POLICIES[0], purpose=("Other words.", "", "")), *POLICIES[1:]]
    with pytest.raises(AnnotationError, match=r"'Votes' shows policy L1 .* push to another title"):
        push(studio.client(), "Votes", ALBUM.pictures, ALBUM.read, changed)
    assert len(studio.tasks) == 6


def test_a_newer_page_with_the_same_texts_replaces_the_older() -> None:
    studio = FakeStudio()
    pushed(studio)
    config = studio.projects[0]["label_config"]
    studio.projects[0]["label_config"] = config.replace("sb-left", "sb-old")
    pushed(studio)
    assert studio.projects[0]["label_config"] == config


def test_bytes_that_do_not_belong_to_the_id_are_refused() -> None:
    wrong = Picture("0" * 16, "pair", edited=False)
    with pytest.raises(AnnotationError, match=f"image {'0' * 16} has bytes of {QUEUE[0]}"):
        push(FakeStudio().client(), "Votes", [wrong], lambda _: ALBUM.read(QUEUE[0]), POLICIES)


def test_what_is_no_image_is_refused() -> None:
    svg = Picture("d4dc56669143034f", "pair", edited=False)
    with pytest.raises(AnnotationError, match=f"image {svg.image_id} is neither PNG, WebP nor JPEG"):
        push(FakeStudio().client(), "Votes", [svg], lambda _: b"<svg/>", POLICIES)


def test_a_short_title_is_refused() -> None:
    with pytest.raises(AnnotationError, match="project title 'ab' is too short"):
        push(FakeStudio().client(), "ab", ALBUM.pictures, ALBUM.read, POLICIES)


def test_progress_rises_to_all_and_bytes_are_read_a_batch_at_a_time() -> None:
    many, studio = Album(60, size=16), FakeStudio()
    read: list[str] = []
    seen: list[tuple[int, int, int]] = []

    def reading(image_id: str) -> bytes:
        read.append(image_id)
        return many.read(image_id)

    push(
        studio.client(), "Votes", many.pictures, reading, POLICIES,
        progress=lambda done, total: seen.append((done, total, len(read))),
    )  # fmt: skip
    assert seen == [(50, 60, 51), (60, 60, 60)]
