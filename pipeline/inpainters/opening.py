"""Load a pipeline that inpaints, of the class that the checkpoint or its family asks for."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from ..weights import ModelError, opening
from .base import Family
from .chroma import Chroma
from .flux import Flux
from .flux2_klein import Flux2Klein
from .flux_kontext import FluxKontext
from .prompted import Prompted
from .qwen_image import QwenImage
from .qwen_image_edit import QwenImageEdit
from .stable_diffusion import StableDiffusion
from .stable_diffusion_3 import StableDiffusion3
from .stable_diffusion_xl import StableDiffusionXL
from .z_image import ZImage

if TYPE_CHECKING:
    import torch
    from diffusers.pipelines.pipeline_utils import DiffusionPipeline

NEEDED = {"image", "mask_image"}


def load_pipeline(path: str, dtype: torch.dtype) -> DiffusionPipeline:
    """The pipeline in a folder or at a hub id, from safetensors. Raises ModelError if it cannot inpaint."""
    import diffusers

    diffusers.utils.logging.disable_progress_bar()
    diffusers.utils.logging.set_verbosity_error()  # some pipelines warn at every call
    with opening(path):
        name = diffusers.DiffusionPipeline.load_config(path)["_class_name"]
        loaded: DiffusionPipeline = _class(path, name).from_pretrained(
            path, dtype=dtype, use_safetensors=True
        )
    return loaded


def _class(path: str, name: str) -> type[DiffusionPipeline]:
    """The stored class where it takes a mask, else its inpainting sister: FluxKontextPipeline is loaded as
    FluxKontextInpaintPipeline."""
    import diffusers

    from ..editor.pipeline import SafeEditInpaintPipeline

    if name == SafeEditInpaintPipeline.__name__:
        return SafeEditInpaintPipeline
    for candidate in (name, name.replace("Pipeline", "InpaintPipeline")):
        found: type[DiffusionPipeline] | None = getattr(diffusers, candidate, None)
        if found is not None and accepted(found) >= NEEDED:
            return found
    raise ModelError(f"{path}: {name} takes no mask, nor has it a sister that does; use an inpainting one")


def accepted(pipeline: type[DiffusionPipeline]) -> set[str]:
    """The keywords of a pipeline's call."""
    return set(inspect.signature(pipeline.__call__).parameters)


def family_of(pipe: DiffusionPipeline) -> Family:
    """The adapter for a loaded pipeline, by its class's name: importing all classes would take seconds."""
    match type(pipe).__name__:
        case "StableDiffusionInpaintPipeline":
            return StableDiffusion(pipe)
        case "StableDiffusionXLInpaintPipeline":
            return StableDiffusionXL(pipe)
        case "StableDiffusion3InpaintPipeline":
            return StableDiffusion3(pipe)
        case "FluxFillPipeline" | "FluxInpaintPipeline":
            return Flux(pipe)
        case "FluxKontextInpaintPipeline":
            return FluxKontext(pipe)
        case "Flux2KleinInpaintPipeline":
            return Flux2Klein(pipe)
        case "QwenImageInpaintPipeline":
            return QwenImage(pipe)
        case "QwenImageEditInpaintPipeline":
            return QwenImageEdit(pipe)
        case "ZImageInpaintPipeline":
            return ZImage(pipe)
        case "ChromaInpaintPipeline":
            return Chroma(pipe)
    return Prompted()
