"""The few things Label Studio tells us, as values; the only file that knows its JSON field names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from annotation.answers import ORDER, Region


@dataclass(frozen=True, slots=True)
class Project:
    """A project as far as this package needs it. `created_at` tells apart equal ids of two servers."""

    id: int
    title: str
    config: str
    created_at: str


@dataclass(frozen=True, slots=True)
class User:
    id: int
    email: str


@dataclass(frozen=True, slots=True)
class Annotation:
    """One submitted or skipped form. `lead_time` in seconds, times in ISO 8601, UTC.

    `user_id` is None where the account was deleted since.
    """

    id: int
    user_id: int | None
    skipped: bool
    result: Sequence[Region]
    lead_time: float
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class Task:
    """One image to label. `image_id` is "" for a task that somebody else put into the project.

    `order` is that of its policies (`order.order_mark`), `votes` the number of raters wanted, `answers` the
    number of forms it has, skipped ones too.
    """

    id: int
    image_id: str
    order: str
    updated_at: str
    votes: int
    answers: int
    annotations: tuple[Annotation, ...]  # empty unless asked for


class ProjectJson(TypedDict):
    id: int
    title: str
    label_config: str
    created_at: str
    total_annotations_number: int
    skipped_annotations_number: int


class UserJson(TypedDict):
    id: int
    email: str


class AnnotationJson(TypedDict):
    id: int
    completed_by: int | None
    was_cancelled: bool
    result: list[Region]
    lead_time: float | None
    created_at: str
    updated_at: str


class TaskJson(TypedDict, total=False):
    id: int
    data: dict[str, str]
    updated_at: str
    overlap: int
    total_annotations: int
    cancelled_annotations: int
    annotations: list[AnnotationJson]


def project_from(row: ProjectJson) -> Project:
    return Project(row["id"], row["title"], row["label_config"], row["created_at"])


def annotation_count(row: ProjectJson) -> int:
    """Forms in a project; the server counts submitted and skipped ones apart."""
    return row["total_annotations_number"] + row["skipped_annotations_number"]


def user_from(row: UserJson) -> User:
    return User(row["id"], row["email"])


def annotation_from(row: AnnotationJson) -> Annotation:
    return Annotation(
        id=row["id"],
        user_id=row["completed_by"],
        skipped=row["was_cancelled"],
        result=row["result"],
        lead_time=row["lead_time"] or 0.0,
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def task_from(row: TaskJson) -> Task:
    return Task(
        id=row["id"],
        image_id=str(row["data"].get("image_id", "")),
        order=str(row["data"].get(ORDER, "")),
        updated_at=row["updated_at"],
        votes=row["overlap"],
        answers=row["total_annotations"] + row["cancelled_annotations"],
        annotations=tuple(annotation_from(item) for item in row.get("annotations", [])),
    )
