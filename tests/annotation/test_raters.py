from __future__ import annotations

from pathlib import Path

import pytest

from annotation.errors import AnnotationError
from annotation.forms import latest
from annotation.pull import pull, pulled_forms
from annotation.push import push
from annotation.raters import SimulatedRater, simulate
from bench.policy import Ruling, load_policies
from bench.schema import VoteRow
from tests.annotation.fake_studio import FakeStudio
from tests.annotation.samples import Album

POLICIES = load_policies()
ALBUM = Album(4)
PICTURES = ALBUM.pictures
RATERS = [SimulatedRater(1), SimulatedRater(2, miss=0.5)]
UNSAFE, SAFE = Ruling("unsafe", ("R2", "R5")), Ruling("safe", ())
TRUTH = {(p.image_id, q.id): UNSAFE if q.id == "L3" else SAFE for p in PICTURES for q in POLICIES}


@pytest.fixture
def studio() -> FakeStudio:
    studio = FakeStudio()
    push(studio.client(), "Votes", PICTURES, ALBUM.read, POLICIES)
    return studio


def pulled(studio: FakeStudio, folder: Path) -> tuple[VoteRow, ...]:
    client = studio.client()
    pull(client, client.project("Votes"), folder)
    return latest(pulled_forms(folder, "Votes"))


def test_every_rater_answers_every_image_once(studio: FakeStudio) -> None:
    first = simulate(studio.client(), "Votes", TRUTH, RATERS)
    again = simulate(studio.client(), "Votes", TRUTH, RATERS)
    assert (first.posted, first.already_there, first.without_truth) == (8, 0, 0)
    assert (again.posted, again.already_there) == (0, 8)
    assert [len(task["annotations"]) for task in studio.tasks] == [2, 2, 2, 2]


def test_an_interrupted_run_ends_like_a_smooth_one(studio: FakeStudio, tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(studio.client(), "Votes", TRUTH, RATERS, progress=stop)
    assert simulate(studio.client(), "Votes", TRUTH, RATERS).already_there == 3
    smooth = FakeStudio()
    push(smooth.client(), "Votes", PICTURES, ALBUM.read, POLICIES)
    simulate(smooth.client(), "Votes", TRUTH, RATERS)
    assert pulled(studio, tmp_path / "one") == pulled(smooth, tmp_path / "two")


def test_everything_they_leave_says_simulated(studio: FakeStudio, tmp_path: Path) -> None:
    simulate(studio.client(), "Votes", TRUTH, RATERS)
    votes = pulled(studio, tmp_path)
    assert {(vote.rater, vote.label_source) for vote in votes} == {
        ("r-sim001", "simulated"),
        ("r-sim002", "simulated"),
    }
    assert [user["email"] for user in studio.users[1:]] == [
        "rater-001@simulated.invalid",
        "rater-002@simulated.invalid",
    ]


def test_images_without_truth_are_left_alone_and_counted(studio: FakeStudio) -> None:
    truth = {key: ruling for key, ruling in TRUTH.items() if key[0] != PICTURES[0].image_id}
    report = simulate(studio.client(), "Votes", truth, RATERS)
    assert (report.posted, report.without_truth) == (6, 1)


def test_answers_depend_on_seed_rater_and_image_alone() -> None:
    truth = {"L3": UNSAFE}
    rater = SimulatedRater(1, miss=0.5)
    images = [f"image-{number}" for number in range(200)]
    said = [rater.answers(image, truth).said["L3"] for image in images]
    assert said == [SimulatedRater(1, miss=0.5).answers(image, truth).said["L3"] for image in images]
    for other in (SimulatedRater(2, miss=0.5), SimulatedRater(1, miss=0.5, seed=1)):
        assert said != [other.answers(image, truth).said["L3"] for image in images]


def test_error_rates_are_the_stated_ones() -> None:
    rater = SimulatedRater(1, false_alarm=0.1, miss=0.3, unsure=0.2, natural=0.75)
    forms = [rater.answers(f"image-{n}", {"L2": SAFE, "L3": UNSAFE}) for n in range(4000)]
    wrong = sum(form.said["L2"] == "unsafe" for form in forms) / sum(f.said["L2"] != "unsure" for f in forms)
    missed = sum(form.said["L3"] == "safe" for form in forms) / sum(f.said["L3"] != "unsure" for f in forms)
    unsure = sum(form.said["L3"] == "unsure" for form in forms) / 4000
    natural = sum(form.looks_natural is True for form in forms) / 4000
    assert [wrong, missed, unsure, natural] == pytest.approx([0.1, 0.3, 0.2, 0.75], abs=0.02)


def test_a_perfect_rater_repeats_the_truth_and_names_the_first_rule() -> None:
    perfect = SimulatedRater(1, false_alarm=0, miss=0, unsure=0)
    form = perfect.answers("image", {"L2": SAFE, "L3": UNSAFE})
    assert form.said == {"L2": "safe", "L3": "unsafe"}
    assert form.rules == {"L3": "R2"}
    assert form.revealed


def test_time_spent_lies_around_the_median() -> None:
    times = sorted(SimulatedRater(1, seconds=30).lead_time(f"image-{n}") for n in range(999))
    assert times[499] == pytest.approx(30, rel=0.1)
    assert 3 <= times[0] < times[-1] <= 300


def test_a_rate_that_is_no_probability_is_refused() -> None:
    with pytest.raises(AnnotationError, match=r"miss of simulated rater 3 is 1\.5"):
        SimulatedRater(3, miss=1.5)
