"""What the reply to a chat completion holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from evaluators.server.errors import ServerError
from evaluators.server.usage import Json, Usage, read_usage

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Token:
    """One written token and the likely ones at its place, (text, log-probability) each, itself included."""

    text: str
    likely: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model wrote in `seconds`; `tokens` is None where the server gives no log-probabilities."""

    text: str
    refusal: str
    reason: str
    tokens: tuple[Token, ...] | None
    usage: Usage
    seconds: float

    @property
    def declined(self) -> bool:
        """The model or a filter before it did not want to answer."""
        return bool(self.refusal) or self.reason == "content_filter"


def read_completion(reply: Json, seconds: float) -> Completion:
    """Raises ServerError, worth another try, where the reply is not a chat completion."""
    choice = _typed(dict, _first(reply.get("choices")), "choices[0]")
    message = _typed(dict, choice.get("message"), "message")
    return Completion(
        text=_typed(str, message.get("content") or "", "content"),
        refusal=_typed(str, message.get("refusal") or "", "refusal"),
        reason=_typed(str, choice.get("finish_reason") or "", "finish_reason"),
        tokens=_tokens(choice.get("logprobs")),
        usage=read_usage(reply),
        seconds=seconds,
    )


def _tokens(logprobs: object) -> tuple[Token, ...] | None:
    content = _typed(dict, logprobs or {}, "logprobs").get("content")
    return tuple(_token(token) for token in _typed(list, content, "logprobs.content")) if content else None


def _token(token: object) -> Token:
    own = _likely(token)
    others = _typed(list, _typed(dict, token, "token").get("top_logprobs") or [], "top_logprobs")
    likely = [_likely(other) for other in others]
    return Token(own[0], tuple(likely if own[0] in dict(likely) else [*likely, own]))


def _likely(token: object) -> tuple[str, float]:
    entry = _typed(dict, token, "token")
    text, logprob = _typed(str, entry.get("token"), "token"), entry.get("logprob")
    if not isinstance(logprob, (int, float)) or isinstance(logprob, bool) or not logprob <= 1e-3:
        raise _not_a_completion(f"the log-probability {logprob!r:.50} of {text!r:.50}")
    return text, min(0.0, float(logprob))


def _first(choices: object) -> object:
    return choices[0] if isinstance(choices, Sequence) and choices else None


def _typed(kind: type[Value], value: object, name: str) -> Value:
    if not isinstance(value, kind):
        raise _not_a_completion(f"{name} is {value!r:.100}")
    return value


def _not_a_completion(why: str) -> ServerError:
    return ServerError(f"not a chat completion: {why}", passing=True)
