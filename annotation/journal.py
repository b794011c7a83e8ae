"""What was pulled from one project: an append-only journal of forms, read one line at a time.

Three kinds of lines follow a first one that names the project: a form as it was seen, the number of one
that is gone, and the time until which everything is here. A killed pull leaves at most half a line, which
the next one drops. No address of a rater is written.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from annotation.errors import AnnotationError
from annotation.forms import Form
from annotation.wire import Project
from bench.disk import writing
from bench.schema import VoteRow

Gone = Literal["withdrawn", "task deleted"]


@dataclass(frozen=True, slots=True)
class Pulled:
    """One form as pulled. `order` is that of the policies on the page, "" for a task without one.

    The note is free text and may name people, so it stays in the journal and out of the votes.
    """

    annotation_id: int
    task_id: int
    user_id: int | None
    rater: str
    submitted_at: str
    updated_at: str
    order: str
    note: str
    votes: tuple[VoteRow, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """A form that the server has no more. `withdrawn`: taken back while its image stayed, so it counts no
    more; `task deleted`: the image went from the project, and the votes on it stay."""

    annotation_id: int
    gone: Gone


@dataclass(frozen=True, slots=True)
class Until:
    """A pull came to its end: everything changed before `until` (ISO 8601) is in the journal."""

    until: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the next pull needs of a form it has seen."""

    task_id: int
    user_id: int | None
    rater: str
    updated_at: str
    gone: Gone | None = None


Entry = Pulled | Left | Until


class Journal:
    """The journal of one project in a folder."""

    def __init__(self, folder: Path, project: Project) -> None:
        """Raises AnnotationError when the folder holds pulls of another project with the same number."""
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"forms-{project.id}.jsonl"
        header = json.dumps({"project": project.id, "created_at": project.created_at, "title": project.title})
        if not self.path.exists() or not _drop_half_line(self.path):
            self._write([header])
        elif _whose(self.path) != (project.id, project.created_at):
            raise AnnotationError(
                f"{self.path} holds the pulls of another project; give {project.title!r} its own folder"
            )

    def append(self, entries: Iterable[Entry]) -> None:
        """Write entries down for good before returning."""
        self._write([json.dumps(asdict(entry), sort_keys=True) for entry in entries])

    def known(self) -> tuple[dict[int, Known], str | None]:
        """Every form seen, by annotation number, and until when the journal is whole; None before that."""
        forms: dict[int, Known] = {}
        until = None
        for entry in entries_of(self.path):
            if isinstance(entry, Until):
                until = entry.until
            elif isinstance(entry, Left):
                seen = forms[entry.annotation_id]
                forms[entry.annotation_id] = Known(
                    seen.task_id, seen.user_id, seen.rater, seen.updated_at, entry.gone
                )
            else:
                forms[entry.annotation_id] = known_from(entry)
        return forms, until

    def _write(self, lines: list[str]) -> None:
        if not lines:
            return
        with writing(self.path), self.path.open("a", encoding="utf-8") as file:
            file.write("".join(line + "\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())


def known_from(form: Pulled) -> Known:
    return Known(form.task_id, form.user_id, form.rater, form.updated_at)


def entries_of(path: Path) -> Iterator[Entry]:
    """The journal's entries in the order they were written; half a line at its end is passed over."""
    with path.open(encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            if line.endswith("\n"):
                yield _entry(line)


def title_of(path: Path) -> str:
    """The title of the project a journal belongs to."""
    with path.open(encoding="utf-8") as lines:
        return str(json.loads(next(lines))["title"])


def forms_in(path: Path) -> tuple[Form, ...]:
    """The last state of each form, in the order of their first pull; withdrawn ones are left out."""
    forms: dict[int, Form | None] = {}
    for entry in entries_of(path):
        if isinstance(entry, Pulled):
            forms[entry.annotation_id] = Form(entry.submitted_at, entry.votes) if entry.votes else None
        elif isinstance(entry, Left) and entry.gone == "withdrawn":
            forms[entry.annotation_id] = None
    return tuple(form for form in forms.values() if form is not None)


def _entry(line: str) -> Entry:
    row = json.loads(line)
    if "until" in row:
        return Until(**row)
    if "gone" in row:
        return Left(**row)
    return Pulled(**{**row, "votes": tuple(VoteRow(**vote) for vote in row["votes"])})


def _whose(path: Path) -> tuple[int, str]:
    with path.open(encoding="utf-8") as lines:
        header = json.loads(next(lines))
        return header["project"], header["created_at"]


def _drop_half_line(path: Path) -> int:
    """Cut the file after its last whole line and return the length that is left."""
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        os.truncate(path, whole)
    return whole
