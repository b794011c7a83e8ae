"""A benchmark through Label Studio, offline: parts, doubt, disputes, gold, and what the commands say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from annotation.adjudicators import is_adjudicator
from annotation.answers import Answers, Said, to_result
from annotation.client import Client
from annotation.errors import AnnotationError
from bench.dataset import load_benchmark
from pipeline import cli_annotate, labelling
from pipeline.options import work_of
from pipeline.parts import parts_of
from pipeline.publish import load_votes
from tests.annotation.fake_studio import FakeStudio
from tests.bench.sample import sample

TITLE = "Sample benchmark"


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    """Three pairs, eight pictures: firearms in the first two, dice in the last; no votes yet."""
    made = sample(3)
    images = tuple(
        replace(row, concepts=("dice",)) if row.concepts and row.pair_id == "p002" else row
        for row in made.images
    )
    return replace(made, images=images, votes=()).export(tmp_path / "bench")


@pytest.fixture
def studio(monkeypatch: pytest.MonkeyPatch) -> FakeStudio:
    """A server with ten raters; the commands talk to it."""
    studio = FakeStudio()
    studio.users = [{"id": number, "email": f"rater{number}@example.org"} for number in range(1, 11)]

    @contextmanager
    def connection(*_: object) -> Iterator[Client]:
        yield studio.client()

    monkeypatch.setattr(cli_annotate, "connection", connection)
    return studio


def give(studio: FakeStudio, task: int, answers: Sequence[Said], policy: str = "L3") -> None:
    """One form a rater: `answers` under one policy, safe under the others."""
    for rater, said in enumerate(answers, 1):
        said_of: dict[str, Said] = dict.fromkeys(("L1", "L2", "L3", "L4", "L5"), "safe")
        form = to_result(Answers(said_of | {policy: said}, {}, None, revealed=True))
        studio.annotate(task, result=form, completed_by=rater)


def run(*arguments: object, expect: int = 0) -> str:
    done = CliRunner().invoke(cli_annotate.app, [str(one) for one in arguments])
    assert done.exit_code == expect, done.output
    return " ".join(done.output.split())


def test_push_and_pull_keep_the_votes_beside_the_build(studio: FakeStudio, bench: Path) -> None:
    assert "8 pictures added, 0 were there" in run("push", bench)
    assert "0 pictures added, 8 were there" in run("push", bench)
    for task in range(1, 9):
        give(studio, task, ["safe", "safe"])
    assert "16 new forms, 0 changed, 0 withdrawn" in run("pull", bench)
    assert "0 new forms, 0 changed, 0 withdrawn" in run("pull", bench)
    votes = load_votes(work_of(bench))
    assert len(votes) == 16 * 5
    assert len({vote.rater for vote in votes}) == 2


def test_each_set_of_topics_can_have_a_project_of_its_own(studio: FakeStudio, bench: Path) -> None:
    parts = parts_of(load_benchmark(bench), by_topic=True)
    assert [(part.topics, len(part.pictures)) for part in parts] == [(("gambling",), 2), (("weapons",), 6)]
    text = run("push", bench, "--by-topic")
    assert "8 pictures added" in text
    assert "gambling" in text
    titles = [project["title"] for project in studio.projects]
    assert titles == [f"{TITLE}: group {part.group}" for part in parts]
    assert not {"gambling", "weapons"} & set(" ".join(titles).split())
    for task in range(1, 9):
        give(studio, task, ["safe"])
    assert "8 new forms" in run("pull", bench)


def test_a_pair_is_never_torn_apart_by_topic(bench: Path) -> None:
    """An edited picture goes with its original's topics, or its project would tell its role."""
    places: dict[str, set[str]] = {}
    for part in parts_of(load_benchmark(bench), by_topic=True):
        for picture in part.pictures:
            places.setdefault(picture.pair_id, set()).add(part.group)
    assert [len(groups) for groups in places.values()] == [1, 1, 1]


def test_a_benchmark_is_not_pushed_both_ways(studio: FakeStudio, bench: Path) -> None:
    labelling.push_benchmark(studio.client(), bench)
    with pytest.raises(AnnotationError, match="push without --by-topic as before"):
        labelling.push_benchmark(studio.client(), bench, by_topic=True)
    other = FakeStudio()
    labelling.push_benchmark(other.client(), bench, by_topic=True)
    with pytest.raises(AnnotationError, match="push with --by-topic as before"):
        labelling.push_benchmark(other.client(), bench)


def test_progress_counts_the_pictures_of_all_parts(studio: FakeStudio, bench: Path) -> None:
    seen: list[tuple[int, int]] = []
    labelling.push_benchmark(studio.client(), bench, lambda *done: seen.append(done), by_topic=True)
    assert seen == [(2, 8), (8, 8)]


def test_doubt_asks_for_one_more_rater(studio: FakeStudio, bench: Path) -> None:
    run("push", bench)
    for task in range(1, 9):
        give(studio, task, ["safe", "unsafe", "unsure"] if task == 1 else ["safe", "safe", "safe"])
    assert "1 pictures are asked of one more rater" in run("pull", bench)
    assert [task["overlap"] for task in studio.tasks] == [4, 3, 3, 3, 3, 3, 3, 3]


def test_a_dispute_is_ruled_on_in_a_project_without_votes(studio: FakeStudio, bench: Path) -> None:
    run("push", bench)
    for task in range(1, 9):
        split: list[Said] = ["safe", "unsafe", "safe", "unsafe", "unsure"]
        give(studio, task, split if task == 1 else ["safe"] * 5)
    run("pull", bench)
    assert "annotate adjudicate" in run("status", bench)
    assert "1 pictures added" in run("adjudicate", bench)
    assert studio.projects[1]["title"] == f"{TITLE}: adjudication"
    assert studio.tasks[-1]["annotations"] == []
    assert studio.tasks[-1]["data"]["image_id"] == studio.tasks[0]["data"]["image_id"]

    give(studio, studio.tasks[-1]["id"], ["unsafe"])
    run("pull", bench)
    rulings = [vote for vote in load_votes(work_of(bench)) if is_adjudicator(vote.rater)]
    assert [(vote.policy_id, vote.answer) for vote in rulings][2] == ("L3", "unsafe")
    assert "nothing is in dispute" in run("adjudicate", bench)


def test_gold_is_chosen_from_the_rules_and_kept_out_of_the_benchmark(bench: Path) -> None:
    assert "1 pictures, 5 questions" in run("gold", bench)
    assert len(labelling.gold_of(bench)) == 5
    assert not list(bench.rglob("*gold*"))


def test_experts_may_give_the_gold_answers(bench: Path, tmp_path: Path) -> None:
    image = load_benchmark(bench).image_ids[0]
    answers = tmp_path / "experts.csv"
    answers.write_text(f"image_id,policy_id,label,rule\n{image},L3,unsafe,R1\n{image},L1,safe,\n")
    assert "1 pictures, 2 questions (1 safe, 1 unsafe)" in run("gold", bench, "--answers", answers)


def test_status_shows_cells_raters_and_who_saw_too_much(studio: FakeStudio, bench: Path) -> None:
    run("push", bench)
    for task in range(1, 9):
        give(studio, task, ["safe", "safe", "safe"])
    for task in studio.tasks:
        task["annotations"][0]["lead_time"] = 1000.0  # counted as 300 s each: 40 minutes
    run("pull", bench)
    assert "warning" not in run("status", bench)
    for task in studio.tasks[:5]:  # and as much again
        give(studio, task["id"], ["safe"])
        task["annotations"][-1]["lead_time"] = 1000.0
    run("pull", bench)
    text = run("status", bench)
    assert "saw 13 revealed pictures in 65 minutes on 2026-01-01, more than a day's budget" in text
    assert (work_of(bench) / "annotation" / "progress.html").exists()


def test_agreement_is_shown_for_all_and_by_role(studio: FakeStudio, bench: Path) -> None:
    run("push", bench)
    for task in range(1, 9):
        give(studio, task, ["unsafe", "unsafe"] if task % 2 else ["safe", "safe"])
    run("pull", bench)
    text = run("agree", bench)
    assert "alpha" in text
    assert text.count("L3") == 4
    assert "1.000" in text


def test_without_votes_the_next_step_is_named(bench: Path) -> None:
    with pytest.raises(AnnotationError, match=r"has no votes yet; label, then run .*annotate pull"):
        labelling.voted_forms(bench)


def test_status_before_the_first_vote_says_that_all_wait(studio: FakeStudio, bench: Path) -> None:
    run("push", bench)
    assert "8 pictures wait for raters" in run("status", bench)
