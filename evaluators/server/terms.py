"""What a server takes beyond the bare question, found out with the first case and kept from then on.

Only the first answered case decides: a later refusal is a matter of that case, and a run whose later cases
were asked in another way would not be one run.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from typing import Literal

from evaluators.server.completion import Completion
from evaluators.server.errors import ServerError

Extra = Literal["logprobs", "forced", "choice", "temperature", "max_tokens"]
Extras = frozenset[Extra]

# What a refusal says of a field the server does not take. The first three can be left out; without
# `temperature` a server may sample, and instead of `max_tokens` newer models want max_completion_tokens.
SAYS: Mapping[Extra, str] = {
    "choice": r"structured_outputs",
    "forced": r"continue_final_message|add_generation_prompt|prefill|assistant",
    "logprobs": r"logprobs",
    "max_tokens": r"max_completion_tokens",
    "temperature": r"temperature",
}
OPTIONAL: tuple[Extra, ...] = ("choice", "forced", "logprobs")

Ask = Callable[[Extras], Completion]


class Terms:
    """`wanted` is what we would like to send; `agreed` what the server takes, as far as is known."""

    def __init__(self, wanted: Extras) -> None:
        self.wanted = wanted
        self.agreed = wanted
        self._settled = False
        self._lock = threading.Lock()

    @property
    def left_out(self) -> list[Extra]:
        return sorted(self.wanted - self.agreed)

    def completion(self, ask: Ask) -> tuple[Completion, Extras]:
        """The answer to a case, and how it was asked. Until one was answered, cases go one at a time."""
        if not self._settled:
            with self._lock:
                if not self._settled:
                    return self._settle(ask)
        return ask(self.agreed), self.agreed

    def _settle(self, ask: Ask) -> tuple[Completion, Extras]:
        extras = self.wanted
        while True:
            try:
                completion = ask(extras)
            except ServerError as error:
                if (left := fewer(extras, error)) == extras:
                    raise
                extras = left
                continue
            if completion.declined:  # says nothing about what the server can do
                return completion, extras
            if "logprobs" in extras and completion.tokens is None:  # taken, and ignored
                extras = extras - {"logprobs"}
                continue
            self.agreed, self._settled = extras, True
            return completion, extras


def fewer(extras: Extras, error: ServerError) -> Extras:
    """The extras without those that a refused request complains of, or else without the next optional one.

    The same extras come back where the refusal has another reason.
    """
    if error.status not in (400, 403, 422):
        return extras
    named = {extra for extra in extras if re.search(SAYS[extra], str(error))}
    guess = [extra for extra in OPTIONAL if extra in extras and error.status != 403]
    return extras - (named or set(guess[:1]))
