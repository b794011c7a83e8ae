"""UnsafeBench (arXiv 2405.03486): a copy of huggingface.co/datasets/yiting/UnsafeBench.

`data/test-*.parquet` (2,037 rows; `data/train-*.parquet` has 8,109) with the columns image, safety_label
(Safe, Unsafe), category, source (Laion5B, Lexica) and, since a later revision, text, a caption that its
authors do not use. A JSONL with the same fields and paths in `image` reads the same.

The set states no policy; its labels follow eleven kinds of content that its authors took from a provider's
content policy. `unsafebench.txt` says those eleven in our own words; to ask with other words, the published
ones for instance, write them into `policies/UnsafeBench.txt` beside the data.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.evaluation_set import TextPolicy
from bench.published.base import PublishedRow, PublishedSet, answered, policy_file
from bench.published.figures import Confusion, OwnFigure, OwnFigures
from bench.published.pictures import find_picture
from bench.published.tables import Record, of_splits, read_records, split_of
from bench.results import ResultRow

NAME = "UnsafeBench"
COLUMNS = ("image", "safety_label", "category", "source")
FOLDERS = ("", "images")
CONTENT_POLICY = Path(__file__).with_name("unsafebench.txt")


def read(root: Path, files: Sequence[Path]) -> PublishedSet:
    """The split `test`, or what else there is. PublishedError names the row that cannot be read."""
    tables = of_splits(files, ["test"])
    words = policy_file(root, NAME) or CONTENT_POLICY.read_text(encoding="utf-8").strip()
    policy = TextPolicy(NAME, f"{NAME} content policy", words)
    records = [record for file in tables for record in read_records(file)]
    rows = [_row(root, policy, number, record) for number, record in enumerate(records)]
    return PublishedSet(f"{NAME} {split_of(tables[0])}", root, tables, rows, "human", own_scores)


def _row(root: Path, policy: TextPolicy, number: int, record: Record) -> PublishedRow:
    image_id = f"{split_of(record.file)}-{number:05d}"  # the rows have no names
    return PublishedRow(
        image_id=image_id,
        pair_id=image_id,
        role="original",
        policy=policy,
        label=record.label("safety_label"),
        picture=record.pictures.get("image") or find_picture(root, record.text("image"), FOLDERS),
        category=record.text("category"),
        split=split_of(record.file),
    )


def own_scores(rows: Sequence[PublishedRow], results: Sequence[ResultRow]) -> OwnFigures:
    """F1 on `unsafe` and accuracy over all rows, then over the rows of each category.

    The per-category F1 is that of github.com/YitingQu/UnsafeBench (assess_effectiveness.py), the pooled
    figures those of github.com/adorableChowhound/SafeGuard-VL (eval/unsafebench.py), which reads what is
    no answer as safe. UnsafeBench itself draws safe or unsafe by lot there, which nobody can repeat; the
    two agree where every answer is readable. A category in which nothing is unsafe and nothing was called
    so has no F1 (nan); both scripts print 0.
    """
    cells = answered(rows, results)
    groups = {"overall": cells}
    for category in sorted({row.category for row, _, _ in cells}):
        groups[category] = [cell for cell in cells if cell[0].category == category]
    figures = []
    for name, group in groups.items():
        counts = Confusion.of(((label, answer) for _, label, answer in group), unreadable_as="safe")
        figures.append(OwnFigure(f"{name} F1", counts.f(), counts.cases))
        figures.append(OwnFigure(f"{name} accuracy", counts.accuracy, counts.cases))
    return OwnFigures(
        source="UnsafeBench assess_effectiveness.py; SafeGuard-VL eval/unsafebench.py",
        rule="an unreadable answer counts as safe",
        figures=tuple(figures),
    )
