"""What can be written for MODEL, and what is said about anything else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from evaluators.decision_server import DecisionServer
from evaluators.openai_server import OpenAIServer
from evaluators.server.usage import Prices
from evaluators.spec import Options, load_guardrail


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("constant:maybe", "write constant:safe or constant:unsafe"),
        ("openai:localhost#m", "openai:URL#name"),
        ("openai:http://127.0.0.1:1/v1", "openai:URL#name"),
        ("decisions:http://127.0.0.1:1/v1", "decisions:URL#name"),
        ("decisions:http://127.0.0.1:1/v1#m", r"is no decision endpoint; write all of its address"),
        ("no-such-folder", "no folder and of no known form"),
        ("gguf:model.gguf", r"(?s)no known form; known are.*constant:safe\|unsafe"),
        ("onnx:model.onnx", "there is no such file; give the path of an .onnx file"),
        ("/no/such/folder", "no folder"),
        ("", "no folder"),
    ],
)
def test_a_wrong_spec_is_told(spec: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        load_guardrail(spec)


def test_a_folder_without_safetensors_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(ValueError, match="loading them can run code"):
        load_guardrail(str(tmp_path))


def test_a_server_takes_its_options_and_its_key_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFEEDITBENCH_API_KEY", "secret")
    options = Options(max_new_tokens=9, concurrency=3)
    server = load_guardrail("openai:http://127.0.0.1:8000/v1#org/guard", options)
    assert isinstance(server, OpenAIServer)
    assert (server.url, server.model, server.max_tokens, server.concurrency) == (
        "http://127.0.0.1:8000/v1",
        "org/guard",
        9,
        3,
    )
    assert server.api_key == "secret"
    assert "secret" not in repr(server)
    assert "secret" not in str(server.identity)
    assert server.name == "openai:http://127.0.0.1:8000/v1#org/guard"


def test_a_decision_endpoint_takes_its_options_too() -> None:
    options = Options(concurrency=3, prices=Prices(2.5, 10.0))
    server = load_guardrail("decisions:http://127.0.0.1:8000/v1/systemone#guard", options)
    assert isinstance(server, DecisionServer)
    assert (server.name, server.concurrency, server.prices) == (
        "decisions:http://127.0.0.1:8000/v1/systemone#guard",
        3,
        Prices(2.5, 10.0),
    )


def test_only_checkpoints_need_torch() -> None:
    code = (
        "import sys; from evaluators.runner import evaluate; from evaluators.spec import load_guardrail\n"
        "load_guardrail('constant:safe'); load_guardrail('openai:http://127.0.0.1:1/v1#m')\n"
        "assert not {'torch', 'transformers', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
