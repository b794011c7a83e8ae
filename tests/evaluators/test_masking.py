"""What leaves a machine with a submission: no address and no path, and nothing else is changed."""

from __future__ import annotations

import pytest

from evaluators.masking import Mask


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("openai:http://10.1.2.3:8000/v1#guard", "openai:http://server/v1#guard"),
        ("https://me:secret@gpu1.corp.example/v1", "https://server/v1"),
        ("http://[fe80::1]:8000/v1", "http://server/v1"),
        ("connect to 192.168.0.7:8000 refused", "connect to server refused"),
        ("No such file: '/home/ann/pictures/a.png'", "No such file: '(path)'"),
        ("in ~/.cache/hub/x.safetensors, line 3", "in (path), line 3"),
        (r"cannot open C:\Users\ann\a.png", "cannot open (path)"),
        ("file:///srv/models/guard", "(path)"),
        ("cannot open '/home/ann/my pictures/a.png' now", "cannot open '(path)' now"),
        ("onnx:/srv/models/guard.onnx", "onnx:(path)"),
        ("HTTP 503 from a server: busy", "HTTP 503 from a server: busy"),
        ("owner/name", "owner/name"),
        ("model.safetensors:16777216:9f86d081", "model.safetensors:16777216:9f86d081"),
        ("label mass 0.12 is below 0.5; tokens 3/4", "label mass 0.12 is below 0.5; tokens 3/4"),
        ("python:my_guard:judge", "python:my_guard:judge"),
    ],
)
def test_addresses_and_paths_are_left_out(text: str, shown: str) -> None:
    mask = Mask.of([text])
    assert mask.text(text) == shown
    assert mask.text(shown) == shown


def test_a_host_is_known_again_where_it_stands_alone() -> None:
    mask = Mask.of(["openai:http://gpu1:8000/v1#guard"])
    assert mask.text("HTTP 503 from gpu1:8000: gpu1 is busy, gpu10 is not") == (
        "HTTP 503 from server: server is busy, gpu10 is not"
    )


@pytest.mark.parametrize("text", ["no answer from node7.corp", "cannot open /data", "::1 refused"])
def test_what_its_form_does_not_give_away_stays(text: str) -> None:
    assert Mask.of([text]).text(text) == text
