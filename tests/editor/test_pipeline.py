"""The pipeline: what is outside the hole is untouched, and the same generator gives the same fill."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from pipeline.editor.model import build_unet
from pipeline.editor.pipeline import SafeEditInpaintPipeline, default_scheduler


@pytest.fixture(scope="module")
def pipe() -> SafeEditInpaintPipeline:
    """A small network with random weights, in the last layer too, so that noise shows in the fill."""
    torch.manual_seed(0)
    unet = build_unet((32, 32))
    torch.nn.init.normal_(unet.conv_out.weight, std=0.1)
    made = SafeEditInpaintPipeline(unet, default_scheduler())
    made.set_progress_bar_config(disable=True)
    return made


def crop(seed: int, width: int = 64, height: int = 48) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def mask(width: int = 64, height: int = 48) -> Image.Image:
    made = Image.new("L", (width, height))
    made.paste(255, (16, 12, 40, 36))
    return made


def generator(seed: int) -> torch.Generator:
    return torch.Generator("cpu").manual_seed(seed)


def test_only_the_hole_changes(pipe: SafeEditInpaintPipeline) -> None:
    (filled,) = pipe(image=crop(1), mask_image=mask(), generator=generator(0), num_inference_steps=2).images
    changed = (np.asarray(filled) != np.asarray(crop(1))).any(-1)
    hole = np.asarray(mask()) > 0
    assert filled.size == (64, 48)
    assert not changed[~hole].any()
    assert changed[hole].mean() > 0.9


def test_what_the_hole_held_has_no_influence(pipe: SafeEditInpaintPipeline) -> None:
    painted = crop(1)
    painted.paste((255, 0, 0), mask=mask())
    one, other = (
        pipe(image=image, mask_image=mask(), generator=generator(5), num_inference_steps=2).images[0]
        for image in (crop(1), painted)
    )
    assert one.tobytes() == other.tobytes()


def test_the_seed_decides(pipe: SafeEditInpaintPipeline) -> None:
    seeds = (3, 3, 4)
    one, same, other = (
        pipe(image=crop(1), mask_image=mask(), generator=generator(s), num_inference_steps=2).images[0]
        for s in seeds
    )
    assert one.tobytes() == same.tobytes()
    assert one.tobytes() != other.tobytes()


def test_companions_change_an_item_by_one_grey_level_at_most(pipe: SafeEditInpaintPipeline) -> None:
    images = [crop(seed) for seed in range(3)]
    generators = [generator(seed) for seed in range(3)]
    together = pipe(images, [mask()] * 3, num_inference_steps=3, generator=generators).images
    for seed, batched in enumerate(together):
        (alone,) = pipe(images[seed], mask(), num_inference_steps=3, generator=[generator(seed)]).images
        assert np.abs(np.asarray(alone).astype(int) - np.asarray(batched)).max() <= 1


def test_an_empty_mask_changes_nothing(pipe: SafeEditInpaintPipeline) -> None:
    (filled,) = pipe(crop(2), Image.new("L", (64, 48)), num_inference_steps=1).images
    assert filled.tobytes() == crop(2).tobytes()


def test_a_mask_over_everything_still_gives_a_picture(pipe: SafeEditInpaintPipeline) -> None:
    (filled,) = pipe(crop(2), Image.new("L", (64, 48), 255), num_inference_steps=2).images
    assert filled.size == (64, 48)


def test_saved_and_loaded_it_fills_the_same(pipe: SafeEditInpaintPipeline, tmp_path: Path) -> None:
    pipe.save_pretrained(tmp_path)
    loaded = SafeEditInpaintPipeline.from_pretrained(tmp_path)
    loaded.set_progress_bar_config(disable=True)
    one, other = (
        p(crop(1), mask(), generator=generator(9), num_inference_steps=2).images[0] for p in (pipe, loaded)
    )
    assert one.tobytes() == other.tobytes()
    assert [file.name for file in tmp_path.rglob("*.safetensors")] == ["diffusion_pytorch_model.safetensors"]


def test_half_the_precision_works_too(pipe: SafeEditInpaintPipeline, tmp_path: Path) -> None:
    pipe.save_pretrained(tmp_path)
    loaded = SafeEditInpaintPipeline.from_pretrained(tmp_path, dtype=torch.bfloat16)
    loaded.set_progress_bar_config(disable=True)
    assert loaded.unet.dtype == torch.bfloat16
    (filled,) = loaded(crop(1), mask(), generator=generator(0), num_inference_steps=2).images
    assert filled.size == (64, 48)


@pytest.mark.parametrize(
    ("image", "masks", "steps", "message"),
    [
        (crop(1, 60, 48), mask(60, 48), 2, r"multiples of 16, got 60x48"),
        (crop(1), mask(64, 64), 2, r"1 pictures of 64x48 do not fit 1 masks of 64x64"),
        ([crop(1), crop(2)], mask(), 2, r"2 pictures of 64x48 do not fit 1 masks"),
        ([crop(1), crop(2, 32, 32)], mask(), 2, r"must have one size, got \[\(32, 32\), \(64, 48\)\]"),
        (crop(1), mask(), 0, r"at least 1, got 0"),
    ],
)
def test_what_does_not_fit_is_refused(
    pipe: SafeEditInpaintPipeline,
    image: Image.Image | list[Image.Image],
    masks: Image.Image,
    steps: int,
    message: str,
) -> None:
    with pytest.raises(ValueError, match=message):
        pipe(image, masks, num_inference_steps=steps)
