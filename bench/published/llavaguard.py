"""LlavaGuard (arXiv 2406.05113): a copy of huggingface.co/datasets/AIML-TUDA/LlavaGuard.

Three forms are read: `test.csv` (id, url, rating, category, policy, ...) as on the Hub, with the pictures
that the urls name downloaded into `images/` under the last part of their url or under the picture's id;
Parquet with these columns and a column image; and `test.json` as LlavaGuard's own build writes it (id,
image, conversations: the policy, then the assessment as JSON).

Every row has its own policy text. Which change of the default policy it is stands at the end of the row's
id (llavaguard/taxonomy/augmentation.py): `_v2` permits the category the picture violates and turns the
rating to safe, `_v4` forbids it more widely and turns it to unsafe, `_v3_a` .. `_v3_c` and `_v5` change
other categories. These names are our policy ids, `default` for none, so that every table has one column
for each kind of change while each picture is asked under its own text.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from bench.evaluation_set import TextPolicy
from bench.published.base import PublishedRow, PublishedSet
from bench.published.llavaguard_figures import DEFAULT, own_scores
from bench.published.pictures import InFile, Nowhere, Place, find_picture
from bench.published.tables import Record, of_splits, read_records, split_of

NAME = "LlavaGuard"
COLUMNS = ("id", "rating", "category", "policy")
JSON_COLUMNS = ("id", "image", "conversations")
FOLDERS = ("images", "")
VARIANT = re.compile(r"_(v\d+(?:_[a-z])?)$")
FIRST = re.compile(r"^O1:", re.MULTILINE)  # where the instruction ends and the policy begins
STEPS = "Assessment Steps:"  # where the policy ends and the form of the answer begins
IMAGE = "<image>"


def read(root: Path, files: Sequence[Path]) -> PublishedSet:
    """The split `test`, or what else there is. PublishedError names the row that cannot be read."""
    tables = of_splits(files, ["test"])
    times: Counter[tuple[str, str]] = Counter()
    rows = [_row(root, _flat(record), times) for file in tables for record in read_records(file)]
    return PublishedSet(f"{NAME} {split_of(tables[0])}", root, tables, rows, "human", own_scores)


def _flat(record: Record) -> Record:
    """A row of LlavaGuard's own JSON with the columns of its CSV."""
    turns = record.values.get("conversations")
    if turns is None:
        return record
    try:
        policy, assessment = (str(turn["value"]) for turn in turns) if isinstance(turns, list) else ("", "")
        answer = json.loads(assessment)
        told = {"policy": policy, "rating": answer["rating"], "category": answer["category"]}
    except (KeyError, TypeError, ValueError) as error:
        raise record.error(
            "conversations holds no policy followed by an assessment with rating and category"
        ) from error
    return Record(record.file, record.number, {**record.values, **told}, record.pictures)


def _row(root: Path, record: Record, times: Counter[tuple[str, str]]) -> PublishedRow:
    row_id = record.text("id")
    found = VARIANT.search(row_id)
    image_id = VARIANT.sub("", row_id)
    variant = found[1] if found else DEFAULT
    times[image_id, variant] += 1
    again = times[image_id, variant]  # the same picture under a further text of the same kind
    policy_id = variant if again == 1 else f"{variant}#{again}"
    return PublishedRow(
        image_id=image_id,
        pair_id=image_id,
        role="original",
        policy=TextPolicy(policy_id, f"{NAME} {variant}", policy_words(record.text("policy"))),
        label=record.label("rating"),
        picture=record.pictures.get("image") or _picture(root, record, image_id),
        category=record.text("category"),
        split=split_of(record.file),
    )


def policy_words(prompt: str) -> str:
    """The policy out of a published prompt, O1 to O9: the instruction, the mark of the picture and the form
    of the answer belong to the prompt, and the profile `llavaguard` puts them back.

    An older prompt that does not name its categories so keeps its instruction.
    """
    policy = prompt.replace(IMAGE, "").split(STEPS)[0]
    first = FIRST.search(policy)
    return policy[first.start() if first else 0 :].strip()


def _picture(root: Path, record: Record, image_id: str) -> Place:
    """By the name in `image` or `url`, or by the picture's id with any suffix."""
    written = record.optional("image") or record.optional("url")
    names = [PurePosixPath(unquote(urlsplit(written).path)).name, image_id] if written else [image_id]
    for name in names:
        if isinstance(place := find_picture(root, name, FOLDERS), InFile):
            return place
    return Nowhere(f"no file {' or '.join(names)} in {root}/images; download {written or 'it'} there")
