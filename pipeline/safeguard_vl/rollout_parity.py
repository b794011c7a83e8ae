"""Before a faster engine writes the rollouts: does it write what the trained model would?

An engine that lays out picture tokens in its own way answers another prompt than the one that is trained on,
and nothing shows it (TRL issue #6294: picture tokens that were expanded already are expanded again). So a few
prompts are answered by both without sampling, handed over exactly as TRL does, and the texts must be equal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from evaluators.profile import Message

if TYPE_CHECKING:
    from datasets import Dataset  # type: ignore[import-untyped]
    from PIL.Image import Image

PROMPTS = 4
TOKENS = 8  # few, since rounding may part two right engines after many


class ParityError(RuntimeError):
    """The engine does not answer as the model does; nothing was trained."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One prompt with its picture, as token ids with the picture's tokens in place."""

    ids: tuple[int, ...]
    inputs: Any  # the processor's batch of one, for the model's own generate
    image: Image


Engine = Callable[[Sequence[Asked]], list[str]]


def require_parity(start: Path, rows: Dataset) -> None:
    """Raises ParityError where vLLM answers one of the first prompts otherwise than transformers does.

    Raises ValueError where vLLM is not installed.
    """
    asked = prompts_of(start, rows)
    compare(by_transformers(start)(asked), by_vllm(start)(asked))


def compare(own: Sequence[str], engine: Sequence[str]) -> None:
    """Raises ParityError at the first pair of texts that differ."""
    for number, (expected, got) in enumerate(zip(own, engine, strict=True), start=1):
        if expected != got:
            raise ParityError(
                f"prompt {number} of {len(own)}: the model writes {expected!r} and vLLM {got!r}, so its "
                "rollouts would answer other prompts than are trained on. Train "
                "with use_vllm = false, or with versions of vllm and trl that agree for this model"
            )


def prompts_of(start: Path, rows: Dataset) -> list[Asked]:
    """The first prompts of the rows, tokenized by the checkpoint's processor."""
    from transformers import AutoProcessor

    processor = cast(Any, AutoProcessor).from_pretrained(start, trust_remote_code=False)
    found = []
    for row in rows.select(range(min(PROMPTS, len(rows)))):
        inputs = processor.apply_chat_template(
            _with_picture(row["prompt"], row["image"]),
            add_generation_prompt=True,
            tokenize=True,
            return_dict=True,
            return_tensors="pt",
        )
        found.append(Asked(tuple(inputs["input_ids"][0].tolist()), inputs, row["image"]))
    return found


def _with_picture(messages: Sequence[Message], image: Image) -> list[dict[str, object]]:
    return [
        {
            "role": turn["role"],
            "content": [
                {"type": "image", "image": image} if part["type"] == "image" else part
                for part in cast("list[dict[str, str]]", turn["content"])
            ],
        }
        for turn in messages
    ]


def by_transformers(start: Path) -> Engine:
    """The model's own greedy text."""

    def write(asked: Sequence[Asked]) -> list[str]:
        import torch
        from transformers import AutoModelForImageTextToText, AutoTokenizer

        model: Any = AutoModelForImageTextToText.from_pretrained(start, dtype="auto", use_safetensors=True)
        model = model.to("cuda" if torch.cuda.is_available() else "cpu").eval()
        tokenizer = AutoTokenizer.from_pretrained(start)
        texts = []
        for one in asked:
            inputs = one.inputs.to(model.device, model.dtype)
            written = model.generate(**inputs, max_new_tokens=TOKENS, do_sample=False)[0, len(one.ids) :]
            texts.append(str(tokenizer.decode(written, skip_special_tokens=True)))
        return texts

    return write


def by_vllm(start: Path) -> Engine:
    """vLLM's greedy text, from token ids and the picture: what TRL hands over."""

    def write(asked: Sequence[Asked]) -> list[str]:
        try:
            from vllm import LLM, SamplingParams  # type: ignore[import-not-found]
        except ModuleNotFoundError:
            raise ValueError(
                "the recipe sets use_vllm and vllm is not installed; pip install 'trl[vllm]' on a machine "
                "with a GPU, or leave use_vllm out"
            ) from None
        engine = LLM(model=str(start), gpu_memory_utilization=0.3, enforce_eager=True)
        prompts = [
            {"prompt_token_ids": list(one.ids), "multi_modal_data": {"image": one.image}} for one in asked
        ]
        greedy = SamplingParams(temperature=0.0, max_tokens=TOKENS)
        return [output.outputs[0].text for output in engine.generate(prompts, greedy, use_tqdm=False)]

    return write
