"""A model of a few thousand weights, made once for the folder's tests."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
import torch
from transformers import PreTrainedTokenizerFast, Qwen2_5_VLForConditionalGeneration

from pipeline.safeguard_vl.data import meanings, tokenizer_texts
from pipeline.safeguard_vl.model import Shape, build_config, build_model, build_processor, build_tokenizer

SMALL = Shape(
    image_size=32,
    patch=4,
    vision_depth=1,
    vision_hidden=32,
    vision_heads=2,
    vision_mlp=48,
    depth=2,
    hidden=64,
    heads=2,
    mlp=96,
    vocabulary=2000,
)


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def shape() -> Shape:
    return SMALL


@pytest.fixture(scope="session")
def tokenizer() -> PreTrainedTokenizerFast:
    return build_tokenizer(tokenizer_texts(0, 20), meanings(), SMALL.vocabulary)


@pytest.fixture
def model(tokenizer: PreTrainedTokenizerFast) -> Qwen2_5_VLForConditionalGeneration:
    return build_model(build_config(tokenizer, SMALL), seed=1).eval()


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory, tokenizer: PreTrainedTokenizerFast) -> Path:
    """A checkpoint of random weights with its processor, as TRL opens it."""
    folder = tmp_path_factory.mktemp("small")
    build_model(build_config(tokenizer, SMALL), seed=1).save_pretrained(folder)
    build_processor(tokenizer, SMALL).save_pretrained(folder)
    return folder


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures stay on this machine: whatever opens a connection fails the test."""

    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
