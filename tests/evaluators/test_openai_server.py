"""The client against a loopback server that answers, limits, breaks and lies."""

from __future__ import annotations

import base64
import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bench.policy import load_policies
from evaluators.base import Outcome
from evaluators.openai_server import LONGEST_WAIT, OpenAIServer, retry_after
from evaluators.profile import load_profile
from tests.evaluators.stand_in import picture

Reply = tuple[int, dict[str, str], str]
POLICIES = load_policies()


def completion(text: str | None, reason: str = "stop", **message: Any) -> Reply:
    choice = {"message": {"role": "assistant", "content": text, **message}, "finish_reason": reason}
    return 200, {}, json.dumps({"choices": [choice]})


@dataclass
class Fake:
    """Answers with `reply(n, body)` for the n-th request (from 1) and keeps what it was sent."""

    reply: Callable[[int, dict[str, Any]], Reply]
    bodies: list[dict[str, Any]] = field(default_factory=list)
    keys: set[str | None] = field(default_factory=set)
    inside: int = 0
    most_inside: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def serving(fake: Fake, *, hold: float = 0.0) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with fake.lock:
                fake.bodies.append(body)
                fake.keys.add(self.headers.get("Authorization"))
                number = len(fake.bodies)
                fake.inside += 1
                fake.most_inside = max(fake.inside, fake.most_inside)
            threading.Event().wait(hold)
            status, headers, text = fake.reply(number, body)
            with fake.lock:
                fake.inside -= 1
            payload = text.encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ask_once(
    reply: Callable[[int, dict[str, Any]], Reply], **options: Any
) -> tuple[Outcome, Fake, list[float]]:
    """One case against a fresh server: its outcome, what the server saw, and the waits in seconds."""
    fake, waits = Fake(reply), []
    with serving(fake) as url:
        client = OpenAIServer(url, "guard", sleep=waits.append, **options)
        ((outcome,),) = client.judge([picture(1)], POLICIES[:1])
    return outcome, fake, waits


def test_the_picture_comes_first_and_its_pixels_are_unchanged() -> None:
    outcome, fake, _ = ask_once(lambda n, body: completion("Unsafe."), api_key="k1", max_tokens=5)
    assert (outcome.status, outcome.text) == ("unsafe", "Unsafe.")
    (body,) = fake.bodies
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("guard", 0, 5)
    image, text = body["messages"][0]["content"]
    head, _, data = image["image_url"]["url"].partition(",")
    assert head == "data:image/png;base64"
    sent = Image.open(io.BytesIO(base64.b64decode(data)))
    assert np.array_equal(np.asarray(sent), np.asarray(picture(1)))
    assert text["text"] == load_profile().prompt(POLICIES[0].text(), "")
    assert fake.keys == {"Bearer k1"}


def test_answers_stay_with_their_cases_when_they_come_out_of_order() -> None:
    unsafe = {(1, 2), (0, 4)}  # (image, policy)
    images = [picture(10), picture(11)]
    questions = [load_profile().prompt(policy.text(), "") for policy in POLICIES]

    def reply(number: int, body: dict[str, Any]) -> Reply:
        image, text = body["messages"][0]["content"]
        pixels = Image.open(io.BytesIO(base64.b64decode(image["image_url"]["url"].partition(",")[2])))
        which = [known.tobytes() for known in images].index(pixels.tobytes())
        threading.Event().wait(0.02 if number % 2 else 0.0)
        return completion("unsafe" if (which, questions.index(text["text"])) in unsafe else "safe")

    fake = Fake(reply)
    with serving(fake) as url:
        rows = OpenAIServer(url, "guard", concurrency=4).judge(images, POLICIES)
    assert [[o.status for o in row] for row in rows] == [
        ["unsafe" if (i, p) in unsafe else "safe" for p in range(5)] for i in range(2)
    ]


def test_no_more_requests_at_once_than_allowed() -> None:
    fake = Fake(lambda n, body: completion("safe"))
    with serving(fake, hold=0.02) as url:
        OpenAIServer(url, "guard", concurrency=3).judge([picture(1), picture(2)], POLICIES)
    assert fake.most_inside == 3
    assert fake.keys == {None}


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
def test_what_can_pass_is_tried_again(status: int) -> None:
    outcome, fake, waits = ask_once(lambda n, body: (status, {}, "busy") if n < 3 else completion("safe"))
    assert (outcome.status, len(fake.bodies), waits) == ("safe", 3, [1.0, 2.0])


def test_the_server_says_how_long_to_wait() -> None:
    _, _, waits = ask_once(lambda n, b: (429, {"Retry-After": "7"}, "") if n == 1 else completion("safe"))
    assert waits == [7.0]
    _, _, waits = ask_once(lambda n, b: (429, {"Retry-After": "9999"}, "") if n == 1 else completion("safe"))
    assert waits == [LONGEST_WAIT]


@pytest.mark.parametrize("status", [400, 401, 404, 422])
def test_what_cannot_pass_is_an_error_at_once(status: int) -> None:
    outcome, fake, waits = ask_once(lambda n, body: (status, {}, "unsafe"))
    assert (outcome.status, len(fake.bodies), waits) == ("error", 1, [])
    assert f"HTTP {status} from 127.0.0.1: unsafe" in outcome.detail
    assert outcome.text == ""


@pytest.mark.parametrize(
    "broken", ["", "not json", "[]", "{}", '{"choices": []}', '{"choices": [{"message": "safe"}]}', "null"]
)
def test_a_broken_reply_never_becomes_a_verdict(broken: str) -> None:
    outcome, fake, _ = ask_once(lambda n, body: (200, {}, broken), tries=2)
    assert (outcome.status, len(fake.bodies)) == ("error", 2)
    assert "not a chat completion" in outcome.detail


def test_a_dead_server_is_an_error() -> None:
    waits: list[float] = []
    client = OpenAIServer("http://127.0.0.1:9/v1", "guard", tries=3, sleep=waits.append)
    ((outcome,),) = client.judge([picture(1)], POLICIES[:1])
    assert outcome.status == "error"
    assert "ConnectError" in outcome.detail
    assert waits == [1.0, 2.0]


def test_refusals_and_cut_answers_are_told_apart() -> None:
    filtered, _, _ = ask_once(lambda n, body: completion("", "content_filter"))
    declined, _, _ = ask_once(lambda n, body: completion(None, refusal="I will not."))
    sorry, _, _ = ask_once(lambda n, body: completion("I'm sorry, I can't."))
    cut, _, _ = ask_once(lambda n, body: completion("The image shows", "length"))
    assert [o.status for o in (filtered, declined, sorry, cut)] == ["refused"] * 3 + ["unparseable"]
    assert declined.text == "I will not."
    assert cut.detail == "cut at max_tokens"


def test_retry_after_in_both_forms() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert retry_after("12") == 12.0
    assert 25 <= (retry_after(soon) or 0) <= 30
    assert retry_after(format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)) == 0.0
    assert [retry_after(text) for text in ("", "soon", "nan", "inf", "-3")] == [None] * 5
