"""`verify_benchmark` recomputes the claims and names each defect."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from bench.check import verify_benchmark
from bench.coherence import ExportError
from bench.dataset import load_benchmark
from bench.layout import SUMS
from bench.outside import changed_outside, outside_sha256
from bench.schema import ImageRow, RegionRow
from bench.staging import files_under, render_sums, sha256_file, write_text
from tests.bench.sample import Sample, png, sample


def test_a_sound_benchmark_has_no_problem(tmp_path: Path) -> None:
    findings = verify_benchmark(sample(3).export(tmp_path / "bench"))
    assert findings.problems == ()
    assert findings.ok
    assert (findings.images, findings.pairs, findings.controls, findings.checked) == (8, 3, 2, 5)
    assert (findings.cells, findings.filled, findings.changed_outside) == (40, 40, 0)


def test_a_cell_with_a_reason_is_sound_but_not_filled(tmp_path: Path) -> None:
    rows = sample(2)
    empty = replace(
        rows.verdicts[3], safety_label=None, rules=(), posterior=None, reason="all raters skipped"
    )
    verdicts = (*rows.verdicts[:3], empty, *rows.verdicts[4:])
    findings = verify_benchmark(replace(rows, verdicts=verdicts).export(tmp_path / "bench"))
    assert findings.ok
    assert (findings.cells, findings.filled) == (25, 24)


def repaint(rows: Sample, x: int, y: int) -> Sample:
    """Change one pixel of the first edited picture, and follow the change through every table."""
    old = rows.images[1]
    pixels = np.asarray(Image.open(io.BytesIO(old.image))).copy()
    pixels[y, x] ^= 1
    return renamed(rows, old, png(pixels))


def renamed(rows: Sample, old: ImageRow, image: bytes) -> Sample:
    digest = hashlib.sha256(image).hexdigest()
    new = replace(old, image=image, image_id=digest[:16], sha256=digest)
    return replace(
        rows,
        images=tuple(new if row is old else row for row in rows.images),
        verdicts=tuple(
            replace(row, image_id=new.image_id) if row.image_id == old.image_id else row
            for row in rows.verdicts
        ),
        edits=tuple(
            replace(row, image_id=new.image_id) if row.image_id == old.image_id else row for row in rows.edits
        ),
    )


def test_one_pixel_outside_the_region_is_found(tmp_path: Path) -> None:
    findings = verify_benchmark(replace(repaint(sample(2), 0, 0), votes=()).export(tmp_path / "bench"))
    assert findings.changed_outside == 1
    assert any("1 pixels changed outside the region" in problem for problem in findings.problems)
    assert any("another outside digest" in problem for problem in findings.problems)


def test_a_pixel_inside_the_region_is_allowed(tmp_path: Path) -> None:
    assert verify_benchmark(replace(repaint(sample(2), 15, 15), votes=()).export(tmp_path / "bench")).ok


def test_a_changed_byte_is_found(tmp_path: Path) -> None:
    out = sample(2).export(tmp_path / "bench")
    (out / "README.md").write_text((out / "README.md").read_text() + " ")
    (out / "policies" / "l1.txt").unlink()
    (out / "extra.bin").write_bytes(b"x")
    assert verify_benchmark(out).problems == (
        "README.md: its bytes differ from the digest in SHA256SUMS",
        "extra.bin: not listed in SHA256SUMS",
        "policies/l1.txt: listed in SHA256SUMS but missing",
    )


def missing_cell(rows: Sample) -> Sample:
    return replace(rows, verdicts=rows.verdicts[1:])


def other_policy_text(rows: Sample) -> Sample:
    return replace(rows, verdicts=(replace(rows.verdicts[0], policy_digest="0" * 64), *rows.verdicts[1:]))


def wrong_id(rows: Sample) -> Sample:
    return renamed_only(rows, "f" * 16)


def renamed_only(rows: Sample, image_id: str) -> Sample:
    old = rows.images[3].image_id
    return replace(
        rows,
        images=tuple(replace(r, image_id=image_id) if r.image_id == old else r for r in rows.images),
        verdicts=tuple(replace(r, image_id=image_id) if r.image_id == old else r for r in rows.verdicts),
        edits=tuple(replace(r, original_id=image_id) if r.original_id == old else r for r in rows.edits),
    )


def grey_mask(rows: Sample) -> Sample:
    mask = png(np.full((48, 48), 7, dtype=np.uint8))
    return replace(rows, images=(replace(rows.images[0], mask=mask), *rows.images[1:]))


def unreadable(rows: Sample) -> Sample:
    return replace(renamed(rows, rows.images[0], b"\x89PNG\r\n\x1a\nnonsense"), votes=(), edits=())


def no_edit_row(rows: Sample) -> Sample:
    return replace(rows, edits=())


def no_counterpart(rows: Sample) -> Sample:
    last = rows.images[-1]
    return replace(
        rows,
        images=rows.images[:-1],
        verdicts=tuple(row for row in rows.verdicts if row.image_id != last.image_id),
        edits=tuple(row for row in rows.edits if row.image_id != last.image_id),
    )


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (missing_cell, "neither a label nor a reason"),
        (other_policy_text, "given under another text of the policy"),
        (wrong_id, "the id is not the first 16 hex"),
        (grey_mask, "levels 0 and 255 only"),
        (unreadable, "(original of p000): Truncated File Read"),
        (no_edit_row, "no chosen row in the edits table"),
        (no_counterpart, "pair p001: lacks its original or its edited picture"),
    ],
)
def test_each_defect_is_named(spoil: Callable[[Sample], Sample], message: str, tmp_path: Path) -> None:
    findings = verify_benchmark(spoil(sample(2)).export(tmp_path / "bench"))
    assert any(message in problem for problem in findings.problems), findings.problems


def test_a_flat_table_of_another_build_is_found(tmp_path: Path) -> None:
    out = sample(2).export(tmp_path / "bench")
    other = replace(sample(2), verdicts=tuple(replace(r, safety_label="safe") for r in sample(2).verdicts))
    (other.export(tmp_path / "other") / "flat").rename(tmp_path / "flat")
    for file in (out / "flat").iterdir():
        file.write_bytes((tmp_path / "flat" / file.name).read_bytes())
    problems = verify_benchmark(out).problems
    assert any("flat p000.png x Policy L2: no row with the verdict 'unsafe'" in p for p in problems)
    assert any("flat p000.png x Policy L2: a row that no verdict backs" in p for p in problems)


def test_verify_reports_progress(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    verify_benchmark(sample(2).export(tmp_path / "b"), lambda done, total: seen.append((done, total)))
    assert seen == [(3, 5), (5, 5)]


def test_the_outside_digest_agrees_with_a_pixel_by_pixel_account() -> None:
    before = np.random.default_rng(1).integers(0, 256, (5, 4, 3), dtype=np.uint8)
    allowed = np.zeros((5, 4), dtype=np.bool_)
    allowed[1:3, 1:3] = True
    after = before.copy()
    after[2, 2] += 1
    assert changed_outside(before, after, allowed) == 0
    assert outside_sha256(before, allowed) == outside_sha256(after, allowed)
    after[4, 3, 1] += 1
    assert changed_outside(before, after, allowed) == 1
    kept = b"".join(bytes(before[y, x].tolist()) for y in range(5) for x in range(4) if not allowed[y, x])
    bits = "".join("01"[int(flag)] for row in allowed for flag in row).ljust(24, "0")
    packed = int(bits, 2).to_bytes(3, "big")
    assert outside_sha256(before, allowed) == hashlib.sha256(b"5x4\n" + packed + kept).hexdigest()


def test_a_mask_of_another_size_is_named() -> None:
    with pytest.raises(ValueError, match=r"shape \(2, 2, 3\) does not fit a mask of shape \(3, 2\)"):
        outside_sha256(np.zeros((2, 2, 3), np.uint8), np.zeros((3, 2), np.bool_))


def test_loading_does_not_check_digests(tmp_path: Path) -> None:
    out = sample(2).export(tmp_path / "bench")
    (out / "README.md").write_text("no front matter")
    assert load_benchmark(out).title == "bench"


def with_regions(rows: Sample, **changes: object) -> Sample:
    """Two regions in every original, the halves of its mask; the first of all has `changes`."""
    found = []
    for image in rows.images:
        if image.role != "original":
            continue
        for number, columns in enumerate((slice(12, 16), slice(16, 20))):
            half = np.zeros((48, 48), np.uint8)
            half[12:20, columns] = 255
            box = (columns.start, 12, columns.stop, 20)
            found.append(
                RegionRow(
                    png(half),
                    image.image_id,
                    image.pair_id,
                    number,
                    "firearm",
                    (),
                    "truth",
                    1.0,
                    box,
                    32 / 48**2,
                )
            )
    return replace(rows, regions=(replace(found[0], **changes), *found[1:]))


def test_regions_that_make_up_the_mask_are_sound(tmp_path: Path) -> None:
    out = with_regions(sample(2)).export(tmp_path / "bench")
    assert verify_benchmark(out).problems == ()
    assert [(row.number, row.box) for row in load_benchmark(out).regions[:2]] == [
        (0, (12, 12, 16, 20)),
        (1, (16, 12, 20, 20)),
    ]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"mask": png(np.zeros((48, 48), np.uint8))},
            "its regions together differ from its mask in 32 pixels",
        ),
        ({"mask": png(np.zeros((40, 48), np.uint8))}, r"region 0: its mask must be \(48, 48\)"),
        ({"mask": b"no picture"}, "region 0: cannot identify image file"),
        ({"box": (0, 0, 5, 5)}, r"its box or area is not that of its mask, \(12, 12, 16, 20\)"),
        ({"area_share": 0.5}, "its box or area is not that of its mask"),
    ],
)
def test_a_region_that_contradicts_the_mask_is_found(
    changes: dict[str, object], problem: str, tmp_path: Path
) -> None:
    problems = verify_benchmark(with_regions(sample(2), **changes).export(tmp_path / "bench")).problems
    assert any(re.search(problem, one) for one in problems), problems


def test_an_original_without_regions_is_found_where_others_have_them(tmp_path: Path) -> None:
    rows = with_regions(sample(2))
    rows = replace(rows, regions=rows.regions[:2])
    problems = verify_benchmark(rows.export(tmp_path / "bench")).problems
    assert [one.split(": ")[1] for one in problems] == ["no row in the regions table"]


def test_a_region_of_no_original_is_not_published(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="region 0 is of 'feed', which is no exported original"):
        with_regions(sample(2), image_id="feed").export(tmp_path / "bench")
    with pytest.raises(ExportError, match=r"region 1 of .* occurs twice"):
        with_regions(sample(2), number=1).export(tmp_path / "bench")


YOUNGER = ("checker", "residual", "seen_before", "naturalness", "natural_by", "reason")


def test_a_benchmark_from_before_the_younger_columns_loads_and_verifies(tmp_path: Path) -> None:
    out = sample(2).export(tmp_path / "bench")
    for file in (out / "edits").glob("*.parquet"):
        pq.write_table(pq.read_table(file).drop_columns(YOUNGER), file)
    write_text(out / SUMS, render_sums({n: sha256_file(out / n) for n in files_under(out) if n != SUMS}))
    assert verify_benchmark(out).problems == ()
    bench = load_benchmark(out)
    assert bench.regions == ()
    assert {
        (row.checker, row.residual, row.naturalness, row.natural_by, row.reason) for row in bench.edits
    } == {("none", None, None, "none", "")}
