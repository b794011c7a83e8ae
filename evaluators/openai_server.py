"""Any OpenAI-compatible chat server (vLLM, SGLang, llama.cpp, hosted) as a guardrail.

One request a case: the picture as a lossless PNG data URI, then the question; temperature 0. Requests run
concurrently up to a limit. Failures that can pass (408, 409, 425, 429, 5xx, no connection, a broken reply)
are tried again after the wait the server asks for, or 1, 2, 4, ... seconds. What fails for good is an
`error` outcome: it never counts as an answer.
"""

from __future__ import annotations

import base64
import io
import re
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from evaluators.base import Audit, Outcome, failure, read_text
from evaluators.profile import Message, Profile, load_profile

if TYPE_CHECKING:
    import httpx
    from PIL import Image

    from bench.policy import Policy

PASSING = frozenset({408, 409, 425, 429})
LONGEST_WAIT = 120.0  # seconds
MAX_TOKENS = 64


class ServerError(Exception):
    """A request that failed. `wait` is how long the server wants to be left alone, None if it did not say;
    `passing` tells whether trying again can help."""

    def __init__(self, message: str, *, passing: bool, wait: float | None = None) -> None:
        super().__init__(message)
        self.passing = passing
        self.wait = wait


@dataclass(frozen=True, slots=True)
class OpenAIServer:
    """`url` is the base that `/chat/completions` is appended to, such as http://127.0.0.1:8000/v1.

    `timeout` in seconds for one request; `tries` is how often a case is asked before it is an error.
    """

    url: str
    model: str
    api_key: str = field(default="", repr=False)
    profile: Profile = field(default_factory=load_profile)
    max_tokens: int = MAX_TOKENS
    concurrency: int = 8
    tries: int = 6
    timeout: float = 120.0
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    device: str = "server"

    @property
    def name(self) -> str:
        return f"openai:{self.url}#{self.model}"

    @property
    def images_at_once(self) -> int:
        return max(1, self.concurrency // 2)

    @property
    def identity(self) -> Mapping[str, str]:
        return {
            "model": self.name,
            "profile": f"{self.profile.id}:{self.profile.digest}",
            "max_tokens": str(self.max_tokens),
            "temperature": "0",
        }

    @property
    def audit(self) -> Audit | None:
        return None

    @property
    def notes(self) -> Mapping[str, str | float]:
        return {}

    def judge(self, images: Sequence[Image.Image], policies: Sequence[Policy]) -> list[list[Outcome]]:
        import httpx

        uris = [data_uri(image) for image in images]
        questions = [_text(self.profile.messages(policy.text())) for policy in policies]
        cases = [(uri, question) for uri in uris for question in questions]
        headers = {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        with (
            httpx.Client(timeout=self.timeout, headers=headers) as client,
            ThreadPoolExecutor(self.concurrency) as pool,
        ):
            outcomes = list(pool.map(lambda case: self._case(client, *case), cases))
        return [outcomes[i : i + len(questions)] for i in range(0, len(outcomes), len(questions))]

    def _case(self, client: httpx.Client, uri: str, question: str) -> Outcome:
        start = time.perf_counter()
        for attempt in range(1, self.tries + 1):
            try:
                return self._ask(client, uri, question, start)
            except ServerError as error:
                if not error.passing or attempt == self.tries:
                    outcome = failure(error, time.perf_counter() - start)
                    break
                wait = 2.0 ** (attempt - 1) if error.wait is None else error.wait
                self.sleep(min(wait, LONGEST_WAIT))
        return outcome

    def _ask(self, client: httpx.Client, uri: str, question: str, start: float) -> Outcome:
        import httpx

        content = [{"type": "image_url", "image_url": {"url": uri}}, {"type": "text", "text": question}]
        body = {
            "model": self.model,
            "messages": [{"role": "user", "content": content}],
            "temperature": 0,
            "max_tokens": self.max_tokens,
        }
        try:
            reply = client.post(f"{self.url.rstrip('/')}/chat/completions", json=body)
        except httpx.TransportError as error:
            raise ServerError(f"{type(error).__name__} at {self.url}: {error}", passing=True) from error
        if not reply.is_success:
            raise refused_request(reply)
        return read_reply(reply, time.perf_counter() - start)


def _text(messages: list[Message]) -> str:
    parts = messages[-1]["content"]
    return "".join(part["text"] for part in parts if isinstance(part, dict) and "text" in part)


def data_uri(image: Image.Image) -> str:
    """The picture as a PNG data URI: its pixels reach the server unchanged."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def refused_request(reply: httpx.Response) -> ServerError:
    """What a reply that is not a success means for the case."""
    passing = reply.status_code in PASSING or reply.status_code >= 500
    message = f"HTTP {reply.status_code} from {reply.request.url.host}: {reply.text.strip()[:200]}"
    return ServerError(message, passing=passing, wait=retry_after(reply.headers.get("Retry-After", "")))


def retry_after(header: str) -> float | None:
    """Seconds to wait from a Retry-After header, either form of RFC 9110; None where it says nothing."""
    if re.fullmatch(r"\s*\d{1,9}(\.\d*)?\s*", header):
        return float(header)
    try:
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def read_reply(reply: httpx.Response, seconds: float) -> Outcome:
    """The outcome in a chat completion. A filtered or declined answer is `refused`.

    Raises ServerError, worth another try, where the reply is not a chat completion.
    """
    try:
        choice = reply.json()["choices"][0]
        message, reason = choice["message"], choice.get("finish_reason")
        text, refusal = message.get("content") or "", message.get("refusal")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise ServerError(f"not a chat completion: {reply.text.strip()[:200]}", passing=True) from error
    if not isinstance(text, str):
        raise ServerError(f"the answer is not a text: {text!r:.200}", passing=False)
    if refusal or reason == "content_filter":
        return Outcome(
            "refused", text=str(refusal or text), detail=f"finish_reason {reason}", seconds=seconds
        )
    return read_text(text, seconds, "cut at max_tokens" if reason == "length" else "")
