"""Any OpenAI-compatible chat server (vLLM, SGLang, llama.cpp, transformers serve, hosted) as a guardrail.

One request a case: the profile's turns with the picture as a lossless PNG, temperature 0. The verdict comes
from the log-probabilities at the label's place where the server gives them, else from the text. What a
server does not take is found out with the first case and left out from then on; `notes` says so. A case
that fails for good is an `error` outcome: it never counts as an answer.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from evaluators.base import Audit, Outcome, failure
from evaluators.labels import MIN_LABEL_MASS
from evaluators.profile import Profile, ProfileError, load_profile
from evaluators.server import chat
from evaluators.server.client import TRIES, Client
from evaluators.server.completion import Completion, read_completion
from evaluators.server.errors import ServerError
from evaluators.server.gate import Gate, Pace
from evaluators.server.order import prime_then_fan_out
from evaluators.server.picture import Picture
from evaluators.server.terms import Extra, Extras, Terms
from evaluators.server.usage import Prices
from evaluators.server.verdict import Method, Reader, failed_case

if TYPE_CHECKING:
    import httpx
    from PIL import Image

    from bench.evaluation_set import AskedPolicy


@dataclass(slots=True)
class OpenAIServer:
    """`url` is the base that `/chat/completions` is appended to, such as http://127.0.0.1:8000/v1.

    `reading` and `min_label_mass` as in Decoding; with "labels" only one token is written where the label
    comes first. `max_tokens` None takes the profile's. `structured` makes a vLLM server write one of the
    profile's labels, which hides what it would have written. `concurrency` is the most requests at once;
    fewer are sent while the server is overloaded. `timeout` in seconds for one request, `tries` how often a
    case is asked before it is an error. `pace` is for tests.
    """

    url: str
    model: str
    api_key: str = field(default="", repr=False)
    profile: Profile = field(default_factory=load_profile)
    reading: Method = "labels"
    max_tokens: int | None = None
    min_label_mass: float = MIN_LABEL_MASS
    structured: bool = False
    prices: Prices | None = None
    concurrency: int = 8
    tries: int = TRIES
    timeout: float = 120.0
    pace: Pace = field(default_factory=Pace, repr=False)
    device: str = "server"
    _client: Client = field(init=False, repr=False)
    _terms: Terms = field(init=False, repr=False)
    _reader: Reader = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.profile.chat:
            raise ProfileError(
                f"{self.profile.id} is a whole prompt without chat turns, which no chat server can be sent; "
                "take a profile with chat turns, or load the model from its folder"
            )
        gate = Gate(self.concurrency, self.pace)
        url = self.url.rstrip("/") + "/chat/completions"
        self._client = Client(url, self.api_key, gate, timeout=self.timeout, tries=self.tries)
        self._terms = Terms(self._wanted())
        self._reader = Reader(self.profile, self.reading, self.min_label_mass)

    def _wanted(self) -> Extras:
        wanted: dict[Extra, bool] = {
            "logprobs": self.reading != "text",
            "forced": bool(self.profile.forced),
            "choice": self.structured,
            "temperature": True,
            "max_tokens": True,
        }
        return frozenset(extra for extra, asked in wanted.items() if asked)

    @property
    def name(self) -> str:
        return f"openai:{self.url}#{self.model}"

    @property
    def images_at_once(self) -> int:
        return self.concurrency

    @property
    def identity(self) -> Mapping[str, str]:
        return {
            "model": self.name,
            "profile": f"{self.profile.id}:{self.profile.digest}",
            "reading": self.reading,
            "max_tokens": str(self.max_tokens),
            "min_label_mass": str(self.min_label_mass),
            "structured": str(self.structured),
            "temperature": "0",
        }

    @property
    def audit(self) -> Audit | None:
        return None

    @property
    def notes(self) -> Mapping[str, str | float]:
        """Tokens, retries, cost, and what of the request the server did not take."""
        left_out = " ".join(self._terms.left_out)
        return {
            **self._client.tally.notes(self.prices),
            "concurrency_at_end": self._client.gate.limit,
            "read_from": "labels" if "logprobs" in self._terms.agreed else "text",
            **({"server_does_not_take": left_out} if left_out else {}),
        }

    def judge(self, images: Sequence[Image.Image], policies: Sequence[AskedPolicy]) -> list[list[Outcome]]:
        texts = [policy.text() for policy in policies]
        with self._client.connect() as http:
            return prime_then_fan_out(
                [Picture(image) for image in images],
                len(policies),
                lambda picture, case: self._case(http, picture, texts[case]),
                self._client.gate,
            )

    def _case(self, http: httpx.Client, picture: Picture, policy_text: str) -> Outcome:
        start = time.perf_counter()
        try:
            asked = partial(self._ask, http, picture.data_uri, policy_text)
            return self._reader.outcome(*self._terms.completion(asked))
        except ServerError as error:
            return failed_case(error, time.perf_counter() - start)
        except OSError as error:  # a PNG cannot hold the picture
            return failure(error)

    def _ask(self, http: httpx.Client, image: str, policy_text: str, extras: Extras) -> Completion:
        length = self._length(extras)
        body = chat.request(self.model, self.profile, policy_text, image, length, extras)
        return self._client.ask(http, body, read_completion)

    def _length(self, extras: Extras) -> int:
        """The most tokens to write: one where its probabilities are all that is asked for."""
        label_first = not self.profile.after and ("forced" in extras or not self.profile.forced)
        if self.reading == "labels" and "logprobs" in extras and label_first:
            return 1
        return self.max_tokens or self.profile.max_new_tokens
