from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from annotation.order import Picture, order_mark, policy_order, queue_order

IDS = ("L1", "L2", "L3", "L4", "L5")
IMAGES = [f"{number:016x}" for number in range(2000)]


def pairs(count: int) -> list[Picture]:
    """`count` pairs of three pictures, the original first."""
    return [
        Picture(f"{side}{number:04d}", f"pair-{number}", side != "o")
        for number in range(count)
        for side in "oec"
    ]


@pytest.mark.parametrize("count", [2, 3, 10, 100, 1000])
def test_edited_and_control_come_before_the_original_and_not_beside_it(count: int) -> None:
    queue = queue_order(pairs(count))
    place = {picture.image_id: number for number, picture in enumerate(queue)}
    for number in range(count):
        assert place[f"o{number:04d}"] > max(place[f"e{number:04d}"], place[f"c{number:04d}"])
    assert all(one.pair_id != two.pair_id for one, two in pairwise(queue))
    assert sorted(place) == sorted(picture.image_id for picture in pairs(count))


def test_five_others_lie_between_two_of_a_pair_but_for_the_end_of_the_queue() -> None:
    seen: dict[str, int] = {}
    for place, picture in enumerate(queue_order(pairs(300))[:-20]):
        assert place - seen.get(picture.pair_id, -9) > 5
        seen[picture.pair_id] = place


def test_a_single_pair_still_gets_an_order() -> None:
    assert queue_order(pairs(1))[-1].image_id == "o0000"
    assert queue_order([]) == []


def test_the_order_depends_on_the_pictures_alone() -> None:
    assert queue_order(pairs(50)) == queue_order([*reversed(pairs(50)), *pairs(3)])


def test_roles_are_mixed_all_along_the_queue_but_for_its_ends() -> None:
    queue = queue_order(pairs(1000))
    edited = [sum(one.edited for one in queue[start : start + 300]) / 300 for start in range(0, 3000, 300)]
    assert all(abs(share - 2 / 3) < 0.06 for share in edited[1:-1])
    assert edited[0] > 0.7
    assert edited[-1] < 0.66


def test_every_policy_stands_equally_often_in_every_place() -> None:
    places = Counter(
        (place, policy) for image in IMAGES for place, policy in enumerate(policy_order(image, IDS))
    )
    assert len(places) == 25
    assert all(abs(count - 400) < 80 for count in places.values())  # four standard deviations


def test_the_order_follows_from_the_image_and_is_recorded_as_class_names() -> None:
    order = policy_order(IMAGES[7], IDS)
    assert order == policy_order(IMAGES[7], tuple(reversed(IDS)))
    assert order_mark(IMAGES[7], IDS) == " ".join(f"p{place}-{name}" for place, name in enumerate(order, 1))
