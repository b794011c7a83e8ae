"""A published set in the form the harness evaluates: rows in, an `EvaluationSet` out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from bench.evaluation_set import TextPolicy
from bench.published.figures import OwnFigures
from bench.published.pictures import InFile, Pictures, Place
from bench.published.tables import PublishedError
from bench.results import ResultRow, Status
from bench.schema import Label, LabelSource, Role, VerdictRow
from bench.staging import sha256_file

if TYPE_CHECKING:
    from PIL import Image

OwnScores = Callable[[Sequence["PublishedRow"], Sequence[ResultRow]], OwnFigures]


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """One labelled (picture, policy) as published. `category` and `split` are the authors' own."""

    image_id: str
    pair_id: str
    role: Role
    policy: TextPolicy
    label: Label | None
    picture: Place
    category: str = ""
    split: str = ""


@dataclass(frozen=True, slots=True)
class PublishedImage:
    """What is known of a picture. `concepts` are the categories the authors filed it under."""

    image_id: str
    pair_id: str
    role: Role
    concepts: tuple[str, ...]
    contexts: tuple[tuple[str, ...], ...]
    synthetic: bool = False


class PublishedSet:
    """A local copy of a published set; satisfies `bench.evaluation_set.EvaluationSet`.

    `image_ids` is in the order of the rows; `policies` holds each text once, sorted by id. A (picture,
    policy) without a row is not asked, and a row without a label is asked and not scored.
    Raises PublishedError where two rows label one picture under one policy.
    """

    def __init__(
        self,
        title: str,
        root: Path,
        tables: Sequence[Path],
        rows: Sequence[PublishedRow],
        label_source: LabelSource,
        own_scores: OwnScores | None = None,
    ) -> None:
        if not rows:
            raise PublishedError(f"{root}: {', '.join(file.name for file in tables)} holds no row")
        self.title = title
        self.root = root
        self.rows = tuple(rows)
        self._tables = tuple(tables)
        self._label_source = label_source
        self._own_scores = own_scores
        self._pictures = Pictures()
        self._places = {row.image_id: row.picture for row in reversed(rows)}  # of the first row
        self._meta = _images(rows)
        self.image_ids: tuple[str, ...] = tuple(self._meta)
        self.policies: tuple[TextPolicy, ...] = _policies(rows)
        _check_unique(root, rows)

    @cached_property
    def verdicts(self) -> tuple[VerdictRow, ...]:
        """A row for every published label; nothing is known of the votes behind it."""
        return tuple(
            VerdictRow(
                image_id=row.image_id,
                pair_id=row.pair_id,
                role=row.role,
                policy_id=row.policy.id,
                policy_digest=row.policy.digest,
                safety_label=row.label,
                rules=(),
                posterior=None,
                votes=0,
                label_source=self._label_source,
                reason="" if row.label else "published without a label",
            )
            for row in self.rows
        )

    @cached_property
    def digest(self) -> str:
        """sha256 over the sha256 of every table and picture file, by path in the folder."""
        files = {place.path for place in self._places.values() if isinstance(place, InFile)}
        names = {file.relative_to(self.root).as_posix(): file for file in (*self._tables, *files)}
        lines = (f"{sha256_file(names[name])}  {name}\n" for name in sorted(names))
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def meta(self, image_id: str) -> PublishedImage:
        """Raises KeyError where the set has no such picture."""
        try:
            return self._meta[image_id]
        except KeyError:
            raise KeyError(f"image {image_id!r} is not in {self.root}") from None

    def image_bytes(self, image_id: str) -> bytes:
        """The picture as published, such as a JPEG. PictureError where the copy lacks it."""
        self.meta(image_id)
        return self._pictures.data(self._places[image_id])

    def picture(self, image_id: str) -> Image.Image:
        """RGB, right side up. PictureError where the copy lacks it or it cannot be decoded."""
        self.meta(image_id)
        return self._pictures.open(self._places[image_id])

    def own_figures(self, results: Sequence[ResultRow]) -> OwnFigures | None:
        """The figures the set's authors compute, from the rows of a run; None where they have none."""
        return self._own_scores(self.rows, results) if self._own_scores else None


def answered(
    rows: Sequence[PublishedRow], results: Sequence[ResultRow]
) -> list[tuple[PublishedRow, Label, Status]]:
    """The labelled rows that a run answered, with label and answer, in the order of the set."""
    status = {(result.image_id, result.policy_id): result.status for result in results}
    cells = ((row, row.label, status.get((row.image_id, row.policy.id))) for row in rows)
    return [(row, label, answer) for row, label, answer in cells if label is not None and answer is not None]


def policy_file(root: Path, policy_id: str) -> str | None:
    """The text of `policies/ID.txt` beside a copy that names a policy and does not spell it out."""
    file = root / "policies" / f"{policy_id}.txt"
    return file.read_text(encoding="utf-8").strip() if file.is_file() else None


def _images(rows: Sequence[PublishedRow]) -> dict[str, PublishedImage]:
    categories: dict[str, dict[str, None]] = {}
    for row in rows:
        categories.setdefault(row.image_id, {}).update({row.category: None} if row.category else {})
    return {
        row.image_id: PublishedImage(
            row.image_id, row.pair_id, row.role, tuple(found := categories[row.image_id]), ((),) * len(found)
        )
        for row in rows
    }


def _policies(rows: Sequence[PublishedRow]) -> tuple[TextPolicy, ...]:
    return tuple(sorted(dict.fromkeys(row.policy for row in rows), key=lambda policy: policy.id))


def _check_unique(root: Path, rows: Sequence[PublishedRow]) -> None:
    seen: set[tuple[str, str]] = set()
    for row in rows:
        cell = (row.image_id, row.policy.id)
        if cell in seen:
            raise PublishedError(f"{root}: image {cell[0]} has two rows under policy {cell[1]}; keep one")
        seen.add(cell)
