"""GRPO on TRL's own trainer: what is rewarded becomes likelier, figures are told, nothing gets out."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from evaluators.profile import load_profile
from pipeline.safeguard_vl.cases import Case
from pipeline.safeguard_vl.dataset import verdict_rows
from pipeline.safeguard_vl.grpo import grpo, reward_functions
from pipeline.safeguard_vl.material import cases_for
from pipeline.safeguard_vl.rewards import reward_parts
from pipeline.safeguard_vl.rollout_parity import (
    Asked,
    ParityError,
    by_transformers,
    compare,
    prompts_of,
    require_parity,
)
from pipeline.safeguard_vl.run_folder import last_checkpoint, read_curve
from pipeline.safeguard_vl.sft import sft
from pipeline.safeguard_vl.trl_configs import grpo_config, sft_config
from pipeline.safeguard_vl.tune import Job, tune
from pipeline.safeguard_vl.tuning import StageSettings, Tuning
from tests.safeguard_vl.small_model import quiet, small_recipe

pytestmark = pytest.mark.usefixtures("no_network")
PLAIN = load_profile("plain")


@pytest.fixture
def tuning(tmp_path: Path) -> Tuning:
    return small_recipe(tmp_path)


def steps(tuning: Tuning, count: int) -> Tuning:
    return replace(tuning, grpo=StageSettings({**tuning.grpo.trl, "max_steps": count, "save_steps": count}))


@pytest.fixture(scope="module")
def half_right(tmp_path_factory: pytest.TempPathFactory, small: Path) -> Path:
    """The small model after SFT on even labels: it answers in one word, as a coin would."""
    folder = tmp_path_factory.mktemp("half-right")
    tuning = small_recipe(folder)
    taught = {**tuning.sft.trl, "max_steps": 18, "learning_rate": 1e-2, "save_steps": 18}
    tuning = replace(tuning, sft=StageSettings(taught))
    rows = verdict_rows(cases_for(tuning, None, folder / "pictures"), PLAIN)
    return sft(tuning, sft_config(tuning, folder / "run"), rows, small, folder / "run", quiet)


def test_what_is_rewarded_becomes_likelier(tuning: Tuning, half_right: Path, tmp_path: Path) -> None:
    cases = cases_for(tuning, None, tmp_path / "pictures")
    unsafe = verdict_rows([case for case in cases if case.label == "unsafe"], PLAIN)
    tuning, out = steps(tuning, 12), tmp_path / "run"
    grpo(tuning, grpo_config(tuning, out), unsafe, half_right, out, quiet)
    rewards = [line["reward"] for line in read_curve(out) if "reward" in line]
    assert 0.3 < sum(rewards[:3]) / 3 < 0.8
    assert sum(rewards[-3:]) / 3 > 0.9


def test_figures_are_told_for_each_policy_and_class(tuning: Tuning, small: Path, tmp_path: Path) -> None:
    tune(Job("grpo", steps(tuning, 3), tmp_path / "run", start=str(small)), quiet, quiet)
    lines = read_curve(tmp_path / "run")[:3]
    names = {name for line in lines for name in line}
    assert {"reward", "rewards/format/mean", "rewards/correct/mean", "frac_reward_zero_std"} <= names
    assert {"accuracy", "unsafe_recall", "parse_rate"} <= names
    assert any(name.startswith("accuracy/") and name.endswith("/unsafe") for name in names)
    assert any(name.startswith("parse_rate/") for name in names)
    assert any(name.startswith("zero_advantage/") for name in names)


def test_no_answer_and_no_picture_is_logged(tuning: Tuning, small: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    tune(Job("grpo", steps(tuning, 1), out, start=str(small)), quiet, quiet)
    kinds = {path.suffix for path in out.rglob("*") if path.is_file() and "pictures" not in path.parts}
    assert not kinds & {".png", ".parquet", ".html", ".tfevents", ".db"}
    assert not (out / "runs").exists()


def completions(*texts: str) -> Sequence[Sequence[dict[str, str]]]:
    return [[{"role": "assistant", "content": text}] for text in texts]


def test_reward_functions_speak_trls_form() -> None:
    logged: list[tuple[str, float]] = []
    functions = reward_functions(reward_parts("strict", PLAIN), PLAIN, 2)
    columns = {
        "completions": completions("unsafe", "not safe", "safe", "safe"),
        "label": ["unsafe", "unsafe", "unsafe", "unsafe"],
        "policy": ["L3", "L3", "L5", "L5"],
        "case": [0, 0, 1, 1],
        "log_metric": lambda name, value: logged.append((name, value)),
        "prompts": None,
        "trainer_state": None,
    }
    assert [function.__name__ for function in functions] == ["format", "correct"]  # type: ignore[union-attr]
    assert [function(**columns) for function in functions] == [[1, 0, 1, 1], [1, 0, 0, 0]]  # type: ignore[operator]
    assert ("zero_advantage/L5/unsafe", 1.0) in logged
    assert ("zero_advantage/L3/unsafe", 0.0) in logged


def test_a_checkpoint_that_a_kill_cut_off_is_not_resumed_from(tmp_path: Path) -> None:
    for step, state in ((2, "{}"), (10, "{}"), (12, '{"global_step"'), (14, None)):
        checkpoint = tmp_path / f"checkpoint-{step}"
        checkpoint.mkdir()
        (checkpoint / "model.safetensors").touch()
        if state is not None:
            (checkpoint / "trainer_state.json").write_text(state)
    assert last_checkpoint(tmp_path) == tmp_path / "checkpoint-10"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-10", "checkpoint-2"]
    assert last_checkpoint(tmp_path / "none") is None


KILLED = """
import os, signal, sys
from pathlib import Path
from pipeline.safeguard_vl.tune import Job, tune
from pipeline.safeguard_vl.tuning import read_tuning

def kill_at_step_three(stage, done, of):
    if stage == sys.argv[1] and done == 3:
        os.kill(os.getpid(), signal.SIGKILL)

recipe, start, out = sys.argv[2:]
tune(Job(sys.argv[1], read_tuning(recipe), Path(out), start=start), print, kill_at_step_three)
"""


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["sft", "grpo"])
def test_killed_and_resumed_training_reaches_the_weights_of_a_smooth_run(
    stage: str, tuning: Tuning, half_right: Path, tmp_path: Path
) -> None:
    start, recipe, root = str(half_right), tmp_path / "small.toml", Path(__file__).parents[2]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, stage, str(recipe), start, str(tmp_path / "killed")],
        cwd=root,
        capture_output=True,
        text=True,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    whole = tmp_path / "killed" / "checkpoint-2"
    cut_off = tmp_path / "killed" / "checkpoint-4"  # as if the kill had come while it was written
    shutil.copytree(whole, cut_off)
    (cut_off / "trainer_state.json").write_text("{")
    said: list[str] = []
    job = Job("sft" if stage == "sft" else "grpo", tuning, tmp_path / "killed", start=start)
    resumed = tune(job, said.append, quiet)
    smooth = tune(replace(job, out=tmp_path / "smooth"), quiet, quiet)
    assert said[0] == "resuming from checkpoint-2"
    one, other = (load_file(model / "model.safetensors") for model in (smooth, resumed))
    before = load_file(half_right / "model.safetensors")
    assert all(torch.equal(one[name], other[name]) for name in before)
    assert not any(torch.equal(before[name], other[name]) for name in before)
    first, second = (
        [(line["step"], line["loss"]) for line in read_curve(tmp_path / run) if "loss" in line]
        for run in ("smooth", "killed")
    )
    assert first == second


def rows(tuning: Tuning, tmp_path: Path) -> list[Case]:
    return cases_for(tuning, None, tmp_path / "pictures")


def test_engines_that_agree_pass_and_others_are_refused() -> None:
    compare(["safe", "unsafe"], ["safe", "unsafe"])
    with pytest.raises(ParityError, match="prompt 2 of 2: the model writes 'unsafe' and vLLM 'un'"):
        compare(["safe", "unsafe"], ["safe", "un"])


def test_parity_is_asked_with_what_trl_hands_over(tuning: Tuning, small: Path, tmp_path: Path) -> None:
    asked = prompts_of(small, verdict_rows(rows(tuning, tmp_path), PLAIN))
    picture_tokens = asked[0].inputs["mm_token_type_ids"].sum()
    assert len(asked) == 4
    assert picture_tokens == 16  # 32 pixels in patches of 4, four to a token
    texts = by_transformers(small)(asked)
    assert by_transformers(small)([Asked(one.ids, one.inputs, one.image) for one in asked]) == texts


def test_without_vllm_the_check_says_what_to_do(tuning: Tuning, small: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="vllm is not installed"):
        require_parity(small, verdict_rows(rows(tuning, tmp_path), PLAIN))
