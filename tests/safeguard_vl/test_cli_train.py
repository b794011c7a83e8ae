"""`safeeditbench train ...` from the command line: stages, errors in one line, and the whole flow."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.safeguard_vl.captions import read_captions
from tests.bench.sample import sample
from tests.safeguard_vl.small_model import RECIPE

runner = CliRunner()


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    file = tmp_path / "small.toml"
    file.write_text(RECIPE.replace("max_steps = 6", "max_steps = 2"))
    return file


def called(*arguments: str | Path) -> str:
    result = runner.invoke(app, ["train", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_all_trainings_are_there() -> None:
    told = called("--help")
    for command in ("guard", "editor", "recaption", "sft", "grpo", "all"):
        assert f" {command} " in told


def test_sft_then_grpo(recipe: Path, small: Path, tmp_path: Path) -> None:
    first = called(
        "sft", "--recipe", recipe, "--model", small, "--out", tmp_path / "sft", "--policies", "L3,L4"
    )
    assert "sft: 2/2" in first
    assert "step 2: loss " in first
    assert f"train grpo --recipe {recipe} --model {tmp_path / 'sft' / 'model'}" in first.replace("\n", "")
    second = called(
        "grpo", "--recipe", recipe, "--model", tmp_path / "sft" / "model", "--out", tmp_path / "rl"
    )
    assert "step 2: loss " in second
    assert "reward " in second
    assert (tmp_path / "rl" / "model" / "model.safetensors").is_file()


def test_recaption_from_truth(recipe: Path, tmp_path: Path) -> None:
    told = called("recaption", "--recipe", recipe, "--out", tmp_path / "captions.jsonl")
    assert "train sft" in told
    assert len(read_captions(tmp_path / "captions.jsonl")) >= 6


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["sft", "--recipe", "13b", "--out", "x"], "no recipe '13b'"),
        (["grpo", "--recipe", "tiny", "--model", "nowhere", "--out", "x"], "there is no folder nowhere"),
        (["editor", "--out", "x"], "give --photos FOLDER"),
    ],
)
def test_mistakes_are_told(arguments: list[str], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        runner.invoke(app, ["train", *arguments], catch_exceptions=False)


@pytest.mark.slow
def test_the_whole_flow_runs_and_a_second_call_does_nothing(
    recipe: Path, small: Path, tmp_path: Path
) -> None:
    text = recipe.read_text().replace('start = "nothing"', f'start = "{small}"\ntarget = "captions"')
    recipe.write_text(text)
    out = tmp_path / "all"
    bench = sample(2).export(tmp_path / "bench")
    told = called("all", "--recipe", recipe, "--out", out, "--test", bench)
    assert "grpo: 5 images, 2 pairs, 25 cases" in told
    assert (out / "captions.jsonl").is_file()
    weights = out / "grpo" / "model" / "model.safetensors"
    written = weights.stat().st_mtime_ns
    told = called("all", "--recipe", recipe, "--out", out).replace("\n", "")
    assert f"{out / 'grpo' / 'model'} is finished" in told
    assert weights.stat().st_mtime_ns == written
