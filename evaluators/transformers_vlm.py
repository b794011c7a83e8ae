"""Any `AutoModelForImageTextToText` as a guardrail, from a local folder or a hub id.

The prompt is the model's own chat template. A picture is processed, encoded and run through the language
model once for all policies; every policy's part goes on from there. Before that is trusted, the first
picture is also asked policy by policy with nothing shared, and where the two differ less is shared.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from evaluators import labels, loading, prompting
from evaluators.answering import Answering, Case, Method, Question
from evaluators.base import Audit, Outcome, failure
from evaluators.labels import LabelTokens
from evaluators.loading import Device, DType
from evaluators.profile import Profile, load_profile
from evaluators.prompting import Asked
from evaluators.sharing import Sharer, Sharing, Way
from evaluators.tally import Tally

__all__ = ["DType", "Decoding", "Method", "Sharing", "TransformersVLM"]

if TYPE_CHECKING:
    from PIL import Image
    from transformers import PreTrainedModel, ProcessorMixin

    from bench.evaluation_set import AskedPolicy

# How far the same margin may lie apart, in nats, when it was computed in two ways. In half precision two
# roundings of a logit between 16 and 32; in single precision far above rounding (1e-6 to 1e-4) and far below
# what a wrong cache does (1e-1).
MARGIN_NOISE = {"torch.float32": 1e-3, "torch.float16": 0.032, "torch.bfloat16": 0.25}


@dataclass(frozen=True, slots=True)
class Decoding:
    """How an answer is got and read.

    `reading` says where the verdict comes from: the labels' probabilities, the same with the greedy text
    beside them (`both`), or the text alone. `max_new_tokens` None takes the profile's. `sharing` says what
    the policies of a picture share: `exact` gives the same bits in any order and batch, `fast` runs them as
    one batch (and several pictures with them), `none` shares nothing.
    """

    reading: Method = "labels"
    max_new_tokens: int | None = None
    min_label_mass: float = labels.MIN_LABEL_MASS
    sharing: Sharing = "exact"


@dataclass(frozen=True, slots=True)
class TransformersVLM:
    """A loaded model, its processor, and what it has learnt about how to share work."""

    name: str
    model: PreTrainedModel
    processor: ProcessorMixin
    profile: Profile
    decoding: Decoding
    digests: Mapping[str, str]
    images_at_once: int
    sharer: Sharer
    questions: dict[str, Question] = field(default_factory=dict)  # by the policy's text

    @classmethod
    def load(
        cls,
        model: str,
        *,
        profile: Profile | None = None,
        device: Device = "auto",
        dtype: DType = "auto",
        decoding: Decoding | None = None,
        images_at_once: int = 1,
    ) -> TransformersVLM:
        """Open a checkpoint. Only safetensors are read and no code of the checkpoint is run.

        `auto` takes the first GPU if there is one, and there the checkpoint's own dtype, on a CPU float32.
        Raises ValueError where the checkpoint cannot be asked in the profile's way.
        """
        profile, decoding = profile or load_profile(), decoding or Decoding()
        opened = loading.load(model, device, dtype)
        if profile.chat and not opened.processor.chat_template:
            raise ValueError(f"{model} has no chat template; put its chat_template.jinja into the folder")
        vlm = cls(
            opened.name,
            opened.model,
            opened.processor,
            profile,
            decoding,
            opened.digests,
            images_at_once,
            Sharer(opened.model, decoding.sharing),
        )
        vlm._question("")  # what is wrong with the labels is wrong from the start
        return vlm

    @property
    def device(self) -> str:
        return str(self.model.device)

    @property
    def identity(self) -> Mapping[str, str]:
        """Names weights, templates, precision and decoding. Where the folder lies does not matter."""
        return {
            **self.digests,
            "architecture": type(self.model).__name__,
            "dtype": str(self.model.dtype),
            "device": self.model.device.type,
            "profile": f"{self.profile.id}:{self.profile.digest}",
            "reading": self.decoding.reading,
            "sharing": self.decoding.sharing,
            "max_new_tokens": str(self.decoding.max_new_tokens),
            "min_label_mass": str(self.decoding.min_label_mass),
        }

    @property
    def audit(self) -> Audit | None:
        """A case run whole, with nothing shared, against the same case as `judge` answers it."""
        if self.decoding.sharing == "none":
            return None
        return Audit(self._alone, MARGIN_NOISE[str(self.model.dtype)])

    @property
    def notes(self) -> Mapping[str, str | float]:
        return self.sharer.notes()

    def judge(self, images: Sequence[Image.Image], policies: Sequence[AskedPolicy]) -> list[list[Outcome]]:
        questions = [self._question(policy.text()) for policy in policies]
        found: dict[int, list[Outcome]] = {}
        groups: dict[object, list[tuple[int, Asked]]] = {}
        for index, image in enumerate(images):
            try:
                asked = self._ask(image, questions)
                alike = asked.alike() if self._settle(asked) == "fast" else index
            except Exception as error:  # a picture or a prompt that the processor or the model cannot take
                found[index] = [failure(error) for _ in questions]
            else:
                groups.setdefault(alike, []).append((index, asked))
        for group in groups.values():
            rows = self._guarded([asked for _, asked in group], questions)
            found.update(zip((index for index, _ in group), rows, strict=True))
        return [found[index] for index in range(len(images))]

    def _question(self, policy_text: str) -> Question:
        if policy_text not in self.questions:
            text = prompting.render(self.processor, self.profile, policy_text)
            self.questions[policy_text] = Question(text, self._labels(text))
        return self.questions[policy_text]

    def _labels(self, prompt: str) -> LabelTokens | None:
        if self.decoding.reading == "text" or self.profile.after:
            return None
        if prompt.rfind("<think>") > prompt.rfind("</think>"):
            raise ValueError(
                f"the template of {self.name} opens a thought, and a label is none of its tokens; use a "
                "profile with after='</think>' or forced='</think>', or reading='text'"
            )
        return LabelTokens.after(prompt, self.profile.safe, self.profile.unsafe, self.processor.tokenizer)

    def _ask(self, image: Image.Image, questions: Sequence[Question]) -> Asked:
        texts = [question.text for question in questions]
        asked = prompting.ask(self.processor, image, texts, self.model.config.image_token_id)
        return asked.to(self.model.device, self.model.dtype)

    @property
    def _answering(self) -> Answering:
        decoding = self.decoding
        limit = decoding.max_new_tokens or self.profile.max_new_tokens
        tokenizer = self.processor.tokenizer
        return Answering(tokenizer, self.profile, decoding.reading, limit, decoding.min_label_mass)

    def _settle(self, asked: Asked) -> Way:
        """How much is shared. Where memory ends in the check of all prompts, one has to do."""
        import torch

        with torch.inference_mode():
            for part in (asked, asked.only(slice(0, 1))):
                with contextlib.suppress(torch.OutOfMemoryError):
                    return self.sharer.settle(part, self._answering.new_tokens)
        raise torch.OutOfMemoryError("memory ends at a single prompt")

    def _guarded(self, group: Sequence[Asked], questions: Sequence[Question]) -> list[list[Outcome]]:
        """Answer all questions about the pictures; where memory ends, in halves. What fails is an `error`."""
        import torch

        try:
            return self._answer(group, questions, self._settle(group[0]), self.sharer.tally)
        except Exception as error:
            failed = failure(error)
            splits = isinstance(error, torch.OutOfMemoryError) and len(questions) > 1
        if len(group) > 1:  # first the pictures: one that fails must not take the others with it
            half = len(group) // 2
            return self._guarded(group[:half], questions) + self._guarded(group[half:], questions)
        if not splits:
            return [[failed for _ in questions]]
        half = len(questions) // 2
        (first,) = self._guarded([group[0].only(slice(0, half))], questions[:half])
        (second,) = self._guarded([group[0].only(slice(half, None))], questions[half:])
        return [first + second]

    def _answer(
        self, group: Sequence[Asked], questions: Sequence[Question], way: Way, tally: Tally
    ) -> list[list[Outcome]]:
        """The outcomes, [picture][question]."""
        import torch

        start = time.perf_counter()
        cases = [
            Case(row, owner, question.labels)
            for owner, asked in enumerate(group)
            for row, question in zip(asked.rows, questions, strict=True)
        ]
        with torch.inference_mode():
            reader = self.sharer.reader(way, group, tally)
            outcomes = self._answering.outcomes(reader, cases)
        seconds = (time.perf_counter() - start) / len(cases)
        tally.count(len(group), outcomes)
        count = len(questions)
        cached = [0 if i % count == 0 else reader.shared for i in range(len(cases))]
        timed = [replace(o, seconds=seconds, tokens_cached=c) for o, c in zip(outcomes, cached, strict=True)]
        return [timed[i : i + count] for i in range(0, len(timed), count)]

    def _alone(self, image: Image.Image, policy: AskedPolicy) -> Outcome:
        try:
            question = self._question(policy.text())
            ((outcome,),) = self._answer([self._ask(image, [question])], [question], "none", Tally())
        except Exception as error:
            return failure(error)
        return outcome
