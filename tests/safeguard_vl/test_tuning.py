"""Recipes build TRL's and PEFT's own objects, 7b has the published settings, none lets pictures out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import huggingface_hub.constants
import pytest
import torch
from transformers import Qwen2_5_VLForConditionalGeneration, TrainingArguments

from evaluators.profile import load_profile
from pipeline.safeguard_vl.dataset import usable
from pipeline.safeguard_vl.trl_configs import grpo_config, lora_config, sft_config
from pipeline.safeguard_vl.tuning import TUNING, StageSettings, read_tuning

NAMES = sorted(file.stem for file in TUNING.glob("*.toml"))


@pytest.fixture
def eight_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a configuration asks of the machine is answered as by a node of eight GPUs."""
    monkeypatch.setattr("transformers.training_args.is_torch_bf16_gpu_available", lambda: True)
    monkeypatch.setattr(TrainingArguments, "world_size", property(lambda self: 8))


def test_the_recipes_that_ship() -> None:
    assert NAMES == ["3b-lora", "7b", "study", "tiny"]


@pytest.mark.usefixtures("eight_gpus")
@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_builds_its_configurations_and_keeps_pictures_here(name: str, tmp_path: Path) -> None:
    tuning = read_tuning(name)
    usable(load_profile(tuning.profile))
    for config in (sft_config(tuning, tmp_path), grpo_config(tuning, tmp_path)):
        assert config.report_to == []
        assert not config.push_to_hub
        assert config.trackio_space_id is None
        assert config.output_dir == str(tmp_path)
        assert config.seed == tuning.seed
    sft, grpo = sft_config(tuning, tmp_path), grpo_config(tuning, tmp_path)
    assert sft.max_length is None
    assert sft.train_sampling_strategy == "sequential"
    assert not grpo.shuffle_dataset
    assert not grpo.log_completions
    assert not grpo.log_multimodal
    assert not grpo.use_vllm


@pytest.mark.usefixtures("eight_gpus")
def test_7b_is_what_was_published(tmp_path: Path) -> None:
    tuning = read_tuning("7b")
    sft, grpo, lora = sft_config(tuning, tmp_path), grpo_config(tuning, tmp_path), lora_config(tuning.sft)
    assert (tuning.reward, tuning.profile, tuning.target) == ("published", "safeguard-vl", "captions")
    assert tuning.start == "Qwen/Qwen2.5-VL-7B-Instruct"
    assert lora is not None
    assert (lora.r, lora.lora_alpha, sft.learning_rate, sft.weight_decay) == (64, 128, 1e-4, 1e-3)
    assert sft.per_device_train_batch_size * sft.gradient_accumulation_steps * 8 == 64
    assert sft.get_warmup_steps(1000) == 50
    assert lora_config(tuning.grpo) is None
    assert (grpo.num_generations, grpo.beta, grpo.learning_rate, grpo.temperature) == (8, 0.01, 1e-6, 1.0)
    assert (grpo.max_completion_length, grpo.num_iterations, grpo.save_steps) == (512, 1, 300)
    assert grpo.per_device_train_batch_size * grpo.gradient_accumulation_steps * 8 == 16
    assert grpo.get_warmup_steps(1000) == 10
    assert grpo.reward_weights == [1.0, 1.0]


@pytest.mark.usefixtures("eight_gpus")
def test_the_strict_reward_weighs_form_a_tenth(tmp_path: Path) -> None:
    assert grpo_config(read_tuning("3b-lora"), tmp_path).reward_weights == [0.1, 1.0]


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`")  # PEFT reads what transformers renamed
@pytest.mark.parametrize("name", ["3b-lora", "7b"])
def test_lora_adapts_the_language_model_and_leaves_the_vision_tower(
    name: str, model: Qwen2_5_VLForConditionalGeneration
) -> None:
    from peft import get_peft_model

    config = lora_config(read_tuning(name).sft)
    assert config is not None
    adapted = get_peft_model(model, config)
    trained = {key for key, weight in adapted.named_parameters() if weight.requires_grad}
    assert trained
    assert not [key for key in trained if "visual" in key or "lm_head" in key]
    layers = model.config.text_config.num_hidden_layers
    assert len(trained) == layers * 7 * 2  # q, k, v, o, gate, up, down: two matrices each
    assert all(isinstance(weight, torch.Tensor) for weight in adapted.parameters())


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("push_to_hub = true", "push_to_hub would send pictures or answers away"),
        ('hub_model_id = "me/it"', "hub_model_id would send"),
        ("log_multimodal = true", "log_multimodal would send"),
        ('log_completions_hub_repo = "me/it"', "would send"),
        ('trackio_space_id = "me/it"', "trackio_space_id would send"),
        ('vllm_server_base_url = "http://elsewhere"', "would send"),
        ('report_to = "wandb"', "report_to is 'wandb'; known are none, tensorboard, trackio"),
        ('report_to = ["tensorboard", "mlflow"]', "report_to is 'mlflow'"),
        ("max_length = 512", "max_length is set by this project"),
        ("shuffle_dataset = true", "shuffle_dataset is set by this project"),
    ],
)
def test_what_would_leak_or_break_order_is_refused(line: str, problem: str, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(f'start = "x"\n[cases]\ncount = 4\n[grpo]\n{line}\n')
    with pytest.raises(ValueError, match=rf"mine\.toml: .*{problem}"):
        read_tuning(str(tmp_path / "mine.toml"))


def test_trackers_of_this_machine_are_allowed(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        'start = "x"\n[cases]\ncount = 4\n[grpo]\nreport_to = ["tensorboard", "trackio"]\n'
    )
    assert read_tuning(str(tmp_path / "mine.toml")).grpo.trl["report_to"] == ["tensorboard", "trackio"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('start = "x"\nreward = "kind"\n[cases]\ncount = 4', "reward is 'kind'; known are strict, published"),
        ('start = "x"\nstrat = "y"\n[cases]\ncount = 4', "strat"),
        ('start = "x"\n[cases]\ncounts = 4', "counts"),
        ("start = ", "Invalid value"),
    ],
)
def test_a_bad_recipe_is_told_by_file_and_setting(text: str, problem: str, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(ValueError, match=rf"(?s)mine\.toml: .*{problem}.*compare with"):
        read_tuning(str(tmp_path / "mine.toml"))


def test_an_unknown_recipe_is_told_the_known_ones() -> None:
    with pytest.raises(ValueError, match="no recipe '13b'; known are 3b-lora, 7b, study, tiny"):
        read_tuning("13b")


def test_an_unknown_setting_of_trl_is_told_by_recipe_and_stage(tmp_path: Path) -> None:
    tuning = read_tuning("tiny")
    tuning = replace(tuning, grpo=StageSettings({**tuning.grpo.trl, "generations": 8}))
    with pytest.raises(ValueError, match=r"recipe tiny, \[grpo\]: .*generations"):
        grpo_config(tuning, tmp_path)


def test_no_library_reports_that_it_was_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """TRL reports every trainer it starts unless this is set; a variable counts at the first import alone."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_DISABLE_TELEMETRY", False)
    sft_config(read_tuning("tiny"), tmp_path)
    assert huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY
