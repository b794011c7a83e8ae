"""Images into a project: idempotent, pair-blind, nothing shown before it is revealed.

Images are uploaded to the server itself, which serves them to signed-in users only; that works the
same on the embedded server and on a remote one, and no image leaves for a third place. A task holds
the image's id and address and nothing else: no role, no pair, no concept. Tasks lie in order of their
id, a hash, so the two sides of a pair are not neighbours.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from annotation.answers import IMAGE
from annotation.client import Client
from annotation.errors import AnnotationError
from annotation.interface import INSTRUCTION, labelling_config, shown_digests, validate_config
from annotation.progress import Progress
from annotation.wire import Project, project_from
from bench.policy import Policy

BATCH_FILES = 50  # the server takes at most 100 files a request
BATCH_BYTES = 64 * 2**20  # and 250 MiB
CLUTTER: tuple[str, ...] = (  # columns of the data manager that say nothing here
    "inner_id",
    "annotations_ids",
    "annotations_results",
    "predictions_results",
    "predictions_score",
    "predictions_model_versions",
    "total_predictions",
    "file_upload",
    "storage_filename",
    "created_at",
    "draft_exists",
)


@dataclass(frozen=True, slots=True)
class Picture:
    """One image to label: PNG, WebP or JPEG bytes and the id made from them."""

    image_id: str
    image: bytes


@dataclass(frozen=True, slots=True)
class PushReport:
    project_id: int
    added: int
    already_there: int
    url: str


def push(
    client: Client,
    title: str,
    pictures: Sequence[Picture],
    policies: Sequence[Policy],
    *,
    votes: int = 3,
    progress: Progress | None = None,
) -> PushReport:
    """Make the project `title` if need be and add the pictures it does not have yet.

    `votes` is the number of raters wanted for an image. Raises AnnotationError when the project was made
    with other policy texts, or a picture's bytes do not belong to its id; nothing is uploaded then.
    """
    for picture in pictures:
        _check(picture)
    project = _project(client, title, policies, votes)
    there = {task.image_id for task in client.tasks(project)}
    wanted = {picture.image_id: picture for picture in pictures}
    missing = [wanted[image_id] for image_id in sorted(wanted.keys() - there)]
    done = len(wanted) - len(missing)
    for batch in _batches(missing):
        _add(client, project, batch)
        done += len(batch)
        if progress is not None:
            progress(done, len(wanted))
    url = f"{client.url}/projects/{project.id}/data"
    return PushReport(project.id, len(missing), len(wanted) - len(missing), url)


def _check(picture: Picture) -> None:
    _suffix(picture)
    digest = sha256(picture.image).hexdigest()[:16]
    if digest != picture.image_id:
        raise AnnotationError(f"image {picture.image_id} has bytes of {digest}; rebuild the benchmark folder")


def _suffix(picture: Picture) -> str:
    head = picture.image[:12]
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return ".png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return ".webp"
    if head.startswith(b"\xff\xd8\xff"):
        return ".jpg"
    raise AnnotationError(f"image {picture.image_id} is neither PNG, WebP nor JPEG; export it as one of them")


def _project(client: Client, title: str, policies: Sequence[Policy], votes: int) -> Project:
    if len(title) < 3:
        raise AnnotationError(
            f"project title {title!r} is too short; Label Studio wants three letters or more"
        )
    config = labelling_config(policies)
    found = client.projects(title)
    if not found:
        validate_config(config)
        return _create(client, title, config, votes)
    project = client.project(title)
    _refuse_other_texts(project, config)
    if project.config != config:
        client.patch(f"/api/projects/{project.id}/", {"label_config": config})
    return project


def _refuse_other_texts(project: Project, config: str) -> None:
    old, new = shown_digests(project.config), shown_digests(config)
    for policy_id in sorted(old.keys() | new.keys()):
        before, now = old.get(policy_id, "none"), new.get(policy_id, "none")
        if before != now:
            raise AnnotationError(
                f"project {project.title!r} shows policy {policy_id} {before[:12]}, you push {now[:12]}; "
                "votes under two texts must not mix, so push to another title"
            )


def _create(client: Client, title: str, config: str, votes: int) -> Project:
    settings = {
        "title": title,
        "label_config": config,
        "expert_instruction": INSTRUCTION,
        "show_instruction": True,
        "show_skip_button": True,
        "skip_queue": "REQUEUE_FOR_OTHERS",  # a skipped image does not come back to the same person
        "enable_empty_annotation": False,
        "show_collab_predictions": False,
        "maximum_annotations": votes,
    }
    project = project_from(client.post("/api/projects/", settings).json())
    _hide_thumbnails(client, project)
    return project


def _hide_thumbnails(client: Client, project: Project) -> None:
    # The data manager's table would show every image unveiled: hide the column and make it text.
    image = f"tasks:data.{IMAGE}"
    hidden = [image, *(f"tasks:{name}" for name in CLUTTER)]
    data = {
        "title": "Images",
        "hiddenColumns": {"explore": hidden, "labeling": hidden},
        "columnsDisplayType": {image: "String"},
    }
    client.post("/api/dm/views/", {"project": project.id, "data": data})


def _batches(pictures: Sequence[Picture]) -> Iterator[list[Picture]]:
    batch: list[Picture] = []
    size = 0
    for picture in pictures:
        if batch and (len(batch) == BATCH_FILES or size + len(picture.image) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(picture)
        size += len(picture.image)
    if batch:
        yield batch


def _add(client: Client, project: Project, batch: Sequence[Picture]) -> None:
    """Upload a batch and make its tasks. Cut off between the two, only unused uploads stay behind."""
    files = {p.image_id: (p.image_id + _suffix(p), p.image) for p in batch}
    path = f"/api/projects/{project.id}/import"
    ids: list[int] = client.upload(path, files, {"commit_to_project": "false"}).json()["file_upload_ids"]
    uploads = client.get(f"/api/projects/{project.id}/file-uploads", {"ids": json.dumps(ids)}).json()
    address = {upload["id"]: f"/data/{upload['file']}" for upload in uploads}
    tasks = [
        {"data": {IMAGE: address[upload_id], "image_id": picture.image_id}}
        for upload_id, picture in zip(ids, batch, strict=True)
    ]
    client.post(path, tasks)
