"""A loopback chat server that answers by what it is sent, and breaks as it is told.

Which policy a request asks under and which picture it holds is read out of the request, so an answer that
ends up at another case shows. Faults depend on a seed, the case and how often it was asked before; not on
the order in which requests arrive.
"""

from __future__ import annotations

import base64
import io
import json
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image

Body = dict[str, Any]
HANG = 0.6  # seconds; more than the client's timeout in the tests
SLOW = 0.05

FAULTS = (
    "429",
    "429 retry-after",
    "429 x-ratelimit",
    "500",
    "503",
    "hang",
    "reset",
    "truncated json",
    "truncated body",
    "garbage",
    "doubled",
    "late",
    "slow",
    "no choices",
    "wrong types",
)


@dataclass(frozen=True)
class Reply:
    """What goes back, `wait` seconds later."""

    text: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: float = 0.0
    again: float | None = None  # seconds after which the same reply is written once more
    shorten: int = 0  # bytes that are announced and never come
    reset: bool = False
    drip: float = 0.0  # seconds before each byte


@dataclass
class Served:
    """What a server has seen so far."""

    bodies: list[Body] = field(default_factory=list)
    keys: set[str | None] = field(default_factory=set)
    inside: int = 0
    most_inside: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class QuietServer(ThreadingHTTPServer):
    """Says nothing of clients that leave, as they do after a timeout."""

    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


@contextmanager
def serving(reply: Callable[[int, Body], Reply], *, hold: float = 0.0) -> Iterator[tuple[str, Served]]:
    """A server that answers the n-th request (from 1) with `reply(n, body)`; gives its base URL."""
    served = Served()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with served.lock:
                served.bodies.append(body)
                served.keys.add(self.headers.get("Authorization"))
                number = len(served.bodies)
                served.inside += 1
                served.most_inside = max(served.inside, served.most_inside)
            threading.Event().wait(hold)
            answer = reply(number, body)
            threading.Event().wait(answer.wait)
            with served.lock:
                served.inside -= 1
            self._write(answer)

        def _write(self, answer: Reply) -> None:
            if answer.reset:
                linger = struct.pack("ii", 1, 0)  # closing now sends a reset
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.close_connection = True
                self.connection.close()
                return
            payload = answer.text.encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(payload) + answer.shorten))
            self.end_headers()
            if answer.drip:
                for byte in payload:
                    threading.Event().wait(answer.drip)
                    self.wfile.write(bytes([byte]))
            else:
                self.wfile.write(payload)
            if answer.again is not None:
                self.wfile.flush()
                threading.Event().wait(answer.again)
                head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(payload)}\r\n\r\n".encode()
                self.wfile.write(head + payload)
            self.close_connection = bool(answer.shorten)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = QuietServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def completion(text: str | None, reason: str = "stop", usage: Body | None = None, **message: Any) -> Reply:
    choice = {"message": {"role": "assistant", "content": text, **message}, "finish_reason": reason}
    return Reply(json.dumps({"choices": [choice], **({"usage": usage} if usage else {})}))


def with_logprobs(*tokens: Mapping[str, float], text: str = "") -> Reply:
    """A completion of one token per mapping from token to log-probability, the first of each written."""
    content = [
        {
            "token": next(iter(likely)),
            "logprob": next(iter(likely.values())),
            "top_logprobs": [{"token": token, "logprob": logprob} for token, logprob in likely.items()],
        }
        for likely in tokens
    ]
    written = text or "".join(str(token["token"]) for token in content)
    message = {"role": "assistant", "content": written}
    choice = {"message": message, "finish_reason": "stop", "logprobs": {"content": content}}
    return Reply(json.dumps({"choices": [choice]}))


def sent_picture(body: Body) -> Image.Image:
    (part,) = [part for part in body["messages"][-1]["content"] if part["type"] == "image_url"]
    return Image.open(io.BytesIO(base64.b64decode(part["image_url"]["url"].partition(",")[2])))


def sent_text(body: Body) -> str:
    return "".join(part["text"] for part in body["messages"][-1]["content"] if part["type"] == "text")


@dataclass
class Faulty:
    """Answers `unsafe` for the cases in `unsafe`, after as many faults as the dice of each case say.

    A picture's number is in its first pixel (red + 256 * green); a case is (picture, policy).
    """

    policies: Sequence[str]
    unsafe: Callable[[int, int], bool]
    share: float
    seed: int = 0
    asked: Counter[tuple[int, int]] = field(default_factory=Counter)
    answered: Counter[tuple[int, int]] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def reply(self, number: int, body: Body) -> Reply:
        red, green, _ = sent_picture(body).getpixel((0, 0))  # type: ignore[misc]
        text = sent_text(body)
        policy = next(n for n, known in enumerate(self.policies) if known in text)
        case = (int(red) + 256 * int(green), policy)
        with self.lock:
            self.asked[case] += 1
            dice = random.Random(f"{self.seed} {case} {self.asked[case]}")
            fault = dice.choice(FAULTS) if dice.random() < self.share else ""
            self.faults[fault or "none"] += 1
            self.answered[case] += fault in ("", "doubled", "late", "slow")
        return broken(fault, completion("unsafe" if self.unsafe(*case) else "safe"))


def broken(fault: str, good: Reply) -> Reply:
    """The good reply, or what a fault makes of it. The wrong ones say `unsafe` wherever they can."""
    wrong = json.dumps({"error": {"message": "unsafe", "code": "unsafe"}})
    replies = {
        "": good,
        "429": Reply(wrong, 429),
        "429 retry-after": Reply(wrong, 429, {"Retry-After": "1"}),
        "429 x-ratelimit": Reply(
            wrong, 429, {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "500ms"}
        ),
        "500": Reply(wrong, 500),
        "503": Reply(wrong, 503),
        "hang": Reply(good.text, wait=HANG),
        "reset": Reply(reset=True),
        "truncated json": Reply(good.text[: len(good.text) // 2]),
        "truncated body": Reply(good.text, shorten=10),
        "garbage": Reply("\x00unsafe unsafe\ufffd"),
        "doubled": Reply(good.text, again=0.0),
        "late": Reply(good.text, again=SLOW),
        "slow": Reply(good.text, wait=SLOW),
        "no choices": Reply(json.dumps({"choices": []})),
        "wrong types": Reply(json.dumps({"choices": [{"message": {"content": ["unsafe"]}}]})),
    }
    return replies[fault]
