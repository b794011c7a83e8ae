"""A small, fully known benchmark made of coloured pictures: rows, and a folder written from them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.export import export_benchmark
from bench.outside import changed_outside, outside_sha256
from bench.policy import Policy, load_policies
from bench.schema import EditRow, ImageRow, Label, RegionRow, RejectRow, Role, VerdictRow, VoteRow

SIZE = 48
CARD = """---
pretty_name: Sample benchmark
configs:
{configs}
---
# Sample benchmark
"""
CONFIGS = "\n".join(
    f"- config_name: {name}\n  data_files:\n  - split: test\n    path: {name}/test-*.parquet"
    for name in ("images", "verdicts", "votes", "edits", "flat")
)


@dataclass(frozen=True, slots=True)
class Sample:
    images: tuple[ImageRow, ...]
    verdicts: tuple[VerdictRow, ...]
    votes: tuple[VoteRow, ...]
    edits: tuple[EditRow, ...]
    rejects: tuple[RejectRow, ...]
    policies: tuple[Policy, ...]
    regions: tuple[RegionRow, ...] = ()

    def export(self, out: Path) -> Path:
        export_benchmark(
            out,
            images=self.images,
            verdicts=self.verdicts,
            votes=self.votes,
            edits=self.edits,
            rejects=self.rejects,
            policies=self.policies,
            regions=self.regions,
            readme=CARD.format(configs=CONFIGS),
            croissant=list_files,
        )
        return out


def list_files(files: Mapping[str, str]) -> str:
    return "".join(f"{name} {digest}\n" for name, digest in files.items())


def png(pixels: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def sample(pairs: int = 3) -> Sample:
    """`pairs` pairs; the last one has no control. Originals are unsafe from L2 on, controls too."""
    policies = load_policies()
    images: list[ImageRow] = []
    edits: list[EditRow] = []
    for number in range(pairs):
        rows, made = _pair(number, with_control=number < pairs - 1)
        images += rows
        edits += made
    verdicts = [_verdict(row, policy) for row in images for policy in policies]
    votes = [_vote(row, rater) for row in verdicts[:5] for rater in ("r-aaaaaa", "r-bbbbbb", "r-cccccc")]
    rejects = (RejectRow("broken.jpg", "ingest", "not an image"), RejectRow("p999", "verify", "seam 3.1 > 2"))
    return Sample(tuple(images), tuple(verdicts), tuple(votes), tuple(edits), rejects, policies)


def _pair(number: int, with_control: bool) -> tuple[list[ImageRow], list[EditRow]]:
    pixels = np.random.default_rng(number).integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)
    violation, harmless = _square(10, 22), _square(30, 40)
    original = _image(number, "original", pixels, _square(12, 20))
    rows, edits = [original], []
    regions: list[tuple[Role, NDArray[np.bool_]]] = [("edited", violation), ("control", harmless)]
    for role, allowed in regions[: 2 if with_control else 1]:
        after = np.where(allowed[..., None], np.uint8(number), pixels)
        row = _image(number, role, after, allowed)
        rows.append(row)
        edits.append(_edit(original, row, pixels, after, allowed))
    return rows, edits


def _square(start: int, stop: int) -> NDArray[np.bool_]:
    mask = np.zeros((SIZE, SIZE), dtype=np.bool_)
    mask[start:stop, start:stop] = True
    return mask


def _image(number: int, role: Role, pixels: NDArray[np.uint8], mask: NDArray[np.bool_]) -> ImageRow:
    data = png(pixels)
    digest = hashlib.sha256(data).hexdigest()
    shown = role != "edited"
    return ImageRow(
        image=data,
        mask=png(mask.astype(np.uint8) * np.uint8(255)),
        image_id=digest[:16],
        pair_id=f"p{number:03d}",
        role=role,
        concepts=("firearm",) if shown else (),
        contexts=(("toy_or_cartoon", "news"),) if shown else (),
        split="test",
        source="scenes",
        licence="Apache-2.0",
        synthetic=True,
        width=SIZE,
        height=SIZE,
        sha256=digest,
        phash="00ff00ff00ff00ff",
    )


def _edit(
    original: ImageRow,
    row: ImageRow,
    before: NDArray[np.uint8],
    after: NDArray[np.uint8],
    allowed: NDArray[np.bool_],
) -> EditRow:
    ys, xs = np.nonzero(allowed)
    return EditRow(
        pair_id=row.pair_id,
        role=row.role,
        original_id=original.image_id,
        image_id=row.image_id,
        attempt=0,
        chosen=True,
        seed=7,
        editor="fill",
        editor_digest="e" * 64,
        prompt="a plain wall",
        negative_prompt="a gun",
        instruction="replace",
        concepts=("firearm",),
        localizer="truth",
        detector_score=1.0,
        box=(int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1),
        area_share=float(allowed.mean()),
        ring_px=2,
        gone=0.98,
        new_violation="",
        seam=1.1,
        changed_share=float((before != after).any(axis=2).mean()),
        changed_outside=changed_outside(before, after, allowed),
        outside_sha256=outside_sha256(after, allowed),
        phash_distance=4,
    )


def _verdict(row: ImageRow, policy: Policy) -> VerdictRow:
    unsafe = row.role != "edited" and policy.id != "L1"
    label: Label = "unsafe" if unsafe else "safe"
    return VerdictRow(
        image_id=row.image_id,
        pair_id=row.pair_id,
        role=row.role,
        policy_id=policy.id,
        policy_digest=policy.digest,
        safety_label=label,
        rules=("R1",) if unsafe else (),
        posterior=1.0,
        votes=3,
        label_source="rule",
    )


def _vote(row: VerdictRow, rater: str) -> VoteRow:
    assert row.safety_label is not None
    rule = row.rules[0] if row.rules else ""
    answer = row.safety_label
    return VoteRow(
        row.image_id, row.policy_id, row.policy_digest, rater, answer, rule, None, True, 8.5, "simulated"
    )
