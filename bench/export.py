"""Write a benchmark folder: `export_benchmark(out, ...)`.

The same rows give the same bytes: rows are sorted here, and nothing written depends on a clock, a
path or the machine. The folder appears whole or not at all (`bench.staging`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bench.coherence import check_edits, check_pictures, check_regions, check_verdicts, check_votes
from bench.layout import (
    BUILD_SPLIT,
    CARD,
    CROISSANT,
    POLICIES,
    SUMS,
    TableName,
    by_split,
    picture_path,
    policy_name,
    shard_path,
    table_columns,
)
from bench.policy import Policy, dump_policies
from bench.schema import ROLES, EditRow, ImageRow, RegionRow, RejectRow, Role, VerdictRow, VoteRow
from bench.staging import files_under, render_sums, sha256_file, staged_folder, write_text
from bench.tables import GROUP_BYTES, SHARD_BYTES, Row, batches, record, write_parquet

ROW_BYTES = 512  # a generous size for a row without pictures
Records = Sequence[Mapping[str, object]]
R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A picture without its bytes: enough to sort, name and shard it."""

    index: int  # place in the caller's sequence
    image_id: str
    pair_id: str
    role: Role
    split: str
    path: str
    size: int  # bytes of picture and mask


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes shards of one table and split below `folder`."""

    folder: Path
    policy_ids: tuple[str, ...]

    def write(
        self, table: TableName, split: str, sizes: Sequence[int], load: Callable[[range], Records]
    ) -> None:
        """Write rows whose sizes are known and whose contents `load` gives, a row group at a time."""
        columns = table_columns(table, self.policy_ids)
        parts = batches(sizes, SHARD_BYTES)
        for number, part in enumerate(parts):
            groups = [
                part[group.start : group.stop] for group in batches([sizes[i] for i in part], GROUP_BYTES)
            ]
            path = self.folder / shard_path(table, split, number, len(parts))
            write_parquet(path, columns, (load(group) for group in groups if len(group)))

    def write_rows(self, table: TableName, groups: Mapping[str, Sequence[R]]) -> None:
        for split, rows in groups.items():
            self.write(table, split, [ROW_BYTES] * len(rows), _slicer([record(row) for row in rows]))


def export_benchmark(
    out: Path,
    *,
    images: Sequence[ImageRow],
    verdicts: Sequence[VerdictRow],
    votes: Sequence[VoteRow],
    edits: Sequence[EditRow],
    rejects: Sequence[RejectRow],
    policies: Sequence[Policy],
    regions: Sequence[RegionRow] = (),
    readme: str,
    croissant: Callable[[Mapping[str, str]], str],
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write the benchmark folder `out`, replacing an older benchmark there.

    Args:
        images, regions: read several times and a row group at a time, so sequences that load rows on access
            work.
        readme: the finished card with its YAML front matter (`data_cards.render_data_card`).
        croissant: makes the text of croissant.json from the sha256 of every other file by relative path.
        progress: called with (pictures written, pictures to write).

    Raises:
        ExportError, ValueError: rows contradict each other or a picture is not lossless (the message names
            the offender); nothing was written.
        ForeignFolderError: `out` holds files that are no part of a benchmark.
    """
    entries = sorted((_entry(index, row) for index, row in enumerate(images)), key=_published_order)
    place = {entry.image_id: number for number, entry in enumerate(entries)}
    policies = sorted(
        policies, key=lambda policy: f"{policy.id.lower()}.yaml"
    )  # the order `load_policies` gives
    rank = {policy.id: number for number, policy in enumerate(policies)}
    check_pictures([(entry.image_id, entry.pair_id, entry.role, entry.split) for entry in entries])
    check_verdicts(verdicts, place, rank)
    check_votes(votes, place, rank)
    check_edits(edits, place)
    check_regions(regions, {entry.image_id for entry in entries if entry.role == "original"})
    verdicts = sorted(verdicts, key=lambda row: (place[row.image_id], rank[row.policy_id]))
    votes = sorted(
        votes, key=lambda row: (place[row.image_id], rank[row.policy_id], row.rater, row.lead_time)
    )
    edits = sorted(edits, key=lambda row: (row.pair_id, ROLES.index(row.role), row.attempt, row.seed))
    rejects = sorted(rejects, key=lambda row: (row.stage, row.item, row.reason))
    split_of = {key: entry.split for entry in entries for key in (entry.image_id, entry.pair_id)}
    splits = {entry.split for entry in entries}
    with staged_folder(out) as folder:
        writer = _Writer(folder, tuple(rank))
        _write_images(writer, images, by_split(entries, lambda entry: entry.split, splits), progress)
        writer.write_rows("verdicts", by_split(verdicts, lambda row: split_of[row.image_id], splits))
        writer.write_rows("votes", by_split(votes, lambda row: split_of[row.image_id], splits))
        writer.write_rows(
            "edits", by_split(edits, lambda row: split_of.get(row.pair_id, BUILD_SPLIT), splits)
        )
        _write_regions(writer, regions, place, split_of)
        writer.write_rows("rejects", {BUILD_SPLIT: rejects})
        _write_flat(writer, images, entries, verdicts, policies)
        dump_policies(policies, folder / POLICIES)
        write_text(folder / CARD, readme)
        write_text(folder / CROISSANT, croissant(_digests(folder)))
        write_text(folder / SUMS, render_sums(_digests(folder)))


def _entry(index: int, row: ImageRow) -> _Entry:
    path = picture_path(row.pair_id, row.role, row.image)
    size = len(row.image) + len(row.mask) + ROW_BYTES
    return _Entry(index, row.image_id, row.pair_id, row.role, row.split, path, size)


def _published_order(entry: _Entry) -> tuple[str, int, str]:
    return entry.pair_id, ROLES.index(entry.role), entry.image_id


def _write_images(
    writer: _Writer,
    images: Sequence[ImageRow],
    splits: Mapping[str, list[_Entry]],
    progress: Callable[[int, int], None] | None,
) -> None:
    done = 0
    for split, entries in splits.items():

        def load(part: range, entries: list[_Entry] = entries) -> Records:
            nonlocal done
            done += len(part)
            if progress is not None:
                progress(done, len(images))
            return [_image_record(images[entries[number].index], entries[number].path) for number in part]

        writer.write("images", split, [entry.size for entry in entries], load)


def _image_record(row: ImageRow, path: str) -> dict[str, object]:
    stem = path.rsplit(".", 1)[0]
    pictures = {"image": _picture(row.image, path), "mask": _picture(row.mask, f"{stem}_mask.png")}
    return {**record(row), **pictures}


def _write_regions(
    writer: _Writer, regions: Sequence[RegionRow], place: Mapping[str, int], split_of: Mapping[str, str]
) -> None:
    """In the pictures' order, then by number; the table is left out where no region is known."""
    known = [(row.image_id, row.number, len(row.mask), index) for index, row in enumerate(regions)]
    known.sort(key=lambda one: (place[one[0]], one[1]))
    for split, rows in by_split(known, lambda one: split_of[one[0]], ()).items():

        def load(part: range, rows: list[tuple[str, int, int, int]] = rows) -> Records:
            return [_region_record(regions[rows[number][-1]]) for number in part]

        writer.write("regions", split, [size + ROW_BYTES for _, _, size, _ in rows], load)


def _region_record(row: RegionRow) -> dict[str, object]:
    path = f"{row.pair_id}_region_{row.number}.png"
    return {**record(row), "mask": _picture(row.mask, path)}


def _picture(image: bytes, path: str) -> dict[str, object]:
    return {"bytes": image, "path": path}


def _write_flat(
    writer: _Writer,
    images: Sequence[ImageRow],
    entries: Sequence[_Entry],
    verdicts: Sequence[VerdictRow],
    policies: Sequence[Policy],
) -> None:
    """One row a filled cell, as published; cells without a label are left out, as published."""
    texts = {policy.id: policy.text() for policy in policies}
    by_id = {entry.image_id: entry for entry in entries}
    filled = [row for row in verdicts if row.safety_label is not None]
    splits = {entry.split for entry in entries}
    for split, rows in by_split(filled, lambda row: by_id[row.image_id].split, splits).items():

        def load(part: range, rows: list[VerdictRow] = rows) -> Records:
            pictures = {i: images[by_id[i].index].image for i in {rows[n].image_id for n in part}}
            return [
                _flat_record(pictures[rows[n].image_id], by_id[rows[n].image_id], rows[n], texts)
                for n in part
            ]

        writer.write("flat", split, [by_id[row.image_id].size for row in rows], load)


def _flat_record(image: bytes, entry: _Entry, row: VerdictRow, texts: Mapping[str, str]) -> dict[str, object]:
    return {
        "image": _picture(image, entry.path),
        "image_path": entry.path,
        "safety_label": row.safety_label,
        "policy_name": policy_name(row.policy_id),
        "policy": texts[row.policy_id],
    }


def _slicer(records: Records) -> Callable[[range], Records]:
    return lambda part: records[part.start : part.stop]


def _digests(folder: Path) -> dict[str, str]:
    return {name: sha256_file(folder / name) for name in files_under(folder)}
