"""A real server in a process of its own: `transformers serve` with the checkpoint that ships."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from bench.policy import load_policies
from evaluators.decision_server import DecisionServer
from evaluators.openai_server import OpenAIServer
from evaluators.server.decisions import STATEMENT
from evaluators.transformers_vlm import Decoding, TransformersVLM
from pipeline.safeguard_vl.train import TINY
from tests.evaluators.stand_in import picture

POLICIES = load_policies()
YES_NO = {"noul": ["unsafe", "safe"]}  # words of this tokenizer; it has no Yes and No
PICTURES = [
    picture(1, (112, 112)),
    Image.new("RGB", (140, 84), (200, 30, 30)),
    Image.new("RGB", (84, 84), "black"),
]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of `transformers serve`, which knows the checkpoint by its folder."""
    config = tmp_path_factory.mktemp("serve") / "decision.json"
    config.write_text(json.dumps({"labels": YES_NO}))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    options = ["--host", "127.0.0.1", "--port", port, "--device", "cpu", "--dtype", "float32"]
    command = [str(Path(sys.executable).with_name("transformers")), "serve", str(TINY), *options]
    server = subprocess.Popen(
        [*command, "--decision-config", str(config)],
        env={**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/health", server)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait(30)


def wait_for(health: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(480):
        assert server.poll() is None, "transformers serve ended by itself; are fastapi, uvicorn, openai here?"
        try:
            if httpx.get(health).is_success:
                return
        except httpx.TransportError:
            threading.Event().wait(0.25)
    pytest.fail("transformers serve did not come up within 120 s")


@pytest.fixture(scope="module")
def local() -> TransformersVLM:
    return TransformersVLM.load(str(TINY), device="cpu", decoding=Decoding(reading="text"))


def test_the_same_texts_as_the_checkpoint_gives_in_this_process(url: str, local: TransformersVLM) -> None:
    server = OpenAIServer(url, str(TINY), timeout=60)
    served, here = server.judge(PICTURES, POLICIES), local.judge(PICTURES, POLICIES)
    assert [[o.text for o in row] for row in served] == [[o.text for o in row] for row in here]
    assert [[o.status for o in row] for row in served] == [[o.status for o in row] for row in here]
    assert {o.status for row in served for o in row} <= {"safe", "unsafe"}
    assert all(o.tokens_in > 100 and o.tokens_out > 0 for row in served for o in row)
    assert server.notes["read_from"] == "text"  # it takes `logprobs` and gives none
    assert server.notes["server_does_not_take"] == "logprobs"


def test_decisions_are_those_of_the_decision_pipeline(url: str) -> None:
    server = DecisionServer(f"{url}/systemone", str(TINY), timeout=60)
    rows = server.judge(PICTURES, POLICIES)
    assert [[o.p_unsafe for o in row] for row in rows] == [
        pytest.approx(decided(image, [policy.text() for policy in POLICIES]), abs=1e-5) for image in PICTURES
    ]
    assert server.notes["form"] == "assets"
    assert server.notes["requests"] == 3  # one a picture, for all five policies


def decided(image: Image.Image, texts: Sequence[str]) -> list[float]:
    """The same questions put to transformers' own pipeline, with the picture itself."""
    from transformers import AutoModelForImageTextToText, AutoProcessor
    from transformers.decision import DecisionConfig
    from transformers.pipelines import DecisionPipeline

    processor: Any = AutoProcessor.from_pretrained(TINY)  # type: ignore[no-untyped-call]
    decide = DecisionPipeline(
        model=AutoModelForImageTextToText.from_pretrained(TINY, dtype="float32"),
        tokenizer=processor.tokenizer,
        processor=processor,
        decision_config=DecisionConfig(labels=YES_NO),
    )
    statements = {str(n): STATEMENT.replace("{policy}", text) for n, text in enumerate(texts)}
    questions = {name: {"type": "noul", "instructions": text} for name, text in statements.items()}
    answers = decide({"state": "<image>", "assets": {"<image>": image}, "questions": questions})
    return [answers[name]["noul"] for name in statements]
