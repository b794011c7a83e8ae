"""Localizers load real architectures, chosen by the checkpoint's configuration, and keep their promises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from bench.policy import Concept, load_concepts
from pipeline.config import EditConfig, LocalizeConfig
from pipeline.images import Mask, Pixels
from pipeline.inpainters.diffusers_editor import DiffusersEditor
from pipeline.localize import open_detector, open_localizer, union
from pipeline.localizers.base import Region
from pipeline.localizers.shadows import WithShadows, shadow_of
from pipeline.weights import ModelError, weights_digest
from tests.pipeline.tiny_models import detectors, florence, segmenters

Build = Callable[[Path], Path]
FIREARM, BLADE = load_concepts()["firearm"], load_concepts()["blade"]


@pytest.fixture(scope="module")
def picture() -> Pixels:
    return np.random.default_rng(0).integers(0, 256, (80, 100, 3), np.uint8)


def grounded(tmp_path: Path, detector: Build, segmenter: Build, **options: float | bool) -> LocalizeConfig:
    return LocalizeConfig(
        backend="grounded",
        detector=str(detector(tmp_path / "detector")),
        segmenter=str(segmenter(tmp_path / "segmenter")),
        device="cpu",
        **options,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("detector", "segmenter"),
    [
        (detectors.grounding_dino, segmenters.sam),
        (detectors.mm_grounding_dino, segmenters.sam2),
        (detectors.owlv2, segmenters.sam2),
        (florence.florence2, segmenters.sam),
        (segmenters.sam3, segmenters.sam),
        (segmenters.clipseg, segmenters.sam),
    ],
    ids=lambda build: build.__name__,
)
def test_regions_are_masks_of_the_images_size_best_first(
    detector: Build, segmenter: Build, picture: Pixels, tmp_path: Path
) -> None:
    localizer = open_localizer(grounded(tmp_path, detector, segmenter, threshold=0.0))
    regions = localizer.locate(picture, [FIREARM, BLADE])
    assert {region.concept for region in regions} == {"firearm", "blade"}
    assert {region.detector for region in regions} == {"detector"}
    assert all(region.mask.shape == (80, 100) and region.mask.dtype == bool for region in regions)
    assert all(0 <= region.score <= 1 for region in regions)
    assert [region.score for region in regions] == sorted((region.score for region in regions), reverse=True)
    assert union(regions).sum() >= max(region.mask.sum() for region in regions)


@pytest.mark.slow
@pytest.mark.parametrize(
    "build",
    [detectors.grounding_dino, detectors.owlv2, segmenters.sam3],
    ids=lambda build: build.__name__,
)
def test_a_high_threshold_finds_nothing(build: Build, picture: Pixels, tmp_path: Path) -> None:
    detector = open_detector(str(build(tmp_path / "model")), threshold=1.0, device="cpu")
    assert detector.detect(picture, [FIREARM]) == []


@pytest.mark.slow
def test_owl_finds_the_same_for_one_concept_as_among_several(picture: Pixels, tmp_path: Path) -> None:
    detector = open_detector(str(detectors.owlv2(tmp_path / "owl")), threshold=0.0, device="cpu")
    among = [hit for hit in detector.detect(picture, [FIREARM, BLADE]) if hit.concept == "blade"]
    alone = detector.detect(picture, [BLADE])
    assert [hit.score for hit in among] == pytest.approx([hit.score for hit in alone], abs=1e-6)
    assert np.allclose([hit.box for hit in among], [hit.box for hit in alone], atol=1e-3)
    assert detector.detect(picture, []) == []


@pytest.mark.slow
def test_florences_written_box_is_read_in_pixels(picture: Pixels, tmp_path: Path) -> None:
    detector = open_detector(str(florence.florence2(tmp_path / "model")), threshold=0.9, device="cpu")
    (hit,) = detector.detect(picture, [FIREARM])  # four phrases, one box
    assert hit.box == (20, 24, 60, 56)  # 200, 300, 600, 700 thousandths of 100 x 80
    assert hit.score == pytest.approx(1.0, abs=1e-3)


def test_a_model_that_reads_no_phrases_is_refused_by_name(tmp_path: Path) -> None:
    path = str(segmenters.sam(tmp_path / "sam"))
    with pytest.raises(ModelError, match=r"is a 'sam' model, which finds no boxes for phrases; use"):
        open_detector(path, threshold=0.3, device="cpu")


class FixedLocalizer:
    """Finds a square for a firearm, and for its shadow whatever it was made with."""

    name = "fixed"
    digest = "0"

    def __init__(self, shadow: Mask) -> None:
        self.shadow = shadow

    def locate(self, image: Pixels, concepts: Sequence[Concept]) -> list[Region]:
        shadows = any("shadow" in prompt for concept in concepts for prompt in concept.prompts)
        mask = self.shadow if shadows else square(20, 40)
        return [Region("firearm", (), mask, self.name, 0.9)]


def square(start: int, stop: int) -> Mask:
    mask = np.zeros((80, 100), bool)
    mask[start:stop, start:stop] = True
    return mask


def test_a_shadow_beside_a_thing_becomes_part_of_its_region(picture: Pixels) -> None:
    near, far, huge = square(42, 55), square(60, 75), ~square(0, 1)
    found = [WithShadows(FixedLocalizer(one)).locate(picture, [FIREARM])[0].mask for one in (near, far, huge)]
    assert (found[0] == (square(20, 40) | near)).all()
    assert (found[1] == square(20, 40)).all()
    assert (found[2] == square(20, 40)).all()


def test_shadows_are_asked_for_by_both_names() -> None:
    assert shadow_of(BLADE).prompts[:2] == ("the shadow of a knife", "the shadow of a dagger")
    assert "the reflection of a knife" in shadow_of(BLADE).prompts


def test_a_missing_model_is_named_with_the_remedy() -> None:
    with pytest.raises(ModelError, match=r"no model folder at './nowhere'; give a local folder or a hub id"):
        weights_digest("./nowhere")


def test_a_models_digest_changes_with_its_weights(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, data in ((first, b"abc"), (second, b"abd")):
        folder.mkdir()
        (folder / "model.safetensors").write_bytes(data)
    assert weights_digest(str(first)) != weights_digest(str(second))
    assert weights_digest("owner/name") == "owner/name"


def test_a_model_that_does_not_load_ends_the_run_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    with pytest.raises(ModelError, match=r"cannot load .*broken.*Give a local folder"):
        open_detector(str(tmp_path / "broken"), threshold=0.3, device="cpu")
    with pytest.raises(ModelError, match=r"cannot load .*broken.*Give a local folder"):
        DiffusersEditor(str(tmp_path / "broken"), EditConfig())
