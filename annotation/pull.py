"""Answers out of a project: incremental, pseudonymous, nothing lost.

Every annotation seen is appended to `pulled-<project>.jsonl` in the caller's folder; a later pull asks
only for tasks changed since then. A form that was changed on the server replaces its earlier state; a
task that was deleted there keeps the answers already pulled. No address of a rater is written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from annotation.answers import from_result
from annotation.client import Client
from annotation.errors import AnnotationError
from annotation.interface import shown_digests
from annotation.progress import Progress
from annotation.pseudonyms import is_simulated, load_salt, pseudonyms
from annotation.wire import Annotation, Project, Task
from bench.schema import Answer, VoteRow

OVERLAP = timedelta(seconds=60)  # asked again: a slower write may have been stamped before our last look


@dataclass(frozen=True, slots=True)
class Pulled:
    """One annotation as pulled: one rater's votes on one image."""

    annotation_id: int
    updated_at: str
    task_updated_at: str
    votes: tuple[VoteRow, ...]


def pull(
    client: Client, title: str, folder: Path, *, progress: Progress | None = None
) -> tuple[VoteRow, ...]:
    """All votes of project `title`, earlier pulls included, in order of image, policy and rater.

    A skipped image gives one row a policy with the answer `skipped`. Where a rater answered an image
    twice, the later form counts. Raises AnnotationError when `folder` holds pulls of another project.
    """
    project = client.project(title)
    journal = _open_journal(folder, project)
    known = {item.annotation_id: item for item in _read(journal)}
    reader = _Reader(client, project, folder)
    tasks = list(client.tasks(project, since=_cursor(known), answers=True))
    with journal.open("a") as file:
        for done, task in enumerate(tasks, 1):
            for item in reader.pulled(task):
                if item.annotation_id not in known or known[item.annotation_id].updated_at != item.updated_at:
                    file.write(json.dumps(asdict(item)) + "\n")
                    known[item.annotation_id] = item
            if progress is not None:
                progress(done, len(tasks))
    return _latest(known)


class _Reader:
    """Turns annotations into votes; knows the raters' pseudonyms and the policy texts that were shown."""

    def __init__(self, client: Client, project: Project, folder: Path) -> None:
        users = client.users()
        self._names = pseudonyms(users, load_salt(folder))
        self._simulated = {user.id for user in users if is_simulated(user.email)}
        self._digests = shown_digests(project.config)

    def pulled(self, task: Task) -> Iterator[Pulled]:
        if not task.image_id:
            return  # put into the project by hand, not by us
        for annotation in task.annotations:
            votes = tuple(self._votes(task.image_id, annotation))
            yield Pulled(annotation.id, annotation.updated_at, task.updated_at, votes)

    def _votes(self, image_id: str, annotation: Annotation) -> Iterator[VoteRow]:
        answers = from_result(annotation.result)
        for policy_id, digest in self._digests.items():
            answer: Answer | None = "skipped" if annotation.skipped else answers.said.get(policy_id)
            if answer is not None:
                yield VoteRow(
                    image_id=image_id,
                    policy_id=policy_id,
                    policy_digest=digest,
                    rater=self._names.get(annotation.user_id, "r-gone"),
                    answer=answer,
                    rule=answers.rules.get(policy_id, "") if answer == "unsafe" else "",
                    looks_natural=answers.looks_natural,
                    revealed=answers.revealed,
                    lead_time=round(annotation.lead_time, 3),
                    label_source="simulated" if annotation.user_id in self._simulated else "human",
                )


def _open_journal(folder: Path, project: Project) -> Path:
    """The journal's path, its first line naming the project; a line cut off by a crash is dropped."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"pulled-{project.id}.jsonl"
    header = json.dumps({"project": project.id, "created_at": project.created_at}) + "\n"
    text = path.read_text() if path.exists() else ""
    whole = text[: text.rfind("\n") + 1]
    if whole and not whole.startswith(header):
        raise AnnotationError(
            f"{path} holds the pulls of another project; give project {project.title!r} its own folder"
        )
    if whole != text or not whole:
        path.write_text(whole or header)
    return path


def _read(journal: Path) -> Iterator[Pulled]:
    with journal.open() as lines:
        next(lines)
        for line in lines:
            row = json.loads(line)
            yield Pulled(**{**row, "votes": tuple(VoteRow(**vote) for vote in row["votes"])})


def _cursor(known: Mapping[int, Pulled]) -> str | None:
    if not known:
        return None
    latest = max(datetime.fromisoformat(item.task_updated_at) for item in known.values())
    return (latest - OVERLAP).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _latest(known: Mapping[int, Pulled]) -> tuple[VoteRow, ...]:
    votes: dict[tuple[str, str, str], VoteRow] = {}
    for number in sorted(known):
        votes |= {(vote.image_id, vote.policy_id, vote.rater): vote for vote in known[number].votes}
    return tuple(votes[key] for key in sorted(votes))
