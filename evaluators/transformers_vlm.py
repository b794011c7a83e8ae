"""Any `AutoModelForImageTextToText` as a guardrail, from a local folder or a hub id.

The prompt is the model's own chat template with the picture first. One call of `generate` per picture
gives both readings of all its policies: the probabilities of the labels at the answer position, and the
greedy text. The picture is encoded once and its features serve every policy (bit-equal to encoding it
again); prompts of unlike length are padded on the left.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from evaluators import batching, checkpoint, labels
from evaluators.base import Audit, Outcome, failure, read_text
from evaluators.profile import Message, Profile, load_profile

if TYPE_CHECKING:
    import torch
    from PIL import Image
    from transformers import GenerationConfig, PreTrainedModel, ProcessorMixin

    from bench.evaluation_set import AskedPolicy

Method = Literal["labels", "both", "text"]
Sharing = Literal["exact", "fast", "none"]
Device = str  # "auto", "cpu", "cuda", "cuda:1", ...
DType = Literal["auto", "float32", "bfloat16", "float16"]


@dataclass(frozen=True, slots=True)
class Decoding:
    """How an answer is got and read.

    `reading` says where the verdict comes from: the labels' probabilities, the same with the greedy text
    beside them (`both`), or the text alone. `max_new_tokens` None takes the profile's.
    """

    reading: Method = "labels"
    max_new_tokens: int | None = None
    min_label_mass: float = labels.MIN_LABEL_MASS
    sharing: Sharing = "exact"


@dataclass(frozen=True, slots=True)
class TransformersVLM:
    """A loaded model, its processor and the tokens of the two labels."""

    name: str
    model: PreTrainedModel
    processor: ProcessorMixin
    label_tokens: labels.LabelTokens | None  # None where only text is read
    profile: Profile
    decoding: Decoding
    digests: Mapping[str, str]
    images_at_once: int = 1

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
        """
        folder = checkpoint.find(model)
        import torch
        from transformers import AutoModelForImageTextToText, AutoProcessor
        from transformers.utils import logging

        if not sys.stderr.isatty():
            logging.disable_progress_bar()
        profile, decoding = profile or load_profile(), decoding or Decoding()
        place = torch.device(("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device)
        kind = "float32" if dtype == "auto" and place.type == "cpu" else dtype
        processor = cast(Any, AutoProcessor).from_pretrained(folder, trust_remote_code=False)
        if not processor.chat_template:
            raise ValueError(f"{model} has no chat template; put its chat_template.jinja into the folder")
        loaded = AutoModelForImageTextToText.from_pretrained(
            folder, dtype=kind, use_safetensors=True, trust_remote_code=False
        )
        torch.nn.Module.to(loaded, place).train(False)
        loaded.generation_config = _greedy(
            loaded, processor, decoding.max_new_tokens or profile.max_new_tokens
        )
        tokens = _label_tokens(processor, profile) if decoding.reading != "text" else None
        name = folder.name if Path(model).is_dir() else model  # a path says nothing to others
        return cls(
            name, loaded, processor, tokens, profile, decoding, checkpoint.identity(folder), images_at_once
        )

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
            "max_new_tokens": str(self.decoding.max_new_tokens),
            "min_label_mass": str(self.decoding.min_label_mass),
        }

    @property
    def audit(self) -> Audit | None:
        return None

    @property
    def notes(self) -> Mapping[str, str | float]:
        return {}

    def judge(self, images: Sequence[Image.Image], policies: Sequence[AskedPolicy]) -> list[list[Outcome]]:
        questions = [self.profile.messages(policy.text()) for policy in policies]
        return [self._guarded(image, questions) for image in images]

    def _guarded(self, image: Image.Image, questions: Sequence[list[Message]]) -> list[Outcome]:
        """Answer all questions about one picture; where memory ends, in halves. What fails is an `error`."""
        import torch

        try:
            return self._answers(image, questions)
        except torch.OutOfMemoryError as error:
            if len(questions) == 1:
                return [failure(error)]
        except Exception as error:  # a picture or a prompt that the processor or the model cannot take
            return [failure(error) for _ in questions]
        half = len(questions) // 2
        return self._guarded(image, questions[:half]) + self._guarded(image, questions[half:])

    def _answers(self, image: Image.Image, questions: Sequence[list[Message]]) -> list[Outcome]:
        import torch

        start = time.perf_counter()
        with torch.inference_mode():
            inputs = self.inputs(image, questions)
            generated = cast(Any, self.model).generate(
                **inputs, output_logits=True, return_dict_in_generate=True
            )
        written = generated.sequences[:, inputs["input_ids"].shape[1] :]
        texts = self.processor.tokenizer.batch_decode(written, skip_special_tokens=True)
        seconds = (time.perf_counter() - start) / len(questions)
        return [self._read(*answer, seconds) for answer in zip(generated.logits[0], texts, strict=True)]

    def _read(self, logits: torch.Tensor, text: str, seconds: float) -> Outcome:
        if self.label_tokens is None:
            return read_text(text, seconds)
        scores = self.label_tokens.read(logits)
        return labels.outcome(scores, text, self.decoding.min_label_mass, seconds)

    def inputs(self, image: Image.Image, questions: Sequence[list[Message]]) -> dict[str, Any]:
        """The model's input for one picture under several questions, on its device."""
        encode = cast(Any, self.processor).apply_chat_template
        rows = [
            encode(
                with_picture(question, image),
                tokenize=True,
                return_dict=True,
                return_tensors="pt",
                add_generation_prompt=True,
            ).to(self.model.device, self.model.dtype)
            for question in questions
        ]
        text, vision = batching.join(rows, self.model.generation_config.pad_token_id)
        return {**text, **batching.repeat(self.model, vision, len(rows))}


def with_picture(messages: list[Message], image: Image.Image) -> list[dict[str, object]]:
    """The turns with the picture in the place of their image part."""
    return [
        {
            "role": turn["role"],
            "content": [
                {"type": "image", "image": image} if part == {"type": "image"} else part
                for part in turn["content"]
            ],
        }
        for turn in messages
    ]


def _label_tokens(processor: ProcessorMixin, profile: Profile) -> labels.LabelTokens:
    prompt = cast(Any, processor).apply_chat_template(profile.messages(""), add_generation_prompt=True)
    return labels.LabelTokens.after(prompt, processor.tokenizer)


def _greedy(model: PreTrainedModel, processor: ProcessorMixin, max_new_tokens: int) -> GenerationConfig:
    """Plain greedy decoding. The checkpoint's own sampling and repetition penalties are left out."""
    from transformers import GenerationConfig

    stop = model.generation_config.eos_token_id
    if stop is None:
        stop = processor.tokenizer.eos_token_id
    pad = processor.tokenizer.pad_token_id
    if pad is None:
        pad = stop[0] if isinstance(stop, list) else stop
    return cast(Any, GenerationConfig)(  # type: ignore[no-any-return]
        max_new_tokens=max_new_tokens,
        do_sample=False,
        eos_token_id=stop,
        pad_token_id=0 if pad is None else pad,
    )
