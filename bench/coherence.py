"""What rows must agree on before they are published; the same checks whether they were built or read."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence

from bench.schema import EditRow, RegionRow, Role, VerdictRow, VoteRow


class ExportError(ValueError):
    """The rows contradict each other, so they are not published."""


def check_pictures(pictures: Sequence[tuple[str, str, Role, str]]) -> None:
    """No picture twice, no role twice in a pair, no pair in two splits.

    `pictures` are (image_id, pair_id, role, split).

    Raises:
        ExportError: naming the offender and the remedy.
    """
    refuse_twice((image_id for image_id, *_ in pictures), "image", "drop the duplicate at ingest")
    refuse_twice(
        (f"{pair} {role}" for _, pair, role, _ in pictures), "picture", "a pair has one picture a role"
    )
    split_of: dict[str, str] = {}
    for _, pair, _, split in pictures:
        for name in (pair, split):
            if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
                raise ExportError(f"{name!r} cannot be a file name; use letters, digits, '.', '_' and '-'")
        if split_of.setdefault(pair, split) != split:
            raise ExportError(
                f"pair {pair!r} lies in {split_of[pair]!r} and {split!r}; split by pair, not by image"
            )


def check_verdicts(rows: Sequence[VerdictRow], images: Container[str], policies: Container[str]) -> None:
    """Each (image, policy) at most once, about known things, with either a label or a reason.

    Raises:
        ExportError: naming the cell and the remedy.
    """
    refuse_twice((f"{row.image_id} x {row.policy_id}" for row in rows), "verdict", "settle each cell once")
    for row in rows:
        check_known("verdict", row.image_id, row.policy_id, images, policies)
        if (row.safety_label is None) != bool(row.reason):
            raise ExportError(
                f"verdict {row.image_id} x {row.policy_id} has label {row.safety_label!r} and reason "
                f"{row.reason!r}; give exactly one of the two"
            )


def check_votes(rows: Iterable[VoteRow], images: Container[str], policies: Container[str]) -> None:
    """Votes are about exported images and policies, and raters are pseudonyms.

    Raises:
        ExportError: naming the vote and the remedy.
    """
    for row in rows:
        check_known("vote", row.image_id, row.policy_id, images, policies)
        if "@" in row.rater or " " in row.rater:
            raise ExportError(
                f"rater {row.rater!r} looks like a person; publish pseudonyms such as 'r-3f2a91'"
            )


def check_edits(rows: Iterable[EditRow], images: Container[str]) -> None:
    """Every chosen edit made an exported picture from an exported original.

    Raises:
        ExportError: naming the pair and the remedy.
    """
    for row in rows:
        if row.chosen and not (row.image_id in images and row.original_id in images):
            raise ExportError(
                f"pair {row.pair_id} chose the {row.role} {row.image_id!r} of {row.original_id!r}, which are "
                "not both exported; export the pair whole or clear `chosen`"
            )


def check_regions(rows: Iterable[RegionRow], originals: Container[str]) -> None:
    """Every region lies in an exported original, and none is there twice.

    Raises:
        ExportError: naming the region and the remedy.
    """
    names = []
    for row in rows:
        if row.image_id not in originals:
            raise ExportError(
                f"region {row.number} is of {row.image_id!r}, which is no exported original; leave it out"
            )
        names.append(f"{row.number} of {row.image_id}")
    refuse_twice(names, "region", "number an original's regions 0, 1, 2, ...")


def check_known(
    what: str, image_id: str, policy_id: str, images: Container[str], policies: Container[str]
) -> None:
    if image_id not in images:
        raise ExportError(f"a {what} names the image {image_id!r}, which is not exported; leave it out")
    if policy_id not in policies:
        raise ExportError(f"a {what} names the policy {policy_id!r}, which is not exported; leave it out")


def refuse_twice(names: Iterable[str], what: str, remedy: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ExportError(f"{what} {name} occurs twice; {remedy}")
        seen.add(name)
