"""From prompts that a reader runs to outcomes: by the labels' probabilities, by the text, or by both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from evaluators import labels
from evaluators.base import Outcome, read_text
from evaluators.labels import LabelTokens, Scores, Tokens
from evaluators.prompting import Row
from evaluators.shared_prefix import Followed, Reader

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

    from evaluators.profile import Profile

Method = Literal["labels", "both", "text"]


@dataclass(frozen=True, slots=True)
class Question:
    """A policy's prompt as text, and how the labels are told right after it."""

    text: str
    labels: LabelTokens | None  # None where only text is read, or the label comes after a thought


@dataclass(frozen=True, slots=True)
class Case:
    """One (picture, policy): its prompt, and which of the reader's pictures it is about."""

    row: Row
    owner: int
    labels: LabelTokens | None


@dataclass(frozen=True, slots=True)
class Answering:
    """How every case is asked and read. `min_label_mass` in [0, 1]; at most `max_new_tokens` are written."""

    tokenizer: PreTrainedTokenizerBase
    profile: Profile
    reading: Method
    max_new_tokens: int
    min_label_mass: float

    @property
    def new_tokens(self) -> int:
        """How much is written for a case: nothing where the label's probabilities are all that is wanted."""
        return 0 if self.reading == "labels" and not self.profile.after else self.max_new_tokens

    def outcomes(self, reader: Reader, cases: Sequence[Case]) -> list[Outcome]:
        """Ask every case. `seconds` is left to the caller."""
        followed = reader.follow([c.row for c in cases], [c.owner for c in cases], self.new_tokens)
        texts = [self._text(f.written, skip_special_tokens=True) for f in followed]
        if self.reading == "text":
            found = [read_text(text, 0.0, read=self.profile.read) for text in texts]
        elif self.profile.after:
            found = self._after_thoughts(reader, cases, followed, texts)
        else:
            scores = self._scores(reader, cases, followed)
            pairs = zip(scores, texts, strict=True)
            found = [labels.outcome(s, t, self.min_label_mass, self.profile.read) for s, t in pairs]
        return [
            replace(outcome, tokens_in=case.row.length, tokens_out=len(f.written))
            for outcome, case, f in zip(found, cases, followed, strict=True)
        ]

    def _after_thoughts(
        self, reader: Reader, cases: Sequence[Case], followed: Sequence[Followed], texts: Sequence[str]
    ) -> list[Outcome]:
        """The labels' probabilities right behind the mark that each answer wrote; without it no verdict."""
        marked = [self._up_to_mark(case, f) for case, f in zip(cases, followed, strict=True)]
        asked = [case for case in marked if case is not None]
        again = reader.follow([c.row for c in asked], [c.owner for c in asked], 0) if asked else []
        scores = iter(self._scores(reader, asked, again))
        return [
            labels.outcome(next(scores), text, self.min_label_mass, self.profile.read)
            if case is not None
            else self._unmarked(text)
            for case, text in zip(marked, texts, strict=True)
        ]

    def _unmarked(self, text: str) -> Outcome:
        refused = self.profile.read(text) == "refused"
        detail = f"{self.profile.after!r} was not written in {self.max_new_tokens} tokens"
        return Outcome("refused" if refused else "unparseable", text=text, detail=detail)

    def _up_to_mark(self, case: Case, followed: Followed) -> Case | None:
        """The prompt with what was written up to the end of the mark, as the tokens that were written."""
        text = self._text(followed.written)
        before, mark, _ = text.partition(self.profile.after)
        if not mark:
            return None
        thought = before + mark
        cuts = (followed.written[:n] for n in range(1, len(followed.written) + 1))
        cut = next((c for c in cuts if self._text(c).startswith(thought)), followed.written)
        if self._text(cut) != thought:  # one token holds the mark's end and more
            cut = tuple(self.tokenizer(thought, add_special_tokens=False)["input_ids"])
        tokens = LabelTokens.after(thought, self.profile.safe, self.profile.unsafe, self.tokenizer)
        return Case(case.row.followed_by(cut), case.owner, tokens)

    def _scores(self, reader: Reader, cases: Sequence[Case], followed: Sequence[Followed]) -> list[Scores]:
        """The scores of each case; where labels begin alike, the reader is asked on."""
        stems = [
            (i, stem) for i, case in enumerate(cases) if case.labels for stem in case.labels.stems if stem
        ]
        rows = [cases[i].row.followed_by(stem) for i, stem in stems]
        further = reader.follow(rows, [cases[i].owner for i, _ in stems], 0) if stems else []
        logits: list[dict[Tokens, torch.Tensor]] = [{(): f.logits} for f in followed]
        for (i, stem), f in zip(stems, further, strict=True):
            logits[i][stem] = f.logits
        return [case.labels.read(found) for case, found in zip(cases, logits, strict=True) if case.labels]

    def _text(self, tokens: Sequence[int], *, skip_special_tokens: bool = False) -> str:
        return str(self.tokenizer.decode(list(tokens), skip_special_tokens=skip_special_tokens))
