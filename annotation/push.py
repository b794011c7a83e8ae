"""Images into a project: idempotent, pair-blind, nothing shown before it is revealed.

Images are uploaded to the server itself, which serves them to signed-in users only; that works the
same on the embedded server and on a remote one, and no image leaves for a third place. A task holds
the image's id and address and the order of its policies, which follows from the id: no role, no pair,
no concept. Tasks lie in the order of `annotation.order.queue_order`.

Cut off anywhere, a second push adds what is missing in the same order. At most one batch of uploaded
files stays unused on the server then.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from annotation.answers import IMAGE, ORDER
from annotation.client import Client, UnsettledError
from annotation.errors import AnnotationError
from annotation.order import Picture, order_mark, queue_order
from annotation.progress import Progress
from annotation.project import prepared_project
from annotation.wire import Project, Task
from bench.policy import Policy

BATCH_FILES = 50  # the server takes at most 100 files a request
BATCH_BYTES = 64 * 2**20  # and 250 MiB
ATTEMPTS = 5  # in a row without an added task

ReadImage = Callable[[str], bytes]  # image id -> PNG, WebP or JPEG bytes


@dataclass(frozen=True, slots=True)
class PushReport:
    """`raised` tasks were there and are now asked of more raters; `doubles` were added twice by a push
    cut off at a bad moment and are one again."""

    project_id: int
    added: int
    already_there: int
    raised: int
    doubles: int
    url: str


def push(
    client: Client,
    title: str,
    pictures: Sequence[Picture],
    read: ReadImage,
    policies: Sequence[Policy],
    *,
    votes: int = 3,
    progress: Progress | None = None,
) -> PushReport:
    """Make the project `title` if need be and add the pictures it does not have yet.

    `votes` is the number of raters wanted for each. Bytes are read a batch at a time. Raises
    AnnotationError when the project was made with other policy texts, when a picture's bytes do not belong
    to its id, and when the server stays away; a second push then goes on.
    """
    project = prepared_project(client, title, policies)
    wanted = [picture.image_id for picture in queue_order(pictures)]
    adding = _Adding(client, project, read, tuple(policy.id for policy in policies), votes)
    added = adding.all_of(wanted, progress)
    raised, doubles = _tidy(client, project, frozenset(wanted), votes)
    url = f"{client.url}/projects/{project.id}/data"
    return PushReport(project.id, added, len(wanted) - added, raised, doubles, url)


@dataclass(frozen=True, slots=True)
class _Adding:
    client: Client
    project: Project
    read: ReadImage
    policies: tuple[str, ...]
    votes: int

    def all_of(self, wanted: Sequence[str], progress: Progress | None) -> int:
        """Add what the project lacks and say how much that was.

        Where an answer got lost the project is asked again what it has; given up after five in a row that
        brought nothing.
        """
        missing = first = self._missing(wanted)
        attempts = ATTEMPTS
        while missing:
            try:
                self._batches(missing, len(wanted), progress)
            except UnsettledError:
                attempts -= 1
                if attempts == 0:
                    raise
            left = self._missing(wanted)
            attempts = ATTEMPTS if len(left) < len(missing) else attempts
            missing = left
        return len(first)

    def _missing(self, wanted: Sequence[str]) -> list[str]:
        there = {task.image_id for task in self.client.tasks(self.project)}
        return [image_id for image_id in wanted if image_id not in there]

    def _batches(self, missing: Sequence[str], total: int, progress: Progress | None) -> None:
        done = total - len(missing)
        for batch in _batches(missing, self.read):
            self._add(batch)
            done += len(batch)
            if progress is not None:
                progress(done, total)

    def _add(self, batch: Sequence[_File]) -> None:
        """Upload a batch, then make its tasks one by one: a task made by an import cannot be given votes."""
        path = f"/api/projects/{self.project.id}"
        form = {file.image_id: (file.name, file.content) for file in batch}
        answer = self.client.upload(f"{path}/import", form, {"commit_to_project": "false"}).json()
        ids: list[int] = answer["file_upload_ids"]
        uploads = self.client.get(f"{path}/file-uploads", {"ids": json.dumps(ids)}).json()
        address = {upload["id"]: f"/data/{upload['file']}" for upload in uploads}
        for upload_id, file in zip(ids, batch, strict=True):
            order = order_mark(file.image_id, self.policies)
            data = {IMAGE: address[upload_id], "image_id": file.image_id, ORDER: order}
            body = {"project": self.project.id, "data": data, "overlap": self.votes}
            self.client.post("/api/tasks/", body)


@dataclass(frozen=True, slots=True)
class _File:
    image_id: str
    name: str
    content: bytes


def _batches(image_ids: Sequence[str], read: ReadImage) -> Iterator[list[_File]]:
    batch: list[_File] = []
    size = 0
    for image_id in image_ids:
        file = _file(image_id, read(image_id))
        if batch and (len(batch) == BATCH_FILES or size + len(file.content) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(file)
        size += len(file.content)
    if batch:
        yield batch


def _file(image_id: str, content: bytes) -> _File:
    digest = sha256(content).hexdigest()[:16]
    if digest != image_id:
        raise AnnotationError(f"image {image_id} has bytes of {digest}; rebuild the benchmark folder")
    return _File(image_id, image_id + _suffix(image_id, content), content)


def _suffix(image_id: str, content: bytes) -> str:
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return ".png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return ".webp"
    if content.startswith(b"\xff\xd8\xff"):
        return ".jpg"
    raise AnnotationError(f"image {image_id} is neither PNG, WebP nor JPEG; export it as one of them")


def _tidy(client: Client, project: Project, wanted: frozenset[str], votes: int) -> tuple[int, int]:
    """Ask `votes` raters for tasks that have fewer, and drop an image's second task where nobody answered it.

    A second task can only come from a request whose answer was lost and that was carried out late.
    """
    raised = doubles = 0
    first: dict[str, Task] = {}
    for task in client.tasks(project):
        if task.image_id not in wanted:
            continue
        other = first.setdefault(task.image_id, task)
        spare = next((one for one in (task, other) if one.answers == 0), None)
        if other is not task and spare is not None:
            client.delete(f"/api/tasks/{spare.id}/")
            first[task.image_id] = other if spare is task else task
            doubles += 1
        elif task.votes < votes:
            ask(client, task, votes)
            raised += 1
    return raised, doubles


def ask(client: Client, task: Task, votes: int) -> None:
    """Ask for `votes` raters in all; a task that had enough comes back into the queues."""
    client.patch(f"/api/tasks/{task.id}/", {"overlap": votes, "is_labeled": task.answers >= votes})


def ask_further(client: Client, project: Project, further: Mapping[str, int]) -> int:
    """Ask for that many raters beyond those who have answered, by image id; how many tasks that raised."""
    raised = 0
    for task in client.tasks(project):
        wanted = task.answers + further.get(task.image_id, 0)
        if task.votes < wanted:
            ask(client, task, wanted)
            raised += 1
    return raised
