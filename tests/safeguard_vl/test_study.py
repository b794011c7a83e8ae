"""The study: which arms there are, what its figures are, and that a study cut short goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score

from bench.results import ResultRow
from bench.schema import Label
from pipeline.safeguard_vl import ability
from pipeline.safeguard_vl.study.arms import METHODS, Arm, arms
from pipeline.safeguard_vl.study.figures import sampled
from pipeline.safeguard_vl.study.page import after_and_before, write_page
from pipeline.safeguard_vl.study.results import results
from pipeline.safeguard_vl.study.run import Study, run_study
from tests.bench.sample import sample
from tests.safeguard_vl.small_model import quiet, small_recipe

FIVE = ("L1", "L2", "L3", "L4", "L5")


def test_every_arm_comes_after_the_one_it_goes_on_from() -> None:
    listed = list(arms(FIVE, seeds=2))
    assert len(listed) == len(set(listed)) == 2 * (len(METHODS) + 3 * len(FIVE))
    for place, arm in enumerate(listed):
        assert arm.before is None or arm.before in listed[:place]
    assert [arm.seed for arm in listed] == sorted(arm.seed for arm in listed)


def test_an_arm_says_what_it_is() -> None:
    arm = Arm("labels+grpo", ("L3",), 1)
    assert (arm.name, arm.stage, arm.before) == ("labels+grpo-L3-seed1", "grpo", Arm("labels", ("L3",), 1))
    assert Arm("captions+grpo", FIVE, 0).before == Arm("captions", (), 0)


def test_no_arm_meets_a_made_up_policy(tmp_path: Path) -> None:
    recipe = small_recipe(tmp_path)
    tuned = Arm("grpo", ("L3",), 2).tuning(recipe)
    assert (tuned.cases.policies, tuned.cases.made_up, tuned.seed) == (("L3",), 0, recipe.seed + 2)
    assert Arm("captions", (), 0).tuning(recipe).target == "captions"


def rows(seed: int) -> list[ResultRow]:
    """60 pairs under two policies; nothing is unsafe under the first."""
    generator = np.random.default_rng(seed)
    made = []
    for number in range(60):
        for policy in ("L1", "L3"):
            gold: Label = "unsafe" if policy == "L3" and number % 3 == 0 else "safe"
            other: Label = "safe" if gold == "unsafe" else "unsafe"
            said = gold if generator.random() < 0.8 else other
            made.append(
                ResultRow(
                    f"i{number}", f"p{number}", "original", policy, gold, said, None, None, None, "", ""
                )
            )
    return made


def test_figures_are_means_over_policies_and_seeds() -> None:
    seeds = [rows(0), rows(1)]
    expected = []
    for run in seeds:
        third = [row for row in run if row.policy_id == "L3"]
        truth, said = [row.gold for row in third], [row.status for row in third]
        alone = np.mean([row.status == row.gold for row in run if row.policy_id == "L1"])
        expected.append((alone + f1_score(truth, said, pos_label="unsafe")) / 2)
    found = sampled(seeds, "headline", replicates=400)
    assert found.seeds == pytest.approx(expected)
    figure = found.figure()
    assert figure.value == pytest.approx(np.mean(expected))
    assert figure.low < figure.value < figure.high


def test_an_arm_less_itself_is_nothing_and_differences_are_paired() -> None:
    one, other = (sampled([rows(seed)], "macro-F1", replicates=400) for seed in (0, 1))
    assert (one.less(one).value, one.less(one).low, one.less(one).high) == (0, 0, 0)
    assert one.less(other).value == pytest.approx(one.value - other.value)


class StoppedError(Exception):
    """Stands for a kill."""


@pytest.mark.slow
def test_a_study_goes_on_where_it_was_stopped_and_writes_what_there_is(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ability, "SCENES", 3)
    recipe = small_recipe(tmp_path)
    trl = {**recipe.sft.trl, "max_steps": 2}
    recipe = replace(
        recipe,
        sft=replace(recipe.sft, trl=trl),
        grpo=replace(recipe.grpo, trl={**recipe.grpo.trl, "max_steps": 2}),
    )
    study = Study(recipe, small, sample(3).export(tmp_path / "bench"), tmp_path / "out", seeds=1, held_out=2)
    told: list[str] = []

    def stop(name: str) -> None:
        told.append(name)
        if name.startswith("5 of"):
            raise StoppedError

    with pytest.raises(StoppedError):
        run_study(study, stop, quiet)
    first = (tmp_path / "out" / "base" / "five" / "results.parquet").stat().st_mtime_ns
    with pytest.raises(StoppedError):
        run_study(study, stop, quiet)
    assert (tmp_path / "out" / "base" / "five" / "results.parquet").stat().st_mtime_ns == first
    found = results(study, replicates=50)
    assert [result.method for result in found] == [None, "captions", "labels", "grpo", "labels+grpo"]
    assert [(after.method, before.method) for after, before in after_and_before(found)] == [
        ("labels+grpo", "labels")
    ]
    page = write_page(study, tmp_path / "page").read_text()
    assert "| labels+grpo | 1 | " in page
    assert (tmp_path / "page" / "ability.svg").read_text().startswith("<?xml")
