"""Captions name what is violating and keep the rest, from truth or by a model; a stopped run goes on."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from bench.policy import Sighting
from evaluators.base import Outcome
from evaluators.constant import Constant
from evaluators.openai_server import OpenAIServer
from evaluators.profile import load_profile
from pipeline.safeguard_vl.caption_stage import write_captions
from pipeline.safeguard_vl.captions import Caption, appending, read_captions
from pipeline.safeguard_vl.recaption import (
    PROFILE,
    WriterError,
    by_model,
    from_truth,
    recaption,
    task_for,
    unnamed,
)
from pipeline.safeguard_vl.shots import Shot
from pipeline.safeguard_vl.tuning import read_tuning
from tests.evaluators.fault_server import Body, Reply, completion, sent_picture, sent_text, serving

GUN = Sighting("firearm", frozenset({"museum_or_education"}))
WINE = Sighting("alcohol")


@pytest.fixture
def shot(tmp_path: Path) -> Shot:
    Image.new("RGB", (8, 8), (10, 20, 30)).save(tmp_path / "a.png")
    return Shot(
        "a", "a", "original", tmp_path / "a.png", {}, (GUN, WINE), True, "A composed scene: hall, with vase."
    )


def test_truth_adds_one_sentence_and_keeps_the_caption(shot: Shot) -> None:
    text = from_truth(shot)
    assert text == f"{shot.caption} It shows firearms in a museum or for teaching and alcoholic drinks."
    assert unnamed(shot, text) == ()
    assert from_truth(replace(shot, regulated=())) == shot.caption


def test_truth_is_not_guessed(shot: Shot) -> None:
    with pytest.raises(WriterError, match="let a model write"):
        from_truth(replace(shot, exact=False))


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Firearms and alcoholic drinks.", ()),
        ("Guns beside beer, wine and spirits", ()),
        ("A pistol and a glass of wine", ("firearm",)),
        ("A hall.", ("firearm", "alcohol")),
        ("", ("firearm", "alcohol")),
    ],
)
def test_what_a_caption_does_not_name_is_found(shot: Shot, text: str, missing: tuple[str, ...]) -> None:
    assert unnamed(shot, text) == missing


def test_the_task_says_what_to_name_and_what_to_keep(shot: Shot) -> None:
    task = task_for(shot)
    assert "Caption: A composed scene: hall, with vase.\n" in task
    assert "firearms in a museum or for teaching; alcoholic drinks" in task
    assert "Keep everything else of the caption as it is." in task
    bare = task_for(replace(shot, caption="", regulated=()))
    assert "Keep" not in bare
    assert bare.startswith("Write what the picture shows")


def test_a_server_is_asked_with_the_picture_and_the_task(shot: Shot) -> None:
    asked: list[Body] = []

    def reply(number: int, body: Body) -> Reply:
        asked.append(body)
        return completion(" A hall with firearms and alcoholic drinks.\n")

    with serving(reply) as (url, _):
        server = OpenAIServer(url, "writer", profile=load_profile(str(PROFILE)), reading="text")
        text = by_model(server)(shot)
    assert text == "A hall with firearms and alcoholic drinks."
    assert task_for(shot) in sent_text(asked[0])
    assert sent_picture(asked[0]).getpixel((0, 0)) == (10, 20, 30)
    assert asked[0]["max_tokens"] == 256


class Failing(Constant):
    """A model that is out of memory."""

    def judge(self, images: Sequence[Image.Image], policies: Sequence[object]) -> list[list[Outcome]]:  # type: ignore[override]
        return [[Outcome("error", detail="OutOfMemoryError: full")]]


def test_a_model_that_fails_or_says_nothing_writes_no_caption(shot: Shot) -> None:
    with pytest.raises(WriterError, match="OutOfMemoryError: full"):
        by_model(Failing("safe"))(shot)


def test_a_stopped_run_goes_on_and_failures_are_tried_again(shot: Shot, tmp_path: Path) -> None:
    shots = [replace(shot, picture_id=f"p{number}") for number in range(5)]
    out, calls = tmp_path / "captions.jsonl", itertools.count()

    def stops(one: Shot) -> str:
        if next(calls) == 3:
            raise KeyboardInterrupt
        if one.picture_id == "p1":
            raise WriterError("no luck")
        return from_truth(one)

    with pytest.raises(KeyboardInterrupt):
        recaption(shots, stops, "mine", out)
    assert [caption.picture_id for caption in read_captions(out)] == ["p0", "p2"]
    assert recaption(shots, from_truth, "truth", out) == []
    assert [caption.picture_id for caption in read_captions(out)] == ["p0", "p2", "p1", "p3", "p4"]
    written = out.read_bytes()
    assert recaption(shots, stops, "mine", out) == []
    assert out.read_bytes() == written


def test_failures_are_told_by_picture(shot: Shot, tmp_path: Path) -> None:
    photo = replace(shot, exact=False)
    assert recaption([photo], from_truth, "truth", tmp_path / "c.jsonl") == [
        "a: it is not known what this picture shows; let a model write with --writer"
    ]


def test_a_line_that_a_kill_cut_off_is_dropped(shot: Shot, tmp_path: Path) -> None:
    out = tmp_path / "captions.jsonl"
    with appending(out) as add:
        add(Caption("p0", "a.png", "A hall.", (), "truth"))
    out.write_bytes(out.read_bytes() + b'{"picture_id": "p1", "te')
    assert [caption.picture_id for caption in read_captions(out)] == ["p0"]
    recaption([replace(shot, picture_id="p1")], from_truth, "truth", out)
    assert [caption.picture_id for caption in read_captions(out)] == ["p0", "p1"]
    assert read_captions(tmp_path / "none.jsonl") == []


def test_a_broken_line_is_told(tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text('{"text": 3}\n')
    with pytest.raises(ValueError, match=r"c\.jsonl, line 1 is no caption"):
        read_captions(tmp_path / "c.jsonl")


def test_the_tiny_recipe_is_captioned_from_truth(tmp_path: Path) -> None:
    tuning = read_tuning("tiny")
    tuning = replace(tuning, cases=replace(tuning.cases, scenes=5, size=32))
    assert write_captions(tuning, None, "truth", tmp_path / "c.jsonl", lambda *_: None) == []
    captions = read_captions(tmp_path / "c.jsonl")
    assert len(captions) >= 5
    assert not any(caption.unnamed for caption in captions)
    assert all(Path(caption.file).is_file() for caption in captions)
    assert any("It shows" in caption.text for caption in captions)


def test_a_local_checkpoint_writes_captions(small: Path, tmp_path: Path) -> None:
    tuning = read_tuning("tiny")
    tuning = replace(tuning, cases=replace(tuning.cases, scenes=2, size=32))
    out = tmp_path / "c.jsonl"
    assert write_captions(tuning, None, str(small), out, lambda *_: None) == []
    captions = read_captions(out)
    assert {caption.writer for caption in captions} == {small.name}
    assert any(caption.unnamed for caption in captions)  # random weights name nothing
    assert all(caption.text for caption in captions)
