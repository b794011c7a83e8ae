"""PolicyShiftBench (arXiv 2607.05910): a copy of huggingface.co/datasets/PolicyShiftGuard/PolicyShiftBench.

The columns are those of the code at github.com/ssmisya/PolicyShiftGuard (vllm_guard/datasets/schema.py):
question, image, answer, image_idx, section_id, section_title, policy_name, tier, discrimination_score,
policy_description, label (pass, block), split_type, violated_categories. Parquet holds the pictures; for a
JSONL of a split they lie in `images/` as `IMAGE_IDX.jpg`. The two test splits, `id_test` (adaptive) and
`ood_test` (shift), are read as one set; the training splits are not.

The question of a row holds one policy for each of seven sections; the row varies the one of its own
section, and its label is about the whole bundle. Our policy id names what varies, `1A` for Policy A of
section 1, while each picture is asked under its own bundle.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bench.evaluation_set import TextPolicy
from bench.published.base import PublishedRow, PublishedSet
from bench.published.pictures import find_picture
from bench.published.policy_shift import ADAPTIVE, SHIFT, own_scores
from bench.published.tables import Record, Words, of_splits, read_records, split_of

NAME = "PolicyShiftBench"
COLUMNS = ("question", "image_idx", "section_id", "policy_name", "label")
FOLDERS = ("images", "")
WORDS: Words = {"pass": "safe", "block": "unsafe", "safe": "safe", "unsafe": "unsafe"}
BUNDLE = "**POLICIES:**"  # where the instruction ends and the policies begin
LETTER = re.compile(r"Policy ([A-Z])\b")


def read(root: Path, files: Sequence[Path]) -> PublishedSet:
    """Both test splits, or what else there is. PublishedError names the row that cannot be read."""
    tables = of_splits(files, [ADAPTIVE, SHIFT])
    times: Counter[tuple[str, str]] = Counter()
    rows = [_row(root, record, times) for file in tables for record in read_records(file)]
    return PublishedSet(NAME, root, tables, rows, "rule", own_scores)


def _row(root: Path, record: Record, times: Counter[tuple[str, str]]) -> PublishedRow:
    image_id, section, name = (record.text(column) for column in ("image_idx", "section_id", "policy_name"))
    letter = LETTER.match(name)
    column = f"{section}{letter[1] if letter else f' {name}'}"
    times[image_id, column] += 1
    again = times[image_id, column]  # the same policy in a further bundle
    return PublishedRow(
        image_id=image_id,
        pair_id=image_id,
        role="original",
        policy=TextPolicy(column if again == 1 else f"{column}#{again}", name, _bundle(record)),
        label=record.label("label", WORDS),
        picture=record.pictures.get("image") or find_picture(root, image_id, FOLDERS),
        category=section,
        split=split_of(record.file),
    )


def _bundle(record: Record) -> str:
    return record.text("question").split(BUNDLE)[-1].strip()
