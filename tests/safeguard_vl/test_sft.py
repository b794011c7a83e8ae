"""SFT on TRL's own trainer: the loss falls, LoRA ends merged, and a finished run is left alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForImageTextToText

from pipeline.safeguard_vl.captions import Caption, appending
from pipeline.safeguard_vl.run_folder import read_curve
from pipeline.safeguard_vl.tune import Job, tune
from pipeline.safeguard_vl.tuning import StageSettings, Tuning
from tests.safeguard_vl.small_model import quiet, small_recipe

pytestmark = pytest.mark.usefixtures("no_network")


@pytest.fixture
def tuning(tmp_path: Path) -> Tuning:
    return small_recipe(tmp_path)


def test_the_loss_falls_and_the_model_opens(tuning: Tuning, small: Path, tmp_path: Path) -> None:
    said: list[str] = []
    steps: list[tuple[str, int, int]] = []
    model = tune(
        Job("sft", tuning, tmp_path / "run", start=str(small)), said.append, lambda *step: steps.append(step)
    )
    losses = [line["loss"] for line in read_curve(tmp_path / "run") if "loss" in line]
    assert len(losses) == 6
    assert losses[-1] < 0.8 * losses[0]
    assert said[0].startswith("step 1: loss ")
    assert [step for step in steps if step[0] == "sft"][-1] == ("sft", 6, 6)
    AutoModelForImageTextToText.from_pretrained(model)
    assert not list(model.glob("*.bin"))  # nothing that is pickled


def test_lora_is_merged_into_a_complete_checkpoint(tuning: Tuning, small: Path, tmp_path: Path) -> None:
    lora = {"r": 4, "target_modules": r".*language_model.*\.(q|v)_proj"}
    tuning = replace(tuning, sft=StageSettings({**tuning.sft.trl, "max_steps": 2}, lora))
    model = tune(Job("sft", tuning, tmp_path / "run", start=str(small)), quiet, quiet)
    before, after = load_file(small / "model.safetensors"), load_file(model / "model.safetensors")
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert before.keys() == after.keys()
    assert changed == {name for name in before if name.endswith(("q_proj.weight", "v_proj.weight"))}


def test_descriptions_are_learned_from_captions(tuning: Tuning, small: Path, tmp_path: Path) -> None:
    from PIL import Image

    file = tmp_path / "captions.jsonl"
    Image.new("RGB", (32, 32), "navy").save(tmp_path / "a.png")
    with appending(file) as add:
        for number in range(4):
            add(Caption(f"p{number}", str(tmp_path / "a.png"), "A drawing with firearms.", (), "truth"))
        add(Caption("p9", str(tmp_path / "a.png"), "A drawing.", ("firearm",), "truth"))
    tuning = replace(tuning, target="captions", sft=StageSettings({**tuning.sft.trl, "max_steps": 2}))
    said: list[str] = []
    tune(Job("sft", tuning, tmp_path / "run", start=str(small), captions=file), said.append, quiet)
    assert said[0] == "1 of 5 captions do not name what the picture shows and are left out"
    with pytest.raises(ValueError, match="give them with --captions"):
        tune(Job("sft", tuning, tmp_path / "other", start=str(small)), quiet, quiet)


def test_a_finished_run_is_left_alone_and_another_one_refused(
    tuning: Tuning, small: Path, tmp_path: Path
) -> None:
    tuning = replace(tuning, sft=StageSettings({**tuning.sft.trl, "max_steps": 1}))
    job = Job("sft", tuning, tmp_path / "run", start=str(small))
    model = tune(job, quiet, quiet)
    written = (model / "model.safetensors").stat().st_mtime_ns
    said: list[str] = []
    assert tune(job, said.append, quiet) == model
    assert said == [f"{model} is finished"]
    assert (model / "model.safetensors").stat().st_mtime_ns == written
    with pytest.raises(ValueError, match="holds a run with another cases and recipe; choose another --out"):
        tune(replace(job, tuning=replace(tuning, seed=4)), quiet, quiet)


def test_what_cannot_be_started_from_is_told(tuning: Tuning, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is no folder nothing"):
        tune(Job("sft", tuning, tmp_path / "run"), quiet, quiet)
