"""A server's decision endpoint (/v1/systemone, /v1/decisions) as a guardrail.

All policies are asked about one picture in one request, as yes-or-no questions; nothing is written, the
answer to each is a probability. The endpoint puts the questions into its own prompt, so no profile applies.
"""

from __future__ import annotations

import hashlib
import math
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from evaluators.base import Audit, Outcome, failure
from evaluators.labels import MIN_LABEL_MASS
from evaluators.server import decisions
from evaluators.server.client import TRIES, Client
from evaluators.server.decisions import FORMS, NOT_THIS_FORM, STATEMENT, Decision, Form, read_decisions
from evaluators.server.errors import ServerError
from evaluators.server.gate import Gate, Pace
from evaluators.server.order import side_by_side
from evaluators.server.picture import Picture
from evaluators.server.usage import Json, Prices, read_usage
from evaluators.server.verdict import failed_case

if TYPE_CHECKING:
    import httpx
    from PIL import Image

    from bench.evaluation_set import AskedPolicy


@dataclass(slots=True)
class DecisionServer:
    """`url` is the endpoint itself and ends with /systemone or /decisions; the other fields are those of
    OpenAIServer."""

    url: str
    model: str
    api_key: str = field(default="", repr=False)
    min_label_mass: float = MIN_LABEL_MASS
    prices: Prices | None = None
    concurrency: int = 8
    tries: int = TRIES
    timeout: float = 120.0
    pace: Pace = field(default_factory=Pace, repr=False)
    device: str = "server"
    _client: Client = field(init=False, repr=False)
    _form: Form | None = field(init=False, repr=False, default=None)
    _lock: threading.Lock = field(init=False, repr=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        if self._endpoint not in FORMS:
            raise ValueError(
                f"{self.url!r} is no decision endpoint; write all of its address, such as "
                "http://127.0.0.1:8000/v1/systemone or http://127.0.0.1:8000/v1/decisions"
            )
        gate = Gate(self.concurrency, self.pace)
        self._client = Client(self.url, self.api_key, gate, timeout=self.timeout, tries=self.tries)

    @property
    def _endpoint(self) -> str:
        return self.url.rpartition("/")[2]

    @property
    def name(self) -> str:
        return f"decisions:{self.url}#{self.model}"

    @property
    def images_at_once(self) -> int:
        return self.concurrency

    @property
    def identity(self) -> Mapping[str, str]:
        return {
            "model": self.name,
            "statement": hashlib.sha256(STATEMENT.encode()).hexdigest(),
            "min_label_mass": str(self.min_label_mass),
        }

    @property
    def audit(self) -> Audit | None:
        return None

    @property
    def notes(self) -> Mapping[str, str | float]:
        notes = self._client.tally.notes(self.prices)
        form = {"form": self._form} if self._form else {}
        return {**notes, "concurrency_at_end": self._client.gate.limit, **form}

    def judge(self, images: Sequence[Image.Image], policies: Sequence[AskedPolicy]) -> list[list[Outcome]]:
        texts = [policy.text() for policy in policies]
        with self._client.connect() as http:
            pictures = [Picture(image) for image in images]
            return side_by_side(pictures, lambda one: self._cases(http, one, texts), self._client.gate)

    def _cases(self, http: httpx.Client, picture: Picture, texts: Sequence[str]) -> list[Outcome]:
        start = time.perf_counter()
        try:
            return self._answer(http, picture, texts)
        except ServerError as error:
            return [failed_case(error, (time.perf_counter() - start) / len(texts))] * len(texts)
        except OSError as error:  # a PNG cannot hold the picture
            return [failure(error)] * len(texts)

    def _answer(self, http: httpx.Client, picture: Picture, texts: Sequence[str]) -> list[Outcome]:
        """Ask in the form that the endpoint speaks. Until that is known, pictures go one at a time."""
        if self._form is None:
            with self._lock:
                if self._form is None:
                    return self._find_form(http, picture, texts)
        return self._ask(http, self._form, picture, texts)

    def _find_form(self, http: httpx.Client, picture: Picture, texts: Sequence[str]) -> list[Outcome]:
        *others, last = FORMS[self._endpoint]
        for form in others:
            try:
                outcomes = self._ask(http, form, picture, texts)
            except ServerError as error:
                if error.status not in NOT_THIS_FORM[self._endpoint]:
                    raise
            else:
                self._form = form
                return outcomes
        outcomes = self._ask(http, last, picture, texts)
        self._form = last
        return outcomes

    def _ask(self, http: httpx.Client, form: Form, picture: Picture, texts: Sequence[str]) -> list[Outcome]:
        def read(reply: Json, seconds: float) -> list[Outcome]:
            answers = read_decisions(reply, decisions.names(texts))
            shares = read_usage(reply).split(len(texts))
            return [
                replace(
                    outcome(answer, self.min_label_mass),
                    seconds=seconds / len(texts),
                    tokens_in=share.tokens_in,
                    tokens_cached=share.tokens_cached,
                    tokens_out=share.tokens_out,
                )
                for answer, share in zip(answers, shares, strict=True)
            ]

        return self._client.ask(http, decisions.request(form, self.model, picture, texts), read)


def outcome(decision: Decision, min_label_mass: float) -> Outcome:
    """The outcome of one answered question. Below `min_label_mass`, where the endpoint tells it, no verdict
    is forced."""
    p_unsafe, mass = decision.p_true, decision.label_mass
    if p_unsafe is None:
        return Outcome("refused", detail="the model declined to decide")
    margin = math.log(p_unsafe / (1 - p_unsafe)) if 0 < p_unsafe < 1 else None
    if mass is not None and mass < min_label_mass:
        detail = f"label mass {mass:.3g} is below {min_label_mass:g}"
        return Outcome("unparseable", p_unsafe, margin, mass, detail=detail)
    return Outcome("unsafe" if p_unsafe > 0.5 else "safe", p_unsafe, margin, mass)
