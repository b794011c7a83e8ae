"""Scores of an edit, and which of several attempts is kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.images import Pixels
from pipeline.region import zones
from pipeline.verify import Attempt, Scores, choose, failure, gone_by_edges, seam

GOOD = Scores(1.0, "", 1.1, 0.1, 0, "00", 3)


@pytest.fixture
def original() -> Pixels:
    """A striped thing on a plain ground."""
    pixels = np.full((64, 64, 3), 120, np.uint8)
    pixels[20:44, 20:44] = np.tile(np.repeat([30, 220], 3), 4)[None, :, None]
    return pixels


def attempt(original: Pixels, edited: Pixels) -> Attempt:
    mask = np.zeros((64, 64), bool)
    mask[20:44, 20:44] = True
    return Attempt(original, edited, mask, zones(mask).allowed, ("cards",))


def test_an_untouched_violation_is_not_gone_nor_is_a_recoloured_one(original: Pixels) -> None:
    assert gone_by_edges(attempt(original, original)) == pytest.approx(0, abs=1e-6)
    faded = (original // 2 + 60).astype(np.uint8)
    assert gone_by_edges(attempt(original, faded)) < 0.05


def test_a_plain_fill_and_other_stripes_are_gone(original: Pixels) -> None:
    plain = np.full_like(original, 120)
    assert gone_by_edges(attempt(original, plain)) == 1.0
    turned = original.transpose(1, 0, 2).copy()
    assert gone_by_edges(attempt(original, turned)) > 0.9


def test_a_hard_border_has_a_seam_and_a_plain_picture_has_none() -> None:
    allowed = np.zeros((64, 64), bool)
    allowed[20:44, 20:44] = True
    plain = np.full((64, 64, 3), 120, np.uint8)
    assert seam(plain, allowed) == 1.0
    pasted = plain.copy()
    pasted[allowed] = 200
    assert seam(pasted, allowed) > 10


def test_gates_come_before_the_seam() -> None:
    leaking = replace(GOOD, changed_outside=1, seam=0.5)
    visible = replace(GOOD, gone=0.2, seam=0.5)
    harmful = replace(GOOD, new_violation="blade", seam=0.5)
    smoother = replace(GOOD, seam=1.05)
    assert choose([leaking, visible, harmful, GOOD, smoother], 0.5) == 4
    assert choose([leaking, visible, harmful], 0.5) is None
    assert choose([GOOD, GOOD], 0.5) == 0
    assert choose([replace(GOOD, gone=None)], 0.5) == 0


def test_a_failure_says_why() -> None:
    assert failure(GOOD, 0.5) == ""
    assert failure(replace(GOOD, changed_outside=7), 0.5) == "7 pixels changed outside the ring"
    assert failure(replace(GOOD, gone=0.25), 0.5) == "violation still visible (gone 0.25, needed 0.5)"
    assert failure(replace(GOOD, new_violation="blade"), 0.5) == "the edit brought in a new blade"
