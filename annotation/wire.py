"""The few things Label Studio tells us, as values; the only file that knows its JSON field names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from annotation.answers import Region


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
    """One submitted or skipped form. `lead_time` in seconds, `updated_at` in ISO 8601, UTC."""

    id: int
    user_id: int
    skipped: bool
    result: Sequence[Region]
    lead_time: float
    updated_at: str


@dataclass(frozen=True, slots=True)
class Task:
    """One image to label. `image_id` is "" for a task that somebody else put into the project."""

    id: int
    image_id: str
    updated_at: str
    annotations: tuple[Annotation, ...]  # empty unless asked for


class ProjectJson(TypedDict):
    id: int
    title: str
    label_config: str
    created_at: str


class UserJson(TypedDict):
    id: int
    email: str


class AnnotationJson(TypedDict):
    id: int
    completed_by: int
    was_cancelled: bool
    result: list[Region]
    lead_time: float | None
    updated_at: str


class TaskJson(TypedDict, total=False):
    id: int
    data: dict[str, str]
    updated_at: str
    annotations: list[AnnotationJson]


def project_from(row: ProjectJson) -> Project:
    return Project(row["id"], row["title"], row["label_config"], row["created_at"])


def user_from(row: UserJson) -> User:
    return User(row["id"], row["email"])


def annotation_from(row: AnnotationJson) -> Annotation:
    return Annotation(
        id=row["id"],
        user_id=row["completed_by"],
        skipped=row["was_cancelled"],
        result=row["result"],
        lead_time=row["lead_time"] or 0.0,
        updated_at=row["updated_at"],
    )


def task_from(row: TaskJson) -> Task:
    return Task(
        id=row["id"],
        image_id=str(row["data"].get("image_id", "")),
        updated_at=row["updated_at"],
        annotations=tuple(annotation_from(item) for item in row.get("annotations", [])),
    )
