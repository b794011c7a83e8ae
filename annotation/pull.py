"""Answers out of a project: incremental, pseudonymous, nothing lost.

A page of tasks is fetched, its forms are written to the journal in the caller's folder, and forgotten, so
that memory stays flat. A later pull asks only for tasks changed since the last one that came to its end.
Then the server is asked how many forms it holds; where that is not what the journal has, everything is
looked through once, which finds what left no trace of its going.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from annotation.answers import Answers, from_result
from annotation.client import Client
from annotation.forms import Form
from annotation.interface import shown_digests
from annotation.journal import Journal, Known, Left, Pulled, Until, forms_in, known_from, title_of
from annotation.progress import Progress
from annotation.project import is_voting_title
from annotation.pseudonyms import is_simulated_name, load_salt, pseudonym, pseudonyms
from annotation.wire import Annotation, Project, Task
from bench.schema import Answer, VoteRow

OVERLAP = timedelta(seconds=60)  # asked again: a slower write may have been stamped before our last look


@dataclass(frozen=True, slots=True)
class PullReport:
    """What one pull found: forms it had not seen, forms that changed, and forms gone from the server."""

    new: int
    changed: int
    withdrawn: int
    orphaned: int  # the task was deleted; its votes stay


def pull(client: Client, project: Project, folder: Path, *, progress: Progress | None = None) -> PullReport:
    """Bring the journal of `project` in `folder` up to date. Killed anywhere, the next pull goes on.

    Raises AnnotationError when `folder` holds pulls of another project.
    """
    pulling = _Pulling(client, project, folder)
    pulling.changes(progress)
    if client.annotation_count(project) < pulling.live:
        pulling.departures()
    return pulling.report


def pulled_forms(folder: Path, title: str) -> tuple[Form, ...]:
    """The forms that count, of the projects `title` and `title: group ...` pulled into `folder`."""
    return tuple(
        form
        for path in sorted(folder.glob("forms-*.jsonl"))
        if is_voting_title(title_of(path), title)
        for form in forms_in(path)
    )


class _Pulling:
    """One pull: what the journal knew before, and what this pull adds to it."""

    def __init__(self, client: Client, project: Project, folder: Path) -> None:
        self._client, self._project = client, project
        self._journal = Journal(folder, project)
        self._known, self._until = self._journal.known()
        self._of_task: dict[int, set[int]] = {}
        for number, form in self._known.items():
            if form.gone is None:
                self._of_task.setdefault(form.task_id, set()).add(number)
        self._reader = _Reader(client, project, folder, self._known)
        self._counts: Counter[str] = Counter()

    @property
    def report(self) -> PullReport:
        return PullReport(
            **{name: self._counts[name] for name in ("new", "changed", "withdrawn", "orphaned")}
        )

    @property
    def live(self) -> int:
        """Forms that should be on the server."""
        return sum(len(numbers) for numbers in self._of_task.values())

    def changes(self, progress: Progress | None) -> None:
        """Every task changed since the last pull that came to its end, page by page."""
        started = self._client.server_time()
        done = 0
        for tasks, left in self._client.task_pages(self._project, since=self._since(), answers=True):
            self._note([entry for task in tasks for entry in self._entries(task)])
            done += len(tasks)
            if progress is not None:
                progress(done, done - len(tasks) + left)
        self._journal.append([Until(started.isoformat())])

    def departures(self) -> None:
        """Look through all tasks for forms that went without a trace, which deleting a task does."""
        tasks = {task.id for task in self._client.tasks(self._project)}
        gone = [number for task, forms in self._of_task.items() if task not in tasks for number in forms]
        self._note([Left(number, "task deleted") for number in gone])

    def _since(self) -> str | None:
        if self._until is None:
            return None
        return (datetime.fromisoformat(self._until) - OVERLAP).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def _entries(self, task: Task) -> Iterator[Pulled | Left]:
        if not task.image_id:
            return  # put into the project by hand, not by us
        for annotation in task.annotations:
            before = self._known.get(annotation.id)
            if before is None or before.gone is not None or before.updated_at != annotation.updated_at:
                yield self._reader.pulled(task, annotation)
        there = {annotation.id for annotation in task.annotations}
        for number in self._of_task.get(task.id, set()) - there:
            yield Left(number, "withdrawn")

    def _note(self, entries: Sequence[Pulled | Left]) -> None:
        self._journal.append(entries)
        for entry in entries:
            if isinstance(entry, Pulled):
                kind = "changed" if entry.annotation_id in self._known else "new"
                self._known[entry.annotation_id] = known_from(entry)
                self._of_task.setdefault(entry.task_id, set()).add(entry.annotation_id)
            else:
                kind = "withdrawn" if entry.gone == "withdrawn" else "orphaned"
                self._of_task[self._known[entry.annotation_id].task_id].discard(entry.annotation_id)
            self._counts[kind] += 1


class _Reader:
    """Turns annotations into votes; knows the raters' pseudonyms and the policy texts that were shown."""

    def __init__(self, client: Client, project: Project, folder: Path, known: Mapping[int, Known]) -> None:
        users = client.users()
        self._salt = load_salt(folder)
        self._names = pseudonyms(users, self._salt)
        # Who left keeps the name of earlier pulls.
        self._names |= {form.user_id: form.rater for form in known.values() if form.user_id is not None}
        self._authors = {number: form.rater for number, form in known.items()}
        self._digests = shown_digests(project.config)

    def pulled(self, task: Task, annotation: Annotation) -> Pulled:
        rater, answers = self._rater(annotation), from_result(annotation.result)
        return Pulled(
            annotation_id=annotation.id,
            task_id=task.id,
            user_id=annotation.user_id,
            rater=rater,
            submitted_at=annotation.created_at,
            updated_at=annotation.updated_at,
            order=task.order,
            note=answers.note,
            votes=tuple(self._votes(task.image_id, rater, annotation, answers)),
        )

    def _rater(self, annotation: Annotation) -> str:
        if annotation.user_id is not None and annotation.user_id in self._names:
            return self._names[annotation.user_id]
        # The account is gone. A form never pulled before then counts as a rater of its own.
        return self._authors.get(annotation.id) or pseudonym(f"form {annotation.id}", self._salt)

    def _votes(
        self, image_id: str, rater: str, annotation: Annotation, answers: Answers
    ) -> Iterator[VoteRow]:
        for policy_id, digest in self._digests.items():
            answer: Answer | None = "skipped" if annotation.skipped else answers.said.get(policy_id)
            if answer is not None:
                yield VoteRow(
                    image_id=image_id,
                    policy_id=policy_id,
                    policy_digest=digest,
                    rater=rater,
                    answer=answer,
                    rule=answers.rules.get(policy_id, "") if answer == "unsafe" else "",
                    looks_natural=answers.looks_natural,
                    revealed=answers.revealed,
                    lead_time=round(annotation.lead_time, 3),
                    label_source="simulated" if is_simulated_name(rater) else "human",
                )
