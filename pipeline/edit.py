"""Replace a region: one protocol, any diffusers inpainting pipeline behind it, ours by default.

An editor only ever sees a crop; what it returns is composited back by `region`, so no editor can touch
a pixel outside the ring.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np
from PIL import Image

from .config import EditConfig
from .images import Mask, Pixels
from .region import composite, crop_around, cut, parts, zones
from .weights import ModelError, opening, pick_device, weights_digest

if TYPE_CHECKING:
    import torch
    from diffusers import AutoPipelineForInpainting
    from diffusers.pipelines.pipeline_utils import DiffusionPipeline

EMBEDDED = Path(__file__).parent / "editor" / "weights"


class Editor(Protocol):
    """Fills a masked square. `name` and `digest` say what did it."""

    name: str
    digest: str

    def fill(self, crop: Pixels, mask: Mask, *, prompt: str, seed: int) -> Pixels:
        """A picture of the crop's size whose masked part is replaced; the rest may differ slightly."""


class Filled(Protocol):
    """What an inpainting pipeline returns."""

    images: list[Image.Image]


class DiffusersEditor:
    """Any pipeline with `image` and `mask_image` arguments, loaded as safetensors from a folder or hub id."""

    def __init__(self, config: EditConfig) -> None:
        import torch

        path = config.model or str(EMBEDDED)
        self.name = "embedded" if path == str(EMBEDDED) else path.rstrip("/").rsplit("/", 1)[-1]
        self.digest = weights_digest(path)
        self._device = pick_device(config.device)
        self._pipe = _load(path, getattr(torch, config.dtype)).to(self._device)
        self._pipe.set_progress_bar_config(disable=True)
        if config.lora:
            self._pipe.load_lora_weights(config.lora)
        if config.compile:
            parts = self._pipe.components
            parts["transformer" if "transformer" in parts else "unet"].compile_repeated_blocks(fullgraph=True)
        self._options = {"guidance_scale": config.guidance, "strength": config.strength}
        if config.steps:
            self._options["num_inference_steps"] = config.steps
        self._turn = threading.Lock()  # a pipeline's scheduler counts its steps, so one call at a time
        self._call = cast(Callable[..., Filled], self._pipe)
        self._accepts = set(inspect.signature(self._pipe.__call__).parameters)
        missing = {"image", "mask_image"} - self._accepts
        if missing:
            raise ModelError(
                f"{path}: {type(self._pipe).__name__} takes no {sorted(missing)}; use an inpainting one"
            )

    def fill(self, crop: Pixels, mask: Mask, *, prompt: str, seed: int) -> Pixels:
        """One crop, one seed. The generator lives on the CPU, so a seed means the same on every device."""
        import torch

        height, width = mask.shape
        wanted = self._options | {"prompt": prompt, "height": height, "width": width}
        with self._turn:
            result = self._call(
                image=[Image.fromarray(crop)],
                mask_image=[Image.fromarray(mask.astype(np.uint8) * 255)],
                generator=[torch.Generator("cpu").manual_seed(seed)],
                **{name: value for name, value in wanted.items() if name in self._accepts},
            )
        return np.asarray(result.images[0].convert("RGB"))


def _load(path: str, dtype: torch.dtype) -> DiffusionPipeline:
    import diffusers

    diffusers.utils.logging.disable_progress_bar()
    with opening(path):
        name = diffusers.DiffusionPipeline.load_config(path)["_class_name"]
        loaded: DiffusionPipeline = _loader(name).from_pretrained(path, dtype=dtype, use_safetensors=True)
    return loaded


def _loader(name: str) -> type[DiffusionPipeline] | type[AutoPipelineForInpainting]:
    """Ours, the stored class where it inpaints, else the inpainting pipeline of the same family."""
    import diffusers
    from diffusers.pipelines.pipeline_utils import DiffusionPipeline

    from .editor.pipeline import SafeEditInpaintPipeline

    if name == SafeEditInpaintPipeline.__name__:
        return SafeEditInpaintPipeline
    inpaints = "Inpaint" in name or "Fill" in name
    return DiffusionPipeline if inpaints else diffusers.AutoPipelineForInpainting


_loading = threading.Lock()


def load_editor(config: EditConfig) -> Editor:
    """The configured editor, loaded once a process whichever thread asks first."""
    with _loading:
        return _load_once(config)


@lru_cache(maxsize=1)
def _load_once(config: EditConfig) -> Editor:
    return DiffusersEditor(config)


def edit_region(
    editor: Editor, original: Pixels, mask: Mask, *, prompt: str, seed: int, config: EditConfig
) -> Pixels:
    """`original` with the region replaced, each separate part at its own resolution."""
    zone, result = zones(mask), original
    for number, part in enumerate(parts(zone.allowed)):
        crop = crop_around(part, context=config.context, canvases=config.canvases)
        filled = _fill_crop(
            editor, cut(result, crop), cut(zone.allowed, crop), crop.canvas, prompt, seed + number
        )
        result = composite(result, filled, crop, np.where(part, zone.alpha, 0))
    return result


def _fill_crop(editor: Editor, crop: Pixels, mask: Mask, canvas: int, prompt: str, seed: int) -> Pixels:
    """Resize to the editor's canvas, fill, resize back."""
    picture = Image.fromarray(crop).resize((canvas, canvas), Image.Resampling.LANCZOS)
    # any share of a masked pixel counts, so that nothing violating falls between two canvas pixels
    share = Image.fromarray(mask.astype(np.uint8) * 255).resize((canvas, canvas), Image.Resampling.BOX)
    filled = editor.fill(np.asarray(picture), np.asarray(share) > 0, prompt=prompt, seed=seed)
    back = Image.fromarray(filled).resize((crop.shape[1], crop.shape[0]), Image.Resampling.LANCZOS)
    return np.asarray(back)
