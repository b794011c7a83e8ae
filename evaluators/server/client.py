"""JSON over HTTP to one server that may be slow, overloaded, broken or lying.

A failure that can pass (408, 409, 425, 429, 5xx, no connection, silence, a reply that is not what was asked
for) is tried again after the wait the server asks for, else after a growing one. A wait the server asks for
holds back every request to it. Redirects are not followed, for they would carry the key to another host.
Each request has a connection of its own: on a kept one, a late or doubled reply would be taken for the
answer to the next question.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from evaluators.server.address import check_key, check_url
from evaluators.server.errors import LIMITED, ServerError, parse_object, refusal, start
from evaluators.server.gate import Gate
from evaluators.server.usage import Json, Tally, read_usage
from evaluators.server.waits import asked_wait, backoff

if TYPE_CHECKING:
    import httpx

LONGEST_BODY = 16 * 2**20  # bytes, unpacked; a thousand tokens with 20 alternatives each are about 2 MB
LONGEST_CONNECT = 10.0  # seconds
TRIES = 10
FIRST_TRIES = 3  # where nothing has ever answered the address is wrong, which the first case finds out
SECRET = 8  # letters; shorter keys, such as "EMPTY", are none

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A whole reply: its status, its headers and its body in bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Client:
    """Posts to `url` until there is an answer or no use in trying; `timeout` in seconds for one try."""

    def __init__(self, url: str, api_key: str, gate: Gate, *, timeout: float, tries: int) -> None:
        self.url = url
        self.host = check_url(url)
        self.gate = gate
        self.tally = Tally()
        self._key = check_key(api_key)
        self._timeout = timeout
        self._tries = tries
        self._nobody_there = False

    def connect(self) -> httpx.Client:
        """The pool that `ask` sends through, a context manager."""
        import httpx

        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        limits = httpx.Limits(max_connections=self.gate.most, max_keepalive_connections=0)
        timeout = httpx.Timeout(self._timeout, connect=min(self._timeout, LONGEST_CONNECT))
        return httpx.Client(timeout=timeout, headers=headers, limits=limits, follow_redirects=False)

    def ask(self, http: httpx.Client, body: Json, read: Callable[[Json, float], Value]) -> Value:
        """What `read(reply, seconds)` makes of the reply. It raises ServerError where the reply is broken.

        Raises ServerError where trying again does not help, or did not.
        """
        payload = json.dumps(body).encode()
        attempt = 1
        while True:
            try:
                return self._try(http, payload, read)
            except ServerError as error:
                if not error.passing or attempt >= self._allowed(error):
                    self._nobody_there = error.unreachable
                    raise
                self.tally.add_retry()
                if error.wait is None:
                    self.gate.wait(backoff(attempt, self.gate.pace.luck()))
                attempt += 1

    def _allowed(self, error: ServerError) -> int:
        if self.tally.answered or not error.unreachable:
            return self._tries
        return 1 if self._nobody_there else min(self._tries, FIRST_TRIES)

    def _try(self, http: httpx.Client, payload: bytes, read: Callable[[Json, float], Value]) -> Value:
        with self.gate.turn() as cuts:
            start = time.perf_counter()
            try:
                exchange = self._send(http, payload)
                self.gate.pause(asked_wait(exchange.headers) or 0.0)
                reply = self._parsed(exchange)
                value = read(reply, time.perf_counter() - start)
            except ServerError as error:
                if error.overloaded:
                    self._slow_down(error, cuts)
                raise
            self.gate.went_well()
            self.tally.add(read_usage(reply))
            return value

    def _slow_down(self, error: ServerError, cuts: int) -> None:
        """A limit that says nothing of its end concerns every request, so all of them wait a growing time."""
        cuts_in_a_row = self.gate.overloaded(cuts)
        if error.status == LIMITED and error.wait is None:
            error.wait = backoff(cuts_in_a_row, self.gate.pace.luck())
            self.gate.pause(error.wait)

    def _send(self, http: httpx.Client, payload: bytes) -> Exchange:
        import httpx

        try:
            with http.stream("POST", self.url, content=payload) as reply:
                return Exchange(reply.status_code, reply.headers, self._without_key(self._body(reply)))
        except httpx.TimeoutException as error:
            message = f"{type(error).__name__}: no answer from {self.host} within {self._timeout:g} s"
            connected = not isinstance(error, httpx.ConnectTimeout)
            raise ServerError(message, passing=True, overloaded=connected) from error
        except httpx.RequestError as error:
            message = f"{type(error).__name__} at {self.host}: {error}"
            raise ServerError(message, passing=True) from error

    def _body(self, reply: httpx.Response) -> bytes:
        """The body, as far as it comes in time and is no longer than a reply can be.

        httpx limits the wait for each piece, so a server that drips would hold a request for ever.
        """
        packed = reply.headers.get("content-encoding", "identity").strip().lower()
        if packed not in ("", "identity"):  # 64 kB packed twice unpack to gigabytes, in one piece
            message = f"{self.host} packs its replies ({packed:.40}) though it was asked not to"
            raise ServerError(message, passing=False, status=reply.status_code)
        deadline, body = time.monotonic() + self._timeout, bytearray()
        for piece in reply.iter_raw():
            body += piece
            if len(body) > LONGEST_BODY:
                message = f"the reply of {self.host} is longer than {LONGEST_BODY} bytes"
                raise ServerError(message, passing=True, status=reply.status_code)
            if time.monotonic() > deadline:
                message = f"{self.host} did not finish its reply within {self._timeout:g} s"
                raise ServerError(message, passing=True, overloaded=True, status=reply.status_code)
        return bytes(body)

    def _parsed(self, exchange: Exchange) -> Json:
        if not 200 <= exchange.status < 300:
            raise refusal(self.host, exchange.status, exchange.headers, exchange.body)
        reply = parse_object(exchange.body)
        if reply is None:
            message = f"the reply of {self.host} is no JSON object: {start(exchange.body)}"
            raise ServerError(message, passing=True, status=exchange.status)
        return reply

    def _without_key(self, body: bytes) -> bytes:
        """A server that echoes the key must not bring it into results or messages."""
        return body.replace(self._key.encode(), b"[key]") if len(self._key) >= SECRET else body
