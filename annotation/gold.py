"""Gold questions: images whose answer is known, hidden among the others, by which raters are measured.

Which images are gold must stay secret, so the file lives beside the build and is no part of a benchmark.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import Literal

import numpy as np

from annotation.errors import AnnotationError
from bench.policy import Policy, Ruling
from bench.schema import LABELS, Label
from bench.staging import write_text

GoldSource = Literal["human", "rule"]
SOURCES: tuple[GoldSource, ...] = ("human", "rule")
SMALLEST, LARGEST = 0.05, 0.10  # share of the images; fewer measure nobody, more waste votes


@dataclass(frozen=True, slots=True)
class Gold:
    """The right answer to one (image, policy) question, by an expert (`human`) or from the rules (`rule`)."""

    image_id: str
    policy_id: str
    label: Label
    rule: str = ""
    note: str = ""
    source: GoldSource = "human"


def choose_gold(truth: Mapping[tuple[str, str], Ruling], *, share: float = 0.08) -> tuple[Gold, ...]:
    """Make `share` of the images gold, rounded up, spread over policies and labels.

    `truth` is the ruling by image and policy id. Images are taken one by one: always the one whose
    (policy, label) answers are rarest among those taken so far, ties by a hash of the image's id. The
    choice depends on nothing but `truth`. Raises AnnotationError for a share outside 0.05 to 0.10.
    """
    if not SMALLEST <= share <= LARGEST:
        raise AnnotationError(f"gold share {share} is outside {SMALLEST} to {LARGEST}; use 0.08")
    images = sorted({image for image, _ in truth}, key=lambda image: sha256(image.encode()).digest())
    policies = sorted({policy for _, policy in truth})
    asked = np.array([[_strata(truth.get((image, policy))) for policy in policies] for image in images])
    asked = asked.reshape(len(images), 2 * len(policies))
    taken: list[int] = []
    for _ in range(int(np.ceil(share * len(images)))):
        wanted = asked @ (1.0 / (1.0 + asked[taken].sum(axis=0)))
        wanted[taken] = -1.0
        taken.append(int(np.argmax(wanted)))
    chosen = sorted(images[number] for number in taken)
    return tuple(
        Gold(image, policy, ruling.label, next(iter(ruling.rules), ""), "from the rules", "rule")
        for image in chosen
        for policy in policies
        for ruling in [truth.get((image, policy))]
        if ruling is not None
    )


def _strata(ruling: Ruling | None) -> tuple[float, float]:
    return (0.0, 0.0) if ruling is None else (float(ruling.label == "safe"), float(ruling.label == "unsafe"))


def write_gold(path: Path, gold: Sequence[Gold]) -> None:
    """Write `path`, a line of JSON a question."""
    write_text(path, "".join(json.dumps(asdict(item), sort_keys=True) + "\n" for item in gold))


def read_gold(path: Path, *, image_ids: Collection[str], policies: Sequence[Policy]) -> tuple[Gold, ...]:
    """The questions of a JSONL or CSV file with the columns image_id, policy_id, label, rule, note, source.

    The last three may be missing. Raises AnnotationError naming file, line and remedy for an unknown
    image, policy, label, rule or column, and for a question answered twice.
    """
    if not path.is_file():
        raise AnnotationError(
            f"{path} is not there; make it with `safeeditbench annotate gold`, or name another"
        )
    rules = {policy.id: {rule.id for rule in policy.rules} for policy in policies}
    known = frozenset(image_ids)
    found: dict[tuple[str, str], Gold] = {}
    for number, row in _rows(path):
        where = f"{path}, line {number}"
        item = _gold(row, where)
        _check(item, where, known, rules)
        if (item.image_id, item.policy_id) in found:
            raise AnnotationError(
                f"{where}: image {item.image_id} has an answer under {item.policy_id} already; "
                "drop one of the two"
            )
        found[item.image_id, item.policy_id] = item
    return tuple(found[key] for key in sorted(found))


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and fields of every row."""
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix == ".csv":
        for row in (reader := csv.DictReader(text.splitlines())):
            if None in row or None in row.values():
                raise AnnotationError(
                    f"{path}, line {reader.line_num}: not as many cells as columns; mend the row"
                )
            yield reader.line_num, dict(row)
        return
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield number, _json_row(line, f"{path}, line {number}")


def _json_row(line: str, where: str) -> dict[str, str]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise AnnotationError(f"{where}: not JSON ({error}); give one object a line") from error
    if not isinstance(row, dict) or not all(isinstance(value, str) for value in row.values()):
        raise AnnotationError(f"{where}: not an object of texts; give image_id, policy_id and label")
    return row


def _gold(row: Mapping[str, str], where: str) -> Gold:
    columns = [field.name for field in fields(Gold)]
    if strange := sorted(set(row) - set(columns)):
        raise AnnotationError(f"{where}: unknown column {strange[0]!r}; use {', '.join(columns)}")
    if missing := [name for name in columns[:3] if not row.get(name)]:
        raise AnnotationError(f"{where}: {missing[0]} is missing; give image_id, policy_id and label")
    label, source = row["label"], row.get("source") or "human"
    for one in LABELS:
        for origin in SOURCES:
            if (label, source) == (one, origin):
                rule, note = row.get("rule", ""), row.get("note", "")
                return Gold(row["image_id"], row["policy_id"], one, rule, note, origin)
    raise AnnotationError(
        f"{where}: label {label!r} of source {source!r}; use {' or '.join(LABELS)}, {' or '.join(SOURCES)}"
    )


def _check(item: Gold, where: str, images: Collection[str], rules: Mapping[str, Collection[str]]) -> None:
    if item.image_id not in images:
        raise AnnotationError(f"{where}: no image {item.image_id} in this benchmark; check the id")
    if item.policy_id not in rules:
        raise AnnotationError(f"{where}: no policy {item.policy_id}; use one of {', '.join(rules)}")
    if item.rule and item.rule not in rules[item.policy_id]:
        there = ", ".join(sorted(rules[item.policy_id]))
        raise AnnotationError(f"{where}: policy {item.policy_id} has no rule {item.rule}; use one of {there}")
    if item.rule and item.label == "safe":
        raise AnnotationError(f"{where}: a safe image breaks no rule; drop {item.rule} or call it unsafe")
