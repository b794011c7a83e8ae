"""From a completion to the outcome of a case."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from bench import answer_forms
from bench.answer_forms import Words
from bench.verdict import Reading
from evaluators.base import Outcome, failure
from evaluators.profile import Profile
from evaluators.server.completion import Completion
from evaluators.server.errors import DECLINED, ServerError
from evaluators.server.label_scores import LabelScores, label_scores, label_token
from evaluators.server.terms import Extras

Method = Literal["labels", "both", "text"]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads completions under one profile; `method` and `min_label_mass` as in Decoding."""

    profile: Profile
    method: Method
    min_label_mass: float

    def outcome(self, completion: Completion, extras: Extras) -> Outcome:
        """The outcome of a case that was asked with these extras."""
        told = self._told(completion, "forced" in extras)
        if completion.declined or "logprobs" not in extras:
            return told
        token = label_token(completion.tokens or (), self._before_label("forced" in extras))
        if token is None:
            return replace(told, detail=_joined("no token stands where the label should", told.detail))
        return self._by_labels(label_scores(token, self.profile), told)

    def _told(self, completion: Completion, continued: bool) -> Outcome:
        """What the text says by itself."""
        declined, usage = completion.declined, completion.usage
        text = completion.text.removeprefix(self.profile.forced) if continued else completion.text
        cut = "cut at max_tokens" if completion.reason == "length" else ""
        return Outcome(
            "refused" if declined else self._read(text, continued),
            text=completion.refusal or text,
            detail=f"finish_reason {completion.reason}" if declined else cut,
            seconds=completion.seconds,
            tokens_in=usage.tokens_in,
            tokens_cached=usage.tokens_cached,
            tokens_out=usage.tokens_out,
        )

    def _read(self, text: str, continued: bool) -> Reading:
        if continued or not self.profile.forced:
            return self.profile.read(text)
        words = Words(self.profile.safe, self.profile.unsafe)
        return answer_forms.read(self.profile.answers, text, words)  # the model wrote the beginning itself

    def _before_label(self, continued: bool) -> str:
        return self.profile.after or ("" if continued else self.profile.forced)

    def _by_labels(self, scores: LabelScores, told: Outcome) -> Outcome:
        """The outcome by the labels' probabilities, with what the text says beside it if that is asked for.

        No verdict is forced below `min_label_mass`, nor where the untold rest could turn it.
        """
        numbers = replace(
            told,
            p_unsafe=scores.p_unsafe,
            margin=scores.margin,
            label_mass=scores.label_mass,
            detail=scores.bound,
            written=told.status if self.method == "both" and told.status != "error" else None,
        )
        if scores.label_mass >= self.min_label_mass and scores.decided:
            return replace(numbers, status="unsafe" if scores.unsafe > scores.safe else "safe")
        low = f"label mass {scores.label_mass:.3g} is below {self.min_label_mass:g}"
        why = low if scores.label_mass < self.min_label_mass else ""
        refused = told.status == "refused"
        return replace(
            numbers, status="refused" if refused else "unparseable", detail=_joined(why, scores.bound)
        )


def failed_case(error: ServerError, seconds: float) -> Outcome:
    """A case that could not be asked is an `error`; one that a filter before the model took is `refused`."""
    if error.code in DECLINED:
        return Outcome("refused", detail=str(error), seconds=seconds)
    return failure(error, seconds)


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
