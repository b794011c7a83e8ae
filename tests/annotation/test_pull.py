from __future__ import annotations

import stat
from pathlib import Path

import pytest

from annotation.answers import Answers, Said, to_result
from annotation.errors import AnnotationError
from annotation.pseudonyms import load_salt, pseudonym, pseudonyms
from annotation.pull import pull
from annotation.push import push
from annotation.wire import User
from bench.policy import load_policies
from bench.schema import VoteRow
from tests.annotation.fake_studio import FakeStudio
from tests.annotation.samples import picture

POLICIES = load_policies()
SAID: dict[str, Said] = {p.id: "unsafe" if p.id == "L3" else "safe" for p in POLICIES}
FORM = to_result(Answers(SAID, {"L3": "R2"}, True, True))


@pytest.fixture
def studio() -> FakeStudio:
    studio = FakeStudio()
    push(studio.client(), "Votes", [picture(number) for number in range(3)], POLICIES)
    return studio


def test_nothing_answered_is_nothing_pulled(studio: FakeStudio, tmp_path: Path) -> None:
    assert pull(studio.client(), "Votes", tmp_path) == ()


def test_a_form_becomes_one_vote_a_policy(studio: FakeStudio, tmp_path: Path) -> None:
    studio.annotate(1, result=FORM, lead_time=12.3456)
    votes = pull(studio.client(), "Votes", tmp_path)
    rater = pseudonym("ann@example.org", load_salt(tmp_path))
    image_id = studio.tasks[0]["data"]["image_id"]
    assert [vote.policy_id for vote in votes] == ["L1", "L2", "L3", "L4", "L5"]
    expected = VoteRow(image_id, "L3", POLICIES[2].digest, rater, "unsafe", "R2", True, True, 12.346, "human")
    assert votes[2] == expected


def test_a_skipped_image_is_five_rows_that_say_so(studio: FakeStudio, tmp_path: Path) -> None:
    studio.annotate(1, result=[], was_cancelled=True, lead_time=None)
    votes = pull(studio.client(), "Votes", tmp_path)
    assert {(v.answer, v.rule, v.looks_natural, v.revealed, v.lead_time) for v in votes} == {
        ("skipped", "", None, False, 0.0)
    }
    assert len(votes) == 5


def test_a_later_pull_asks_for_what_changed_and_gives_everything(studio: FakeStudio, tmp_path: Path) -> None:
    studio.annotate(1, result=FORM)
    first = pull(studio.client(), "Votes", tmp_path)
    studio.annotate(2, result=FORM)
    seen: list[tuple[int, int]] = []
    second = pull(studio.client(), "Votes", tmp_path, progress=lambda done, all_: seen.append((done, all_)))
    assert len(first) == 5
    assert len(second) == 10
    assert set(first) < set(second)
    assert seen == [(1, 2), (2, 2)]  # of three tasks: the last one seen before, and the new one


def test_pulling_twice_changes_nothing(studio: FakeStudio, tmp_path: Path) -> None:
    studio.annotate(1, result=FORM)
    pull(studio.client(), "Votes", tmp_path)
    journal = (tmp_path / "pulled-1.jsonl").read_bytes()
    pull(studio.client(), "Votes", tmp_path)
    assert (tmp_path / "pulled-1.jsonl").read_bytes() == journal


def test_a_form_changed_on_the_server_replaces_its_earlier_state(studio: FakeStudio, tmp_path: Path) -> None:
    studio.annotate(1, result=FORM)
    pull(studio.client(), "Votes", tmp_path)
    annotation = studio.tasks[0]["annotations"][0]
    annotation["result"] = to_result(Answers({"L3": "safe"}, {}, None, True))
    studio.tasks[0]["updated_at"] = annotation["updated_at"] = studio.now()
    assert [(v.policy_id, v.answer) for v in pull(studio.client(), "Votes", tmp_path)] == [("L3", "safe")]


def test_of_two_forms_of_one_rater_the_later_counts(studio: FakeStudio, tmp_path: Path) -> None:
    studio.annotate(1, result=FORM)
    studio.annotate(1, result=[], was_cancelled=True)
    assert {vote.answer for vote in pull(studio.client(), "Votes", tmp_path)} == {"skipped"}


def test_a_task_deleted_on_the_server_keeps_its_pulled_votes(studio: FakeStudio, tmp_path: Path) -> None:
    studio.annotate(1, result=FORM)
    first = pull(studio.client(), "Votes", tmp_path)
    del studio.tasks[0]
    assert pull(studio.client(), "Votes", tmp_path) == first


def test_a_line_cut_off_by_a_crash_is_pulled_again(studio: FakeStudio, tmp_path: Path) -> None:
    studio.annotate(1, result=FORM)
    first = pull(studio.client(), "Votes", tmp_path)
    journal = tmp_path / "pulled-1.jsonl"
    journal.write_bytes(journal.read_bytes()[:-40])
    assert pull(studio.client(), "Votes", tmp_path) == first


def test_tasks_somebody_else_made_are_passed_over(studio: FakeStudio, tmp_path: Path) -> None:
    studio.add_task(1, {"image": "/elsewhere.png"})
    studio.annotate(4, result=FORM)
    assert pull(studio.client(), "Votes", tmp_path) == ()


def test_a_folder_belongs_to_one_project(studio: FakeStudio, tmp_path: Path) -> None:
    pull(studio.client(), "Votes", tmp_path)
    studio.projects[0]["created_at"] = "2020-01-01T00:00:00Z"  # another server's project of the same id
    with pytest.raises(AnnotationError, match="holds the pulls of another project"):
        pull(studio.client(), "Votes", tmp_path)


def test_no_address_reaches_the_folder_or_the_votes(studio: FakeStudio, tmp_path: Path) -> None:
    studio.annotate(1, result=FORM)
    votes = pull(studio.client(), "Votes", tmp_path)
    assert "example.org" not in repr(votes)
    assert not any(b"example.org" in path.read_bytes() for path in tmp_path.iterdir())


def test_pseudonyms_are_stable_keyed_and_private(tmp_path: Path) -> None:
    salt = load_salt(tmp_path / "one")
    assert load_salt(tmp_path / "one") == salt != load_salt(tmp_path / "two")
    assert stat.S_IMODE((tmp_path / "one" / "rater-salt").stat().st_mode) == 0o600
    assert pseudonym("Ann@Example.org", salt) == pseudonym("ann@example.org", salt)
    assert pseudonym("ann@example.org", salt) != pseudonym("ann@example.org", load_salt(tmp_path / "two"))
    assert pseudonym("ann@example.org", bytes(32)) == "r-7bfe6b"  # openssl dgst -mac HMAC


def test_two_people_never_share_a_pseudonym() -> None:
    with pytest.raises(AnnotationError, match="two raters share a pseudonym"):
        pseudonyms([User(1, "ann@example.org"), User(2, "ANN@example.org")], bytes(32))


def test_a_damaged_salt_is_reported(tmp_path: Path) -> None:
    (tmp_path / "rater-salt").write_bytes(b"short")
    with pytest.raises(AnnotationError, match="rater-salt is damaged: 5 bytes, not 32"):
        load_salt(tmp_path)
