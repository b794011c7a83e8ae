"""The independent check: what is gone, what is left, what is new, and when it is not independent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bench.policy import Concept, load_concepts
from pipeline.config import BuildConfig, LocalizeConfig, VerifyConfig
from pipeline.errors import ConfigError
from pipeline.flow import run_build
from pipeline.images import Pixels
from pipeline.localizers.base import Detection
from pipeline.region import zones
from pipeline.verify import Attempt
from pipeline.violation import Finding, by_detector, check_independence, find_violation, gone_by_edges

CONCEPTS = [load_concepts()[name] for name in ("firearm", "blade", "alcohol")]


@pytest.fixture
def original() -> Pixels:
    """A striped thing on a plain ground."""
    pixels = np.full((64, 64, 3), 120, np.uint8)
    pixels[20:44, 20:44] = np.tile(np.repeat([30, 220], 3), 4)[None, :, None]
    return pixels


def attempt(original: Pixels, edited: Pixels, concepts: tuple[str, ...] = ("firearm",)) -> Attempt:
    mask = np.zeros((64, 64), bool)
    mask[20:44, 20:44] = True
    zone = zones(mask)
    return Attempt(original, edited, mask, zone.allowed, zone.ring_px, concepts)


def test_an_untouched_violation_is_not_gone_nor_is_a_recoloured_one(original: Pixels) -> None:
    mask = attempt(original, original).violation
    assert gone_by_edges(original, original, mask) == pytest.approx(0, abs=1e-6)
    assert gone_by_edges(original, (original // 2 + 60).astype(np.uint8), mask) < 0.05


def test_a_plain_fill_and_other_stripes_are_gone(original: Pixels) -> None:
    mask = attempt(original, original).violation
    assert gone_by_edges(original, np.full_like(original, 120), mask) == 1.0
    assert gone_by_edges(original, original.transpose(1, 0, 2).copy(), mask) > 0.9


def test_edges_are_not_asked_of_a_control(original: Pixels) -> None:
    edges = VerifyConfig(backend="edges")
    found = find_violation(attempt(original, original), edges, CONCEPTS)
    assert (found.gone, found.residual, found.checker) == (pytest.approx(0, abs=1e-6), True, "edges")
    assert find_violation(attempt(original, original, ()), edges, CONCEPTS) == Finding()
    assert find_violation(attempt(original, original), VerifyConfig(backend="none"), CONCEPTS) == Finding()


class Scripted:
    """A detector that finds what it is told to: first in the original, then in the edited picture."""

    name = "scripted"

    def __init__(self, before: Sequence[Detection], after: Sequence[Detection]) -> None:
        self._answers = [list(before), list(after)]

    def detect(self, image: Pixels, concepts: Sequence[Concept]) -> list[Detection]:
        return self._answers.pop(0)


INSIDE, BESIDE, FAR = (20.0, 20.0, 44.0, 44.0), (40.0, 40.0, 60.0, 60.0), (54.0, 0.0, 64.0, 10.0)
GUN = Detection("firearm", INSIDE, 0.9)


def test_a_detector_that_finds_nothing_more_says_gone(original: Pixels) -> None:
    found = by_detector(attempt(original, original), Scripted([GUN], []), CONCEPTS)
    assert found == Finding(1.0, False, True, "", "scripted")


def test_what_it_still_finds_is_left_wherever_it_is(original: Pixels) -> None:
    left = Detection("firearm", FAR, 0.3)
    found = by_detector(attempt(original, original), Scripted([GUN], [left]), CONCEPTS)
    assert (found.gone, found.residual) == (pytest.approx(0.7), True)


def test_a_detector_that_never_saw_the_violation_is_known_as_blind(original: Pixels) -> None:
    found = by_detector(attempt(original, original), Scripted([], []), CONCEPTS)
    assert (found.gone, found.seen_before) == (1.0, False)


@pytest.mark.parametrize(
    ("before", "after", "new"),
    [
        ([], [Detection("blade", INSIDE, 0.5)], "blade"),
        ([], [Detection("blade", BESIDE, 0.5)], "blade"),  # its box reaches into the region
        ([], [Detection("blade", FAR, 0.5)], ""),  # identical pixels: nothing the edit did
        ([Detection("blade", INSIDE, 0.5)], [Detection("blade", INSIDE, 0.5)], ""),
        ([Detection("blade", FAR, 0.5)], [Detection("blade", INSIDE, 0.5)], "blade"),  # another one
        ([Detection("alcohol", INSIDE, 0.5)], [Detection("blade", INSIDE, 0.5)], "blade"),
        ([GUN], [GUN], ""),  # left, not new
    ],
)
def test_new_is_what_the_region_did_not_show_before(
    before: list[Detection], after: list[Detection], new: str, original: Pixels
) -> None:
    assert by_detector(attempt(original, original), Scripted(before, after), CONCEPTS).new_violation == new


def test_a_control_keeps_its_violation_and_must_not_get_another(original: Pixels) -> None:
    kept = Detection("firearm", FAR, 0.9)
    control = attempt(original, original, ())
    assert by_detector(control, Scripted([kept], [kept]), CONCEPTS) == Finding(checker="scripted")
    added = by_detector(control, Scripted([kept], [kept, GUN]), CONCEPTS)
    assert (added.gone, added.residual, added.new_violation) == (None, None, "firearm")


def model(folder: Path, content: bytes) -> str:
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(content)
    return str(folder)


def test_the_localizers_own_checkpoint_cannot_be_the_check(tmp_path: Path) -> None:
    same, copy, other = (model(tmp_path / f"m{n}", data) for n, data in enumerate((b"1", b"1", b"2")))
    localize = LocalizeConfig(backend="grounded", detector=same)
    for circular in (same, copy):  # by content, whatever the folder is called
        with pytest.raises(ConfigError, match="the check would be circular; name another detector"):
            check_independence(localize, VerifyConfig(backend="detector", detector=circular))
    check_independence(localize, VerifyConfig(backend="detector", detector=other))
    check_independence(localize, VerifyConfig(backend="edges", detector=same))
    check_independence(LocalizeConfig(backend="truth", detector=same), VerifyConfig("detector", same))


def test_a_circular_build_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    same = model(tmp_path / "model", b"1")
    config = BuildConfig(
        out=tmp_path / "bench",
        localize=LocalizeConfig(backend="grounded", detector=same),
        verify=VerifyConfig(backend="detector", detector=same),
    )
    with pytest.raises(ConfigError, match=r"verify\.detector"):
        run_build(config, lambda stage, done, total: None)
    assert not config.work.exists()
