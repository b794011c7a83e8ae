"""Editors load real pipelines from a folder; neither the batch nor its order changes what a hole becomes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline, UNet2DModel

from bench.outside import changed_outside
from pipeline.config import EditConfig
from pipeline.edit import Task, edit_regions, load_editor
from pipeline.images import Pixels
from pipeline.inpainters.base import Embedding, Hole
from pipeline.inpainters.batches import batches, shapes, stack
from pipeline.inpainters.diffusers_editor import DiffusersEditor
from pipeline.region import zones
from pipeline.weights import ModelError
from tests.pipeline.tiny_models import dits, qwens, unets

Build = Callable[[Path], Path]
FAMILIES = [
    unets.stable_diffusion_inpaint,
    unets.stable_diffusion_xl,
    dits.stable_diffusion_3,
    dits.flux_fill,
    dits.flux_kontext,
    dits.chroma,
    qwens.flux2_klein,
    qwens.qwen_image,
    qwens.z_image,
]
ORDERED = {dits.flux_kontext, qwens.flux2_klein, qwens.qwen_image_edit}
# Chroma's rotary embedding, imported by diffusers from where it is deprecated
pytestmark = pytest.mark.filterwarnings("ignore:.FluxPosEmbed. is deprecated:FutureWarning")


def config(**options: object) -> EditConfig:
    return EditConfig(**{"steps": 2, "canvases": (64,), "device": "cpu", **options})  # type: ignore[arg-type]


def hole(seed: int, prompt: str = "a spoon", size: tuple[int, int] = (64, 64)) -> Hole:
    mask = np.zeros(size, bool)
    mask[20:44, 16:50] = True
    crop = np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)
    return Hole(crop, mask, prompt, "a knife", seed)


@pytest.mark.slow
@pytest.mark.parametrize("build", FAMILIES, ids=lambda build: build.__name__)
def test_a_hole_becomes_the_same_alone_in_another_order_and_beside_others(
    build: Build, tmp_path: Path
) -> None:
    editor = DiffusersEditor(str(build(tmp_path / "model")), config(batch=2, steps=1))
    holes = [hole(1), hole(2, "a wooden chest of drawers")]
    first, second = editor.fill(holes)
    assert (first.shape, first.dtype) == ((64, 64, 3), np.uint8)
    assert (first != second).any()
    assert all((a == b).all() for a, b in zip(editor.fill(holes[::-1]), (second, first), strict=True))
    assert (editor.fill(holes[1:])[0] == second).all()
    assert editor.orders == (build in ORDERED)


@pytest.mark.slow
def test_qwen_image_edit_works_at_a_megapixel_and_comes_back_to_the_canvas(tmp_path: Path) -> None:
    path = qwens.qwen_image_edit(tmp_path / "model")
    editor = DiffusersEditor(str(path), config(steps=1, guidance=1.0))
    (fill,) = editor.fill([hole(1)])
    assert fill.shape == (64, 64, 3)
    assert editor.orders


@pytest.fixture(scope="module")
def stable_diffusion(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(unets.stable_diffusion_inpaint(tmp_path_factory.mktemp("models") / "sd"))


def test_another_batch_size_moves_no_pixel_by_more_than_a_grey_level(stable_diffusion: str) -> None:
    holes = [hole(1), hole(2), hole(3)]
    one, four = (DiffusersEditor(stable_diffusion, config(batch=size)).fill(holes) for size in (1, 4))
    assert max(np.abs(a.astype(int) - b).max() for a, b in zip(one, four, strict=True)) <= 1


def test_a_text_is_encoded_once_whatever_the_crop(stable_diffusion: str) -> None:
    editor = DiffusersEditor(stable_diffusion, config(batch=2))
    calls: list[int] = []
    editor._pipe.text_encoder.register_forward_hook(lambda *_: calls.append(1))
    editor.fill([hole(1), hole(2), hole(3, "a cup"), hole(4, size=(64, 72))])
    assert len(calls) == 4  # two prompts, each with the negative one
    editor.fill([hole(5)])
    assert len(calls) == 4


def test_any_pipeline_edits_inside_the_ring_only(stable_diffusion: str) -> None:
    settings = config(model=stable_diffusion, canvases=(64, (96, 64)), colour_match=True, batch=2)
    picture = np.random.default_rng(0).integers(0, 256, (80, 100, 3), np.uint8)
    mask = np.zeros((80, 100), bool)
    mask[20:50, 10:35] = mask[50:60, 70:95] = True
    tasks = [Task(picture, mask, "a spoon", "", seed, context=0.5) for seed in (3, 3, 4)]
    first, again, other = edit_regions(load_editor(settings), tasks, settings)
    assert (first == again).all()
    assert (first != other).any()
    assert (first != picture).any(axis=2)[mask].mean() > 0.9
    assert changed_outside(picture, first, zones(mask).allowed) == 0


def test_an_empty_mask_leaves_the_picture_as_it_is(stable_diffusion: str) -> None:
    settings = config(model=stable_diffusion)
    picture: Pixels = np.zeros((32, 32, 3), np.uint8)
    task = Task(picture, np.zeros((32, 32), bool), "a spoon", "", 0, context=0.5)
    (same,) = edit_regions(load_editor(settings), [task], settings)
    assert (same == picture).all()


def test_a_text_to_image_checkpoint_is_loaded_as_its_inpainting_sister(
    stable_diffusion: str, tmp_path: Path
) -> None:
    pipe = StableDiffusionPipeline.from_pretrained(stable_diffusion, safety_checker=None)
    pipe.save_pretrained(tmp_path / "text-to-image")
    editor = DiffusersEditor(str(tmp_path / "text-to-image"), config())
    assert type(editor._pipe).__name__ == "StableDiffusionInpaintPipeline"


def test_a_pipeline_without_a_mask_is_refused_with_the_remedy(tmp_path: Path) -> None:
    from diffusers import DDIMPipeline, DDIMScheduler

    unet = UNet2DModel(block_out_channels=(8, 8), down_block_types=("DownBlock2D",) * 2, norm_num_groups=4,
                       up_block_types=("UpBlock2D",) * 2, sample_size=8)  # fmt: skip
    DDIMPipeline(unet, DDIMScheduler()).save_pretrained(tmp_path / "ddim")
    with pytest.raises(ModelError, match="DDIMPipeline takes no mask, nor has it a sister that does"):
        DiffusersEditor(str(tmp_path / "ddim"), config())


def test_batches_hold_equal_items_in_order_of_appearance() -> None:
    assert batches(["a", "b", "a", "a", "b"], 2) == [[0, 2], [3], [1, 4]]
    assert batches([], 2) == []


def test_embeddings_are_stacked_by_their_kind() -> None:
    first: Embedding = {"tensor": torch.zeros(1, 3), "list": [torch.zeros(2, 4)], "words": ["a"]}
    second: Embedding = {"tensor": torch.ones(1, 3), "list": [torch.ones(2, 4)], "words": ["b"]}
    stacked = stack([first, second])
    assert torch.equal(stacked["tensor"], torch.tensor([[0.0] * 3, [1.0] * 3]))  # type: ignore[arg-type]
    assert stacked["words"] == ["a", "b"]
    assert len(stacked["list"]) == 2  # type: ignore[arg-type]
    assert shapes(first) == (("list", (2, 4)), ("tensor", (1, 3)), ("words", ()))
