"""Recompute what a benchmark folder claims: `verify_benchmark(root)`.

Everything is checked from the published bytes: digests, picture ids, that no pixel outside an edit's
region changed, that an original's regions are its mask, that every (image, policy) cell is filled or has
a reason, that the policies are the ones the rows name, that the flat table agrees with the verdicts. A
defect is a line in `problems`; only a folder that cannot be read at all raises.
"""

from __future__ import annotations

import hashlib
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from bench.coherence import (
    ExportError,
    check_edits,
    check_pictures,
    check_regions,
    check_verdicts,
    check_votes,
)
from bench.dataset import Benchmark, ImageInfo, load_benchmark, read_table, shards
from bench.layout import SUMS, picture_path, policy_name, table_columns
from bench.outside import changed_outside, outside_sha256
from bench.region_check import region_problems
from bench.schema import EditRow, RegionRow
from bench.staging import files_under, read_sums, sha256_file
from bench.tables import from_table


@dataclass(frozen=True, slots=True)
class Findings:
    """What `verify_benchmark` counted and what it found wrong."""

    files: int  # files whose digest was checked
    images: int
    pairs: int  # originals with an edited counterpart
    controls: int  # originals with a sham edit
    checked: int  # edited pictures and controls compared with their original, pixel by pixel
    changed_outside: int  # pixels that changed outside the allowed region, over all of them
    cells: int  # images x policies
    filled: int  # cells with a label; the others have a reason
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class _Picture:
    """A decoded picture: HxWx3 uint8 RGB, and its mask: HxW, True inside."""

    pixels: NDArray[np.uint8]
    inside: NDArray[np.bool_]


def verify_benchmark(root: Path, progress: Callable[[int, int], None] | None = None) -> Findings:
    """Check the benchmark in `root`; `progress` is called with (pictures checked, pictures).

    Raises:
        BenchmarkError: the folder or one of its tables cannot be read.
    """
    bench = load_benchmark(root)
    sums = read_sums(root / SUMS)
    problems = [*_digest_problems(root, sums), *_row_problems(bench), *_cell_problems(bench)]
    problems += _flat_problems(bench)
    checked, changed = 0, 0
    edits = {edit.image_id: edit for edit in bench.edits if edit.chosen}
    regions: defaultdict[str, list[RegionRow]] = defaultdict(list)
    for row in bench.regions:
        regions[row.image_id].append(row)
    for done, pair in _pairs(bench):
        pictures, faults = _decoded(bench, pair)
        problems += faults
        if bench.regions and "original" in pictures:
            problems += region_problems(f"original {pair[0]}", regions[pair[0]], pictures["original"].inside)
        for image_id in (i for i in pair if bench.meta(i).role != "original"):
            count, faults = _edit_problems(bench.meta(image_id), pictures, pair, edits)
            problems += faults
            checked, changed = checked + 1, changed + count
        if progress is not None:
            progress(done, len(bench.image_ids))
    roles = Counter(bench.meta(image_id).role for image_id in bench.image_ids)
    return Findings(
        files=len(sums),
        images=len(bench.image_ids),
        pairs=roles["edited"],
        controls=roles["control"],
        checked=checked,
        changed_outside=changed,
        cells=len(bench.image_ids) * len(bench.policies),
        filled=sum(row.safety_label is not None for row in bench.verdicts),
        problems=tuple(problems),
    )


def _digest_problems(root: Path, sums: Mapping[str, str]) -> Iterator[str]:
    present = [name for name in files_under(root) if name != SUMS]
    for name in present:
        if name not in sums:
            yield f"{name}: not listed in {SUMS}"
        elif sha256_file(root / name) != sums[name]:
            yield f"{name}: its bytes differ from the digest in {SUMS}"
    for name in sorted(set(sums) - set(present)):
        yield f"{name}: listed in {SUMS} but missing"


def _row_problems(bench: Benchmark) -> Iterator[str]:
    """What the exporter would refuse."""
    images, policies = set(bench.image_ids), {policy.id for policy in bench.policies}
    metas = [bench.meta(image_id) for image_id in bench.image_ids]
    checks: tuple[Callable[[], None], ...] = (
        lambda: check_pictures([(m.image_id, m.pair_id, m.role, m.split) for m in metas]),
        lambda: check_verdicts(bench.verdicts, images, policies),
        lambda: check_votes(bench.votes, images, policies),
        lambda: check_edits(bench.edits, images),
        lambda: check_regions(bench.regions, {m.image_id for m in metas if m.role == "original"}),
    )
    for check in checks:
        try:
            check()
        except ExportError as error:
            yield str(error)


def _cell_problems(bench: Benchmark) -> Iterator[str]:
    digests = {policy.id: policy.digest for policy in bench.policies}
    have = {(row.image_id, row.policy_id) for row in bench.verdicts}
    for image_id in bench.image_ids:
        for policy_id in digests:
            if (image_id, policy_id) not in have:
                yield f"verdict {image_id} x {policy_id}: neither a label nor a reason"
    for what, rows in (("verdict", bench.verdicts), ("vote", bench.votes)):
        for row in rows:
            if digests.get(row.policy_id, row.policy_digest) != row.policy_digest:
                yield f"{what} {row.image_id} x {row.policy_id}: given under another text of the policy"


def _flat_problems(bench: Benchmark) -> Iterator[str]:
    """The flat table holds every filled cell, with the same label and the policy's text."""
    texts = {policy.id: policy.text() for policy in bench.policies}
    paths = {image_id: _path(bench, image_id) for image_id in bench.image_ids}
    expected: Counter[tuple[object, ...]] = Counter(
        (paths[row.image_id], row.safety_label, policy_name(row.policy_id), texts.get(row.policy_id, ""))
        for row in bench.verdicts
        if row.safety_label is not None and row.image_id in paths
    )
    columns = table_columns("flat", [policy.id for policy in bench.policies])[1:]
    found: Counter[tuple[object, ...]] = Counter()
    for file in shards(bench.root, "flat"):
        table = read_table(file, [column.name for column in columns])
        found.update(from_table(lambda **cell: tuple(cell.values()), columns, table))
    for path, label, policy, _ in sorted((expected - found).keys(), key=str):
        yield f"flat {path} x {policy}: no row with the verdict {label!r} and the policy's text"
    for row in sorted((found - expected).keys(), key=str):
        yield f"flat {row[0]} x {row[2]}: a row that no verdict backs"


def _path(bench: Benchmark, image_id: str) -> str:
    """The picture's path in the flat table, "" when its bytes are of no known format."""
    meta = bench.meta(image_id)
    try:
        return picture_path(meta.pair_id, meta.role, bench.image_bytes(image_id))
    except ValueError:
        return ""


def _pairs(bench: Benchmark) -> Iterator[tuple[int, list[str]]]:
    """(pictures so far, the image ids of a pair), pair by pair."""
    pairs: dict[str, list[str]] = {}
    for image_id in bench.image_ids:
        pairs.setdefault(bench.meta(image_id).pair_id, []).append(image_id)
    done = 0
    for pair in pairs.values():
        done += len(pair)
        yield done, pair


def _decoded(bench: Benchmark, pair: list[str]) -> tuple[dict[str, _Picture], list[str]]:
    """The readable pictures of a pair by role, and what is wrong with their bytes."""
    pictures: dict[str, _Picture] = {}
    problems: list[str] = []
    for meta in map(bench.meta, pair):
        problems += _byte_problems(meta, bench.image_bytes(meta.image_id))
        try:
            pictures[meta.role] = _decode(
                bench.image_bytes(meta.image_id), bench.mask_bytes(meta.image_id), meta
            )
        except (ValueError, UnidentifiedImageError, OSError) as error:
            problems.append(f"image {meta.image_id} ({meta.role} of {meta.pair_id}): {error}")
    if not {"original", "edited"} <= {bench.meta(image_id).role for image_id in pair}:
        problems.append(f"pair {bench.meta(pair[0]).pair_id}: lacks its original or its edited picture")
    return pictures, problems


def _byte_problems(meta: ImageInfo, image: bytes) -> Iterator[str]:
    digest = hashlib.sha256(image).hexdigest()
    if digest != meta.sha256:
        yield f"image {meta.image_id}: its bytes have the sha256 {digest}, the row says {meta.sha256}"
    if meta.image_id != digest[:16]:
        yield f"image {meta.image_id}: the id is not the first 16 hex of the sha256 {digest}"


def _decode(image: bytes, mask: bytes, meta: ImageInfo) -> _Picture:
    with Image.open(io.BytesIO(image)) as picture, Image.open(io.BytesIO(mask)) as region:
        if picture.size != (meta.width, meta.height) or region.size != picture.size:
            raise ValueError(
                f"picture {picture.size} and mask {region.size} should be {(meta.width, meta.height)}"
            )
        levels = np.asarray(region)
        if region.mode != "L" or not np.isin(levels, (0, 255)).all():
            raise ValueError(
                f"the mask must be 8-bit grey with levels 0 and 255 only, it has mode {region.mode}"
            )
        return _Picture(np.asarray(picture.convert("RGB")), levels == 255)


def _edit_problems(
    meta: ImageInfo, pictures: Mapping[str, _Picture], pair: list[str], edits: Mapping[str, EditRow]
) -> tuple[int, list[str]]:
    """Pixels changed outside the region of one edited picture or control, and what is wrong with it."""
    where = f"{meta.role} {meta.image_id} of {meta.pair_id}"
    if "original" not in pictures or meta.role not in pictures:
        return 0, [f"{where}: not compared, one of the two pictures is missing or unreadable"]
    before, after = pictures["original"], pictures[meta.role]
    if before.pixels.shape != after.pixels.shape:
        return 0, [f"{where}: {after.pixels.shape} is not the size of its original, {before.pixels.shape}"]
    changed = changed_outside(before.pixels, after.pixels, after.inside)
    problems = [f"{where}: {changed} pixels changed outside the region"] if changed else []
    edit = edits.get(meta.image_id)
    if edit is None:
        return changed, [*problems, f"{where}: no chosen row in the edits table"]
    digests = {outside_sha256(picture.pixels, after.inside) for picture in (before, after)}
    if digests != {edit.outside_sha256} or edit.changed_outside != changed:
        problems.append(
            f"{where}: the edits table records another outside digest or count than its pictures have"
        )
    if edit.original_id not in pair:
        problems.append(
            f"{where}: the edits table derives it from {edit.original_id}, which is not in the pair"
        )
    return changed, problems
