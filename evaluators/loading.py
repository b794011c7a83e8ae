"""A checkpoint as a model and its processor, set to plain greedy decoding. No code of it is run."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from evaluators import checkpoint

if TYPE_CHECKING:
    from transformers import GenerationConfig, PreTrainedModel, ProcessorMixin

Device = str  # "auto", "cpu", "cuda", "cuda:1", ...
DType = Literal["auto", "float32", "bfloat16", "float16"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model on its device, ready to answer, and the digests of the files it was made of."""

    name: str
    model: PreTrainedModel
    processor: ProcessorMixin
    digests: Mapping[str, str]


def load(model: str, device: Device, dtype: DType) -> Loaded:
    """Open the checkpoint in a folder or under a hub id.

    Raises ValueError where there is none, it has no safetensors, or it does not say where pictures stand.
    """
    folder = checkpoint.find(model)
    import torch
    from transformers import AutoModelForImageTextToText, AutoProcessor
    from transformers.utils import logging

    if not sys.stderr.isatty():
        logging.disable_progress_bar()
    place = torch.device(("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device)
    kind = "float32" if dtype == "auto" and place.type == "cpu" else dtype
    processor = cast(Any, AutoProcessor).from_pretrained(folder, trust_remote_code=False)
    loaded = AutoModelForImageTextToText.from_pretrained(
        folder, dtype=kind, use_safetensors=True, trust_remote_code=False
    )
    if getattr(loaded.config, "image_token_id", None) is None:
        raise ValueError(f"{model} names no image_token_id in its config.json; only models that do are run")
    torch.nn.Module.to(loaded, place).train(False)
    loaded.generation_config = _greedy(loaded, processor)
    name = folder.name if Path(model).is_dir() else model  # a path says nothing to others
    return Loaded(name, loaded, processor, checkpoint.identity(folder))


def _greedy(model: PreTrainedModel, processor: ProcessorMixin) -> GenerationConfig:
    """Plain greedy decoding. The checkpoint's own sampling and repetition penalties are left out."""
    from transformers import GenerationConfig

    stop = model.generation_config.eos_token_id
    if stop is None:
        stop = processor.tokenizer.eos_token_id
    pad = processor.tokenizer.pad_token_id
    if pad is None:
        pad = stop[0] if isinstance(stop, list) else stop
    return cast(Any, GenerationConfig)(  # type: ignore[no-any-return]
        do_sample=False, eos_token_id=stop, pad_token_id=0 if pad is None else pad
    )
