"""The ready configurations of well-known checkpoints, and what a configuration refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

import pipeline
from pipeline.config import BuildConfig
from pipeline.errors import ConfigError
from pipeline.options import configure

CHECKPOINTS = Path(pipeline.__file__).with_name("checkpoints")
KNOWN = {
    "sdxl_inpaint": "diffusers/stable-diffusion-xl-1.0-inpainting-0.1",
    "flux_fill": "black-forest-labs/FLUX.1-Fill-dev",
    "qwen_image_edit": "Qwen/Qwen-Image-Edit",
    "grounding_dino_base": "IDEA-Research/grounding-dino-base",
    "owlv2_large": "google/owlv2-large-patch14-ensemble",
    "sam2_hiera_large": "facebook/sam2.1-hiera-large",
}


def test_every_ready_file_is_known_here() -> None:
    assert {path.stem for path in CHECKPOINTS.glob("*.toml")} == set(KNOWN)


@pytest.mark.parametrize(("name", "checkpoint"), KNOWN.items())
def test_a_ready_file_is_a_build_on_ones_own_images(name: str, checkpoint: str, tmp_path: Path) -> None:
    path = CHECKPOINTS / f"{name}.toml"
    config = configure(path, images=tmp_path, out=tmp_path / "bench")
    named = {config.edit.model, config.localize.detector, config.localize.segmenter}
    assert checkpoint in named
    assert config.localize.backend == "grounded"


def with_edit(**options: object) -> BuildConfig:
    return BuildConfig.from_values({"out": "bench", "edit": options})


def test_canvases_are_sides_or_sizes() -> None:
    assert with_edit(canvases=[64, [96, 64]]).edit.canvases == (64, (96, 64))


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"canvases": [100]}, "edit.canvases.0"),  # no multiple of 8
        ({"canvases": []}, "edit.canvases"),
        ({"batch": 0}, "edit.batch"),
        ({"colour_match": "often"}, "edit.colour_match"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_field(options: dict[str, object], field: str) -> None:
    with pytest.raises(ConfigError, match=rf"configuration: {field}"):
        with_edit(**options)
