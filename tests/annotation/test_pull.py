from __future__ import annotations

import stat
from pathlib import Path
from typing import get_args

import pytest

from annotation.answers import Answers, Said, to_result
from annotation.errors import AnnotationError
from annotation.forms import latest
from annotation.journal import entries_of
from annotation.order import order_mark
from annotation.pseudonyms import load_salt, pseudonym, pseudonyms
from annotation.pull import PullReport, pull, pulled_forms
from annotation.push import push
from annotation.wire import User
from bench.policy import load_policies
from bench.schema import VoteRow
from tests.annotation.fake_studio import FakeStudio, Fault, KilledError
from tests.annotation.samples import Album

pytestmark = pytest.mark.usefixtures("clock")

POLICIES = load_policies()
SAID: dict[str, Said] = {p.id: "unsafe" if p.id == "L3" else "safe" for p in POLICIES}
FORM = to_result(Answers(SAID, {"L3": "R2"}, True, True, "a toy?"))
OTHER = to_result(Answers({"L3": "safe"}, {}, None, True))


@pytest.fixture
def studio() -> FakeStudio:
    studio, album = FakeStudio(), Album(3)
    push(studio.client(), "Votes", album.pictures, album.read, POLICIES)
    return studio


def pulled(studio: FakeStudio, folder: Path) -> PullReport:
    client = studio.client()
    return pull(client, client.project("Votes"), folder)


def votes_in(folder: Path) -> tuple[VoteRow, ...]:
    return latest(pulled_forms(folder, "Votes"))


def said(folder: Path) -> list[tuple[str, str]]:
    return [(vote.policy_id, vote.answer) for vote in votes_in(folder)]


def test_nothing_answered_is_nothing_pulled(studio: FakeStudio, tmp_path: Path) -> None:
    assert pulled(studio, tmp_path) == PullReport(0, 0, 0, 0)
    assert pulled_forms(tmp_path, "Votes") == ()


def test_a_form_becomes_one_vote_a_policy(studio: FakeStudio, tmp_path: Path) -> None:
    studio.annotate(1, result=FORM, lead_time=12.3456)
    assert pulled(studio, tmp_path) == PullReport(new=1, changed=0, withdrawn=0, orphaned=0)
    rater = pseudonym("ann@example.org", load_salt(tmp_path))
    image_id = studio.tasks[0]["data"]["image_id"]
    (form,) = pulled_forms(tmp_path, "Votes")
    assert [vote.policy_id for vote in form.votes] == ["L1", "L2", "L3", "L4", "L5"]
    expected = VoteRow(image_id, "L3", POLICIES[2].digest, rater, "unsafe", "R2", True, True, 12.346, "human")
    assert form.votes[2] == expected
    assert (form.revealed, form.lead_time, form.day) == (True, 12.346, "2026-01-01")


def test_the_order_of_policies_and_the_note_are_kept_and_not_published(
    studio: FakeStudio, tmp_path: Path
) -> None:
    studio.annotate(1, result=FORM)
    pulled(studio, tmp_path)
    entry = next(entries_of(tmp_path / "forms-1.jsonl"))
    image_id = studio.tasks[0]["data"]["image_id"]
    assert (entry.order, entry.note) == (order_mark(image_id, ["L1", "L2", "L3", "L4", "L5"]), "a toy?")  # type: ignore[union-attr]
    assert "toy" not in repr(votes_in(tmp_path))


def test_a_skipped_image_is_five_rows_that_say_so(studio: FakeStudio, tmp_path: Path) -> None:
    studio.annotate(1, result=[], was_cancelled=True, lead_time=None)
    pulled(studio, tmp_path)
    votes = votes_in(tmp_path)
    assert {(v.answer, v.rule, v.looks_natural, v.revealed, v.lead_time) for v in votes} == {
        ("skipped", "", None, False, 0.0)
    }
    assert len(votes) == 5


def test_a_later_pull_asks_for_what_changed(studio: FakeStudio, tmp_path: Path) -> None:
    studio.annotate(1, result=FORM)
    pulled(studio, tmp_path)
    first = votes_in(tmp_path)
    studio.annotate(2, result=FORM)
    seen: list[tuple[int, int]] = []
    client = studio.client()
    report = pull(client, client.project("Votes"), tmp_path, progress=lambda *done: seen.append(done))
    assert seen == [(2, 2)]  # of three tasks: the last one seen before, and the new one
    assert report.new == 1
    assert set(first) < set(votes_in(tmp_path))


def test_a_pull_of_nothing_new_changes_no_form(studio: FakeStudio, tmp_path: Path) -> None:
    studio.annotate(1, result=FORM)
    pulled(studio, tmp_path)
    before = (tmp_path / "forms-1.jsonl").read_text().splitlines()
    assert pulled(studio, tmp_path) == PullReport(0, 0, 0, 0)
    after = (tmp_path / "forms-1.jsonl").read_text().splitlines()
    assert after[: len(before)] == before
    assert all("until" in line for line in after[len(before) :])


def test_a_form_changed_on_the_server_replaces_its_earlier_state(studio: FakeStudio, tmp_path: Path) -> None:
    studio.annotate(1, result=FORM)
    pulled(studio, tmp_path)
    annotation = studio.tasks[0]["annotations"][0]
    annotation["result"] = OTHER
    studio.tasks[0]["updated_at"] = annotation["updated_at"] = studio.now()
    assert pulled(studio, tmp_path).changed == 1
    assert said(tmp_path) == [("L3", "safe")]


def test_a_form_taken_back_counts_no_more_and_leaves_a_mark(studio: FakeStudio, tmp_path: Path) -> None:
    studio.annotate(1, result=FORM)
    studio.annotate(2, result=FORM)
    pulled(studio, tmp_path)
    studio.withdraw(1)
    assert pulled(studio, tmp_path).withdrawn == 1
    assert {vote.image_id for vote in votes_in(tmp_path)} == {studio.tasks[1]["data"]["image_id"]}
    assert '"gone": "withdrawn"' in (tmp_path / "forms-1.jsonl").read_text()
    assert pulled(studio, tmp_path).withdrawn == 0


def test_who_answers_again_after_taking_a_form_back_counts_again(studio: FakeStudio, tmp_path: Path) -> None:
    studio.annotate(1, result=FORM)
    pulled(studio, tmp_path)
    studio.withdraw(1)
    pulled(studio, tmp_path)
    studio.annotate(1, result=OTHER)
    pulled(studio, tmp_path)
    assert said(tmp_path) == [("L3", "safe")]


def test_of_two_forms_of_one_rater_the_later_counts(studio: FakeStudio, tmp_path: Path) -> None:
    studio.annotate(1, result=FORM)
    studio.annotate(1, result=[], was_cancelled=True)
    pulled(studio, tmp_path)
    assert {vote.answer for vote in votes_in(tmp_path)} == {"skipped"}


def test_a_task_deleted_on_the_server_keeps_its_votes_and_leaves_a_mark(
    studio: FakeStudio, tmp_path: Path
) -> None:
    studio.annotate(1, result=FORM)
    pulled(studio, tmp_path)
    first = votes_in(tmp_path)
    del studio.tasks[0]
    assert pulled(studio, tmp_path) == PullReport(new=0, changed=0, withdrawn=0, orphaned=1)
    assert votes_in(tmp_path) == first
    assert pulled(studio, tmp_path).orphaned == 0


@pytest.mark.parametrize("fault", [*get_args(Fault)])
def test_a_pull_cut_off_at_any_request_ends_like_a_smooth_one(
    fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotation.client.PAGE", 2)
    studio, album = FakeStudio(), Album(6)
    push(studio.client(), "Votes", album.pictures, album.read, POLICIES)
    for task in studio.tasks:
        studio.annotate(task["id"], result=FORM)
    load_salt(tmp_path / "smooth")
    first = len(studio.requests)
    pulled(studio, tmp_path / "smooth")
    for number in range(first, len(studio.requests)):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "rater-salt").write_bytes(load_salt(tmp_path / "smooth"))
        studio.faults = {len(studio.requests) + number - first: fault}
        try:
            pulled(studio, folder)
        except KilledError:
            pulled(studio, folder)
        assert pulled_forms(folder, "Votes") == pulled_forms(tmp_path / "smooth", "Votes")


def test_what_changes_while_a_pull_is_cut_off_is_not_missed(
    studio: FakeStudio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first page was read and written, the second never: its earlier changes must be asked for again."""
    monkeypatch.setattr("annotation.client.PAGE", 1)
    studio.annotate(2, result=FORM)
    studio.annotate(1, result=FORM)  # the latest change is on the first page
    studio.faults = {len(studio.requests) + 6: "killed"}
    with pytest.raises(KilledError):
        pulled(studio, tmp_path)
    pulled(studio, tmp_path)
    assert len(pulled_forms(tmp_path, "Votes")) == 2


def test_a_line_cut_off_by_a_crash_is_pulled_again(studio: FakeStudio, tmp_path: Path) -> None:
    studio.annotate(1, result=FORM)
    pulled(studio, tmp_path)
    first, journal = votes_in(tmp_path), tmp_path / "forms-1.jsonl"
    journal.write_bytes(journal.read_bytes()[:-160])
    assert votes_in(tmp_path) == ()
    pulled(studio, tmp_path)
    assert votes_in(tmp_path) == first


def test_tasks_somebody_else_made_are_passed_over(studio: FakeStudio, tmp_path: Path) -> None:
    studio.add_task(1, {"image": "/elsewhere.png"})
    studio.annotate(4, result=FORM)
    assert pulled(studio, tmp_path) == PullReport(0, 0, 0, 0)


def test_projects_of_one_benchmark_share_a_folder_and_others_are_left_out(tmp_path: Path) -> None:
    studio, album = FakeStudio(), Album(4)
    titles = ("Votes", "Votes: group 3f2a", "Votes: adjudication", "Votes two")
    for number, title in enumerate(titles):
        push(studio.client(), title, [album.pictures[number]], album.read, POLICIES)
        studio.annotate(number + 1, result=FORM)
        pull(studio.client(), studio.client().project(title), tmp_path)
    images = [picture.image_id for picture in album.pictures]
    assert {form.image_id for form in pulled_forms(tmp_path, "Votes")} == set(images[:2])
    assert {form.image_id for form in pulled_forms(tmp_path, "Votes: adjudication")} == {images[2]}
    assert len({form.rater for form in pulled_forms(tmp_path, "Votes")}) == 1


def test_a_folder_does_not_mix_two_servers(studio: FakeStudio, tmp_path: Path) -> None:
    pulled(studio, tmp_path)
    studio.projects[0]["created_at"] = "2020-01-01T00:00:00Z"  # another server's project of the same id
    with pytest.raises(AnnotationError, match="holds the pulls of another project"):
        pulled(studio, tmp_path)


def test_no_address_reaches_the_folder_or_the_votes(studio: FakeStudio, tmp_path: Path) -> None:
    studio.annotate(1, result=FORM)
    pulled(studio, tmp_path)
    assert "example.org" not in repr(votes_in(tmp_path))
    assert not any(b"example.org" in path.read_bytes() for path in tmp_path.iterdir())


def test_who_leaves_keeps_the_name(studio: FakeStudio, tmp_path: Path) -> None:
    """Label Studio calls an account that leaves `Deleted`, and a deleted one's forms are nobody's."""
    studio.users += [{"id": 2, "email": "ben@example.org"}, {"id": 3, "email": "cat@example.org"}]
    for user in (1, 2, 3):
        studio.annotate(1, result=FORM, completed_by=user)
    pulled(studio, tmp_path)
    before = {form.rater for form in pulled_forms(tmp_path, "Votes")}
    studio.users[0]["email"] = studio.users[1]["email"] = "Deleted"
    del studio.users[2]
    studio.annotate(2, result=FORM, completed_by=1)
    studio.tasks[0]["annotations"][2] |= {"completed_by": None, "updated_at": studio.now()}
    studio.tasks[0]["updated_at"] = studio.now()
    assert pulled(studio, tmp_path) == PullReport(new=1, changed=1, withdrawn=0, orphaned=0)
    assert {form.rater for form in pulled_forms(tmp_path, "Votes")} == before


def test_authors_unknown_from_the_start_are_not_taken_for_one(studio: FakeStudio, tmp_path: Path) -> None:
    for _ in range(2):
        studio.annotate(1, result=FORM, completed_by=None)
    pulled(studio, tmp_path)
    assert len({form.rater for form in pulled_forms(tmp_path, "Votes")}) == 2


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
