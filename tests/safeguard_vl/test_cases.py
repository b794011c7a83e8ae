"""Cases: grouped around one difference, balanced, in ever other words, and never what is kept for testing."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from trl.data_utils import is_conversational, prepare_multimodal_messages

from bench.dataset import load_benchmark
from bench.policy import Policy, Sighting, load_policies
from bench.variants import held_out_policies
from bench.wording import generic_purpose
from evaluators.profile import load_profile
from pipeline.safeguard_vl.captions import Caption
from pipeline.safeguard_vl.cases import MADE_UP, Case, Draw, draw_cases
from pipeline.safeguard_vl.data import imagined
from pipeline.safeguard_vl.dataset import caption_rows, usable, verdict_rows
from pipeline.safeguard_vl.disguise import disguised
from pipeline.safeguard_vl.material import cases_for
from pipeline.safeguard_vl.shots import Shot, benchmark_shots, scene_shots
from pipeline.safeguard_vl.tuning import CaseSettings, read_tuning
from pipeline.safeguard_vl.unseen import kept_for_testing, made_up_policies, meaning
from pipeline.scenes.styles import HELD_OUT_STYLES
from tests.bench.sample import sample

FIVE = load_policies()


def scene_like(number: int, generator: np.random.Generator) -> list[Shot]:
    """A pair as scenes give them, without the drawing."""
    shown, name = imagined(generator) or (Sighting("blade"),), f"s{number}"
    return [
        Shot(f"{name}-o", name, "original", Path(f"{name}-o.png"), {}, shown, True),
        Shot(f"{name}-e", name, "edited", Path(f"{name}-e.png"), {}, (), True),
    ]


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    generator = np.random.default_rng(1)
    shots = [shot for number in range(80) for shot in scene_like(number, generator)]
    return draw_cases(shots, FIVE, made_up_policies(60, 3, ()), Draw(800, 5, 0.5))


@pytest.fixture(scope="module")
def bench_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three pairs of the split `train`; two have a control. Unsafe from L2 on."""
    made = sample(3)
    images = tuple(replace(row, split="train") for row in made.images)
    return replace(made, images=images).export(tmp_path_factory.mktemp("bench") / "b")


def groups(cases: list[Case]) -> list[list[Case]]:
    return [list(group) for _, group in groupby(cases, key=lambda case: case.group)]


def test_a_group_holds_a_twin_a_flip_and_a_control(bench_root: Path, tmp_path: Path) -> None:
    shots = benchmark_shots(load_benchmark(bench_root), tmp_path, split="train")
    for group in groups(draw_cases(shots, FIVE, (), Draw(60, 0, 0.0))):
        anchor, twin, flip, last = group
        assert {case.shot.pair_id for case in group} == {anchor.shot.pair_id}
        assert (anchor.label, twin.label, flip.label) == ("unsafe", "safe", "safe")
        assert twin.policy_text == anchor.policy_text
        assert twin.shot.role == "edited"
        assert flip.shot is anchor.shot
        assert flip.policy_id == "L1"
        assert last.label == "unsafe"
        if anchor.shot.pair_id != "p002":  # the pair without a control
            assert {anchor.shot.role, last.shot.role} == {"original", "control"}
            assert last.policy_text == anchor.policy_text


def test_labels_are_even_in_every_group_and_policies_get_like_shares(cases: list[Case]) -> None:
    assert all(Counter(case.label for case in group) == {"safe": 2, "unsafe": 2} for group in groups(cases))
    uses = Counter((case.policy_id, case.label) for case in cases)
    unsafe = [uses[policy.id, "unsafe"] for policy in FIVE[1:]]  # under L1 nothing is
    assert max(unsafe) - min(unsafe) <= 0.1 * sum(unsafe)
    safe = [uses[policy.id, "safe"] for policy in FIVE]
    assert min(safe) >= 0.4 * max(safe)
    anchors = Counter(group[0].policy_id == MADE_UP for group in groups(cases))
    assert 0.4 < anchors[True] / len(groups(cases)) < 0.6


def test_labels_are_the_policies_own(cases: list[Case]) -> None:
    by_id = {policy.id: policy for policy in FIVE}
    for case in cases:
        if case.policy_id != MADE_UP:
            assert case.label == by_id[case.policy_id].judge(case.shot.regulated).label


def test_the_same_draw_gives_the_same_cases(bench_root: Path, tmp_path: Path) -> None:
    shots = benchmark_shots(load_benchmark(bench_root), tmp_path, split="train")
    one, other = (draw_cases(shots, FIVE, (), Draw(20, 4, 0.0)) for _ in range(2))
    assert one == other
    assert one != draw_cases(shots, FIVE, (), Draw(20, 5, 0.0))


def test_one_policy_reads_alike_in_a_group_and_otherwise_in_the_next(cases: list[Case]) -> None:
    texts = [{case.policy_text for case in group if case.policy_id == "L3"} for group in groups(cases)]
    told = [text for texts_of_group in texts for text in texts_of_group]
    assert all(len(texts_of_group) <= 1 for texts_of_group in texts)
    assert len(set(told)) > 0.9 * len(told)


def test_a_disguise_changes_opening_order_numbers_and_words_and_keeps_every_rule() -> None:
    policy = FIVE[2]
    generator = np.random.default_rng(0)
    texts = [disguised(policy, generator) for _ in range(60)]
    assert len(set(texts)) == 60
    openings = {policy.purpose[wording] for wording in range(3)}
    assert 20 < sum(any(opening in text for opening in openings) for text in texts) < 40
    for text in texts:
        wording = next(i for i in range(3) if policy.purpose[i] in text or generic_purpose()[i] in text)
        lines = [line for line in text.split("\n") if re.match(r"R\d+[.,] |.*\(R\d+\)\. ", line)]
        assert len(lines) == len(policy.rules)
        for rule in policy.rules:
            assert any(rule.title[wording].lower() in line.lower() for line in lines)
            assert any(rule.why[wording] in line for line in lines)
    assert len({min(map(int, re.findall(r"R(\d+)", text))) for text in texts}) > 5


def test_policies_kept_for_testing_are_never_made_up() -> None:
    kept = kept_for_testing(FIVE, (0, 1), 40)
    assert {p.digest for p in kept} >= {p.digest for p in held_out_policies(FIVE, 1, 40)}
    refused = {meaning(policy) for policy in [*kept, FIVE[3]]}
    made = made_up_policies(300, 0, [*kept, FIVE[3]])
    assert len(made) == 300
    assert not refused & {meaning(policy) for policy in made}


def test_a_made_up_policy_that_means_the_same_is_left_out() -> None:
    first = made_up_policies(1, 0, ())[0]
    again = replace(first, purpose=("a", "b", "c"), permits=())
    assert first not in made_up_policies(20, 0, [again])


def test_a_held_out_policy_of_the_benchmark_is_never_met(bench_root: Path, tmp_path: Path) -> None:
    settings = CaseSettings(count=40, policies=("L1", "L2", "L3", "L5"), made_up=30, unseen=20)
    tuning = replace(read_tuning("tiny"), cases=settings)
    cases = cases_for(tuning, bench_root, tmp_path)
    assert {case.policy_id for case in cases} == {"L1", "L2", "L3", "L5", MADE_UP}


def test_an_unknown_policy_is_told() -> None:
    tuning = read_tuning("tiny")
    tuning = replace(tuning, cases=replace(tuning.cases, policies=("L9",), scenes=0))
    with pytest.raises(ValueError, match="scenes is 0"):
        cases_for(tuning, None, Path())


def test_scenes_to_train_on_show_no_held_out_drawing(tmp_path: Path) -> None:
    shots = scene_shots(tmp_path, first_seed=2_000_000, count=12, size=32)
    told = [json.loads(line) for line in (tmp_path / "truth.jsonl").read_text().splitlines()]
    assert {record["split"] for record in told} == {"train"}
    assert not {thing["style"] for record in told for thing in record["objects"]} & set(HELD_OUT_STYLES)
    assert {shot.role for shot in shots} == {"original", "edited"}
    assert all(shot.regulated == () for shot in shots if shot.role == "edited")
    before = (tmp_path / "truth.jsonl").stat().st_mtime_ns
    assert scene_shots(tmp_path, first_seed=2_000_000, count=12, size=32) == shots
    assert (tmp_path / "truth.jsonl").stat().st_mtime_ns == before


def test_a_benchmark_without_a_split_to_train_on_is_refused(tmp_path: Path) -> None:
    root = sample(2).export(tmp_path / "b")
    with pytest.raises(ValueError, match="no picture of the split 'train', only of test"):
        benchmark_shots(load_benchmark(root), tmp_path, split="train")


def test_of_photographs_only_the_settled_labels_count(bench_root: Path, tmp_path: Path) -> None:
    shots = benchmark_shots(load_benchmark(bench_root), tmp_path, split="train", max_pixels=400)
    photos = [replace(shot, exact=False, verdicts={"L3": "safe"}) for shot in shots]
    cases = draw_cases(photos, FIVE, made_up_policies(5, 0, ()), Draw(10, 0, 0.0))
    assert {(case.policy_id, case.label) for case in cases} == {("L3", "safe")}
    with Image.open(shots[0].file) as picture:
        assert picture.size == (20, 20)
    unsettled = replace(photos[0], pair_id="p9", verdicts={})
    mixed = draw_cases([unsettled, *photos], FIVE, made_up_policies(5, 0, ()), Draw(30, 0, 0.9))
    assert "p9" not in {case.shot.pair_id for case in mixed}
    with pytest.raises(ValueError, match="no picture has a label"):
        draw_cases([replace(shot, verdicts={}) for shot in photos], FIVE, (), Draw(10, 0, 0.0))


def test_rows_are_what_trl_takes(bench_root: Path, tmp_path: Path) -> None:
    shots = benchmark_shots(load_benchmark(bench_root), tmp_path, split="train")
    cases = draw_cases(shots, FIVE, (), Draw(8, 0, 0.0))
    profile = load_profile("plain")
    rows = verdict_rows(cases, profile)
    row = rows[0]
    assert is_conversational(row)
    assert isinstance(row["image"], Image.Image)
    assert row["completion"] == [{"role": "assistant", "content": [{"type": "text", "text": "unsafe"}]}]
    assert (row["label"], row["case"], rows[5]["case"]) == ("unsafe", 0, 5)
    parts = prepare_multimodal_messages(row["prompt"], images=[row["image"]])[0]["content"]
    assert [part["type"] for part in parts] == ["image", "text"]
    assert parts[1]["text"] == profile.messages(cases[0].policy_text)[0]["content"][1]["text"]  # type: ignore[index]


def test_answers_of_a_thinking_profile_are_in_its_form() -> None:
    case = Case(scene_like(0, np.random.default_rng(0))[0], "L3", "text", "unsafe", 0)
    for name, answer in (("reasoning", "unsafe"), ("safeguard-vl", "no")):
        profile = load_profile(name)
        text = verdict_rows([case], profile)["completion"][0][0]["content"][0]["text"]
        assert text == f"<think></think><answer>{answer}</answer>"
        assert profile.read(text) == "unsafe"


def test_captions_are_asked_for_without_a_policy() -> None:
    rows = caption_rows([Caption("a", "a.png", "A field with a gun.", (), "truth")])
    assert rows["completion"][0][0]["content"][0]["text"] == "A field with a gun."
    assert rows["prompt"][0][0]["content"][1]["text"] == "Describe this image."


@pytest.mark.parametrize("name", ["shieldgemma2", "llavaguard"])
def test_profiles_that_trl_cannot_ask_with_are_refused(name: str) -> None:
    profile = load_profile(name)
    if not profile.chat or profile.forced:
        with pytest.raises(ValueError, match="TRL asks"):
            usable(profile)


def test_policies_that_forbid_nothing_can_be_trained_on() -> None:
    generator = np.random.default_rng(1)
    nothing: Policy = FIVE[0]
    shots = [shot for number in range(4) for shot in scene_like(number, generator)]
    assert {case.label for case in draw_cases(shots, [nothing], (), Draw(6, 0, 0.0))} == {"safe"}
