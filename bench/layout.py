"""Names inside a benchmark folder, and which rows lie in which split."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, TypeVar

from bench.schema import LABELS, EditRow, ImageRow, RegionRow, RejectRow, Role, VerdictRow, VoteRow
from bench.tables import Column, columns_of, image_column, label_column, text_column

SUMS = "SHA256SUMS"
CARD = "README.md"
CROISSANT = "croissant.json"
POLICIES = "policies"
BUILD_SPLIT = "build"  # rows that describe the build and belong to no published pair

TableName = Literal["images", "verdicts", "votes", "edits", "regions", "rejects", "flat"]
TABLE_ROWS: Mapping[TableName, type] = {
    "images": ImageRow,
    "verdicts": VerdictRow,
    "votes": VoteRow,
    "edits": EditRow,
    "regions": RegionRow,
    "rejects": RejectRow,
}

T = TypeVar("T")


def table_columns(table: TableName, policy_ids: Sequence[str]) -> tuple[Column, ...]:
    """The columns of a published table; `flat` has the five of the published SafeEditBench, in its order."""
    if table != "flat":
        return columns_of(TABLE_ROWS[table])
    return (
        image_column("image", repeats=True),
        text_column("image_path"),
        label_column("safety_label", LABELS),
        label_column("policy_name", [policy_name(policy_id) for policy_id in policy_ids]),
        text_column("policy"),
    )


def policy_name(policy_id: str) -> str:
    """A policy's name in the flat table, as published: "Policy L1"."""
    return f"Policy {policy_id}"


def picture_path(pair_id: str, role: Role, image: bytes) -> str:
    """The file name a picture carries, in the published manner: `x.png`, `x_edited.png`.

    Raises:
        ValueError: `image` is neither PNG nor WebP.
    """
    suffix = "" if role == "original" else f"_{role}"
    if image.startswith(b"\x89PNG\r\n"):
        return f"{pair_id}{suffix}.png"
    if image[:4] == b"RIFF" and image[8:12] == b"WEBP":
        return f"{pair_id}{suffix}.webp"
    raise ValueError(f"the {role} of pair {pair_id} is neither PNG nor WebP; store pictures lossless first")


def shard_path(table: TableName, split: str, shard: int, shards: int) -> str:
    """A shard's place in the folder, in the Hub's naming."""
    return f"{table}/{split}-{shard:05d}-of-{shards:05d}.parquet"


def by_split(rows: Iterable[T], split_of: Callable[[T], str], splits: Iterable[str]) -> dict[str, list[T]]:
    """Rows by split, sorted by split name; each of `splits` is there even when it has no row."""
    groups: dict[str, list[T]] = {split: [] for split in splits}
    for row in rows:
        groups.setdefault(split_of(row), []).append(row)
    return {split: groups[split] for split in sorted(groups)}
