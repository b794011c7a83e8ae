"""SafeEditBench (arXiv 2603.01228): a copy of huggingface.co/datasets/tyodd/SafeEditBench.

Either `data/test-*.parquet` with the columns image, image_path, safety_label (safe, unsafe), policy_name
(Policy L1 .. Policy L5) and policy, or `test.jsonl` with image_path, safety_label and policy_name beside
the pictures. The lines of `test.jsonl` do not spell the policies out: put the texts of the gated column
into `policies/L1.txt` .. `policies/L5.txt`. Of the 640 cells of 128 pictures 601 are published; the others
are not asked. `x.jpg` is an original and `x_edited.jpg` its edit; four pictures have no partner.
The official score is in `bench.official`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from bench.evaluation_set import TextPolicy
from bench.published.base import PublishedRow, PublishedSet, policy_file
from bench.published.pictures import find_picture
from bench.published.tables import Record, of_splits, read_records, split_of
from bench.schema import Role

NAME = "SafeEditBench"
COLUMNS = ("image_path", "safety_label", "policy_name")
FOLDERS = ("", "test_images", "images")
POLICY_NAMES = tuple(f"Policy L{level}" for level in range(1, 6))  # the published order of the class label
EDITED = "_edited"


def read(root: Path, files: Sequence[Path]) -> PublishedSet:
    """The split `test`, or what else there is. PublishedError names the row that cannot be read."""
    tables = of_splits(files, ["test"])
    records = [record for file in tables for record in read_records(file)]
    _check_names(records)
    rows = [_row(root, record) for record in records]
    return PublishedSet(f"{NAME} {split_of(tables[0])}", root, tables, rows, "human")


def _check_names(records: Sequence[Record]) -> None:
    """A picture is known by its name without folder and suffix, so two must not share that."""
    paths: dict[str, str] = {}
    for record in records:
        path = record.text("image_path")
        first = paths.setdefault(PurePosixPath(path).stem, path)
        if first != path:
            raise record.error(f"{path} and {first} have one name; rename one")


def _row(root: Path, record: Record) -> PublishedRow:
    path = record.text("image_path")
    image_id = PurePosixPath(path).stem
    role: Role = "edited" if image_id.endswith(EDITED) else "original"
    return PublishedRow(
        image_id=image_id,
        pair_id=image_id.removesuffix(EDITED),
        role=role,
        policy=_policy(root, record),
        label=record.label("safety_label"),
        picture=record.pictures.get("image") or find_picture(root, path, FOLDERS),
        split=split_of(record.file),
    )


def _policy(root: Path, record: Record) -> TextPolicy:
    name = record.text("policy_name")
    if name.isdigit() and int(name) < len(POLICY_NAMES):  # the class label without its names
        name = POLICY_NAMES[int(name)]
    policy_id = name.removeprefix("Policy ")
    words = record.optional("policy") or policy_file(root, policy_id)
    if not words:
        raise record.error(
            f"the text of {name} is neither in a column policy nor in policies/{policy_id}.txt; put it there"
        )
    return TextPolicy(policy_id, name, words)
