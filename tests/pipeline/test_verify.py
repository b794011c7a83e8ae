"""Which of several attempts is kept, and why another is not."""

from __future__ import annotations

from dataclasses import replace

from pipeline.config import VerifyConfig
from pipeline.verify import Scores, choose, failure

GOOD = Scores(
    gone=1.0,
    residual=False,
    seen_before=True,
    new_violation="",
    checker="edges",
    seam=1.1,
    naturalness=0.5,
    natural_by="grain",
    changed_share=0.1,
    changed_outside=0,
    outside_sha256="00",
    phash_distance=3,
)
GATES = VerifyConfig(gone=0.5, seam=2.0)


def test_gates_come_before_the_seam() -> None:
    leaking = replace(GOOD, changed_outside=1)
    visible = replace(GOOD, gone=0.2)
    harmful = replace(GOOD, new_violation="blade")
    seamed = replace(GOOD, seam=9.0, naturalness=0.1)
    assert choose([leaking, visible, harmful, seamed], GATES) == 3
    assert choose([leaking, visible, harmful], GATES) is None
    assert choose([replace(GOOD, gone=None)], GATES) == 0


def test_no_visible_seam_comes_before_naturalness() -> None:
    seamed = replace(GOOD, seam=2.1, naturalness=1.0)
    assert choose([seamed, GOOD], GATES) == 1
    assert choose([replace(GOOD, seam=1.9), replace(GOOD, naturalness=0.6)], GATES) == 1
    assert choose([seamed, replace(seamed, seam=2.05, naturalness=0.0)], GATES) == 1


def test_the_first_of_equals_is_kept() -> None:
    assert choose([GOOD, GOOD], GATES) == 0
    unscored = replace(GOOD, naturalness=None)
    assert choose([unscored, unscored], GATES) == 0


def test_a_failure_says_why() -> None:
    assert failure(GOOD, 0.5) == ""
    assert failure(replace(GOOD, changed_outside=7), 0.5) == "7 pixels changed outside the ring"
    assert failure(replace(GOOD, gone=0.25), 0.5) == "violation still visible (gone 0.25, needed 0.5)"
    assert failure(replace(GOOD, new_violation="blade"), 0.5) == "the edit brought in a new blade"
