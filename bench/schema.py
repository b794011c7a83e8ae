"""Rows of a benchmark and their Arrow schemas: the one place that names a column.

Each row is a frozen dataclass; `arrow_schema` gives the table a list of such rows is written as.
Columns hold nothing that differs between two runs of the same build (no clock times, no paths), so
that the same inputs give the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["original", "edited", "control"]
Label = Literal["safe", "unsafe"]
LabelSource = Literal["human", "simulated", "rule"]
Answer = Literal["safe", "unsafe", "unsure", "skipped"]
Instruction = Literal["replace", "remove", "written"]  # the last by a model

ROLES: tuple[Role, ...] = ("original", "edited", "control")
LABELS: tuple[Label, ...] = ("safe", "unsafe")  # the order is the ClassLabel order: safe = 0, unsafe = 1


@dataclass(frozen=True, slots=True)
class ImageRow:
    """One picture of a pair.

    `image` and `mask` are encoded bytes: lossless PNG or WebP, and an 8-bit greyscale PNG of the same
    size that is 255 on the region. The mask of an `original` is the violating region, of an `edited`
    the same region (what was replaced), of a `control` the harmless region that was sham-edited.
    `concepts[i]` is shown in the contexts `contexts[i]`. `synthetic` marks drawn scenes.
    """

    image: bytes
    mask: bytes
    image_id: str  # first 16 hex of the sha256 of `image`
    pair_id: str
    role: Role
    concepts: tuple[str, ...]
    contexts: tuple[tuple[str, ...], ...]
    split: str
    source: str
    licence: str
    synthetic: bool
    width: int
    height: int
    sha256: str
    phash: str  # 64-bit perceptual hash, 16 hex


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """The settled label of one (image, policy) cell, or the reason why it has none.

    `safety_label` is None exactly when `reason` is not empty. `posterior` is the probability of the
    given label in [0, 1] (1.0 for rule labels). `votes` counts the answers behind it. `rules` are the
    violated rules' ids, in policy order.
    """

    image_id: str
    pair_id: str
    role: Role
    policy_id: str
    policy_digest: str
    safety_label: Label | None
    rules: tuple[str, ...]
    posterior: float | None
    votes: int
    label_source: LabelSource
    reason: str = ""


@dataclass(frozen=True, slots=True)
class VoteRow:
    """One rater's answer to one (image, policy) question. `rater` is a pseudonym such as `r-3f2a91`."""

    image_id: str
    policy_id: str
    policy_digest: str
    rater: str
    answer: Answer
    rule: str  # the rule the rater named, or ""
    looks_natural: bool | None  # asked of every image, None where not answered
    revealed: bool  # the veil was lifted before the answer
    lead_time: float  # seconds from opening the task to submitting it
    label_source: LabelSource


@dataclass(frozen=True, slots=True)
class RegionRow:
    """One violating region of an original, as its localizer found it.

    `mask` is encoded as in `ImageRow`; the masks of an original's regions together are the original's mask.
    A truth mask that was given for several things at once stands in the row of each of them.
    """

    mask: bytes
    image_id: str  # of the original
    pair_id: str
    number: int  # 0 for the localizer's best
    concept: str
    contexts: tuple[str, ...]
    localizer: str
    detector_score: float
    box: tuple[int, int, int, int]  # x0, y0, x1, y1 of the mask, in pixels
    area_share: float


@dataclass(frozen=True, slots=True)
class EditRow:
    """Provenance and scores of one edit attempt; the attempt that was kept has `chosen`.

    Attempts at a picture that came to no pair are rows too. Fields with a default are younger than the table:
    a benchmark written before them reads as if they were not asked.

    Scores: `gone` in [0, 1], 1 when the independent check finds no violation left, None where it was not
    asked (controls keep theirs); `residual` whether that check still finds it at its own threshold, and
    `seen_before` whether it found it in the original (where not, its silence proves nothing);
    `new_violation` what a checking detector finds in the region that the original did not have there, or "";
    `seam` the jump across the ring relative to random rings of the same image (1.0 = no seam);
    `naturalness` how like its surroundings the fill is (1.0 = like them) in the eyes of `natural_by`;
    `changed_share` and `area_share` shares of the image's pixels; `changed_outside` pixels outside the
    dilated region that differ from the original (must be 0); `phash_distance` in bits of 64.
    """

    pair_id: str
    role: Role
    original_id: str
    image_id: str  # "" for an attempt that was not kept
    attempt: int
    chosen: bool
    seed: int
    editor: str
    editor_digest: str
    prompt: str
    negative_prompt: str  # what must not come back; used by editors that take one
    instruction: Instruction  # how the prompt came about
    concepts: tuple[str, ...]
    localizer: str
    detector_score: float
    box: tuple[int, int, int, int]  # x0, y0, x1, y1 of the dilated region, in pixels
    area_share: float
    ring_px: int
    gone: float | None
    new_violation: str
    seam: float
    changed_share: float
    changed_outside: int
    outside_sha256: str
    phash_distance: int
    checker: str = "none"  # who asked whether the violation is gone: `edges`, or a detector's name
    residual: bool | None = None
    seen_before: bool | None = None
    naturalness: float | None = None
    natural_by: str = "none"  # `grain`, or a vision backbone's name
    reason: str = ""  # why it could not be kept; "" for what passed, of which the best is `chosen`


@dataclass(frozen=True, slots=True)
class RejectRow:
    """An input or pair that did not make it, and why: one line of the funnel."""

    item: str  # file name or pair id, never a full path
    stage: str
    reason: str
