"""A diffusers inpainting pipeline as an editor: same-shape batches, a seed an item, texts encoded once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Protocol, cast

import numpy as np
from PIL import Image

from ..config import EditConfig
from ..images import Pixels
from ..weights import model_name, pick_device, weights_digest
from .base import Embedding, Hole
from .batches import batches, shapes, stack
from .opening import accepted, family_of, load_pipeline

TEXTS = 64  # encoded texts kept; a build has a few dozen


class Filled(Protocol):
    """What an inpainting pipeline returns."""

    images: list[Image.Image]


class DiffusersEditor:
    """The pipeline at `path`, a local folder or hub id, with the options of `config`."""

    def __init__(self, path: str, config: EditConfig, *, name: str = "") -> None:
        import torch

        self.name = name or model_name(path)
        self.digest = weights_digest(path)
        self._pipe = load_pipeline(path, getattr(torch, config.dtype)).to(pick_device(config.device))
        self._pipe.set_progress_bar_config(disable=True)
        if config.lora:
            self._pipe.load_lora_weights(config.lora)
        if config.compile:
            parts = self._pipe.components
            parts["transformer" if "transformer" in parts else "unet"].compile_repeated_blocks(fullgraph=True)
        self._family = family_of(self._pipe)
        self.orders = self._family.orders
        self._options = {"strength": config.strength, **self._family.options(config.guidance)}
        if config.steps:
            self._options["num_inference_steps"] = config.steps
        self._batch = config.batch
        self._accepts = accepted(type(self._pipe))
        self._call = cast(Callable[..., Filled], self._pipe)
        self._turn = threading.Lock()  # a pipeline's scheduler counts its steps, so one call at a time
        self._text = lru_cache(TEXTS)(self._encode)

    def fill(self, holes: Sequence[Hole]) -> list[Pixels]:
        """Holes of any sizes, batched by size. A short batch is filled up with copies of its last hole, so
        that every call for a canvas has one shape: no kernel and no compiled graph depends on how many
        holes there are."""
        with self._turn:
            embeddings = [self._embedding(hole) for hole in holes]
            keys = [(hole.crop.shape, shapes(one)) for hole, one in zip(holes, embeddings, strict=True)]
            filled: dict[int, Pixels] = {}
            for group in batches(keys, self._batch):
                full = group + group[-1:] * (self._batch - len(group))
                results = self._fill([holes[i] for i in full], [embeddings[i] for i in full])
                filled |= dict(zip(group, results, strict=False))
        return [filled[index] for index in range(len(holes))]

    def _fill(self, holes: Sequence[Hole], embeddings: Sequence[Embedding]) -> list[Pixels]:
        """One call. Generators live on the CPU, so a seed means the same on every device."""
        import torch

        height, width = holes[0].mask.shape
        size = {"height": height, "width": width, "max_area": height * width}
        wanted = {**self._options, **stack(embeddings), **size}
        result = self._call(
            image=[Image.fromarray(hole.crop) for hole in holes],
            mask_image=[Image.fromarray(hole.mask.astype(np.uint8) * 255) for hole in holes],
            generator=[torch.Generator("cpu").manual_seed(hole.seed) for hole in holes],
            **{name: value for name, value in wanted.items() if name in self._accepts},
        )
        return [np.asarray(image.convert("RGB").resize((width, height))) for image in result.images]

    def _embedding(self, hole: Hole) -> Embedding:
        if self._family.sees_crop:
            return self._encode(hole.prompt, hole.avoid, hole.crop)
        return self._text(hole.prompt, hole.avoid)

    def _encode(self, prompt: str, avoid: str, crop: Pixels | None = None) -> Embedding:
        import torch

        with torch.no_grad():
            return self._family.embed(prompt, avoid, crop)
