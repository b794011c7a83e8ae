"""The Label Studio project of a benchmark: its title, its settings, and the check that its texts are ours.

The settings make Label Studio walk the queue in the order of the push. It does so only while the project
asks for one annotation an image; with more it hands out images at random that others have begun. So the
project asks for one and every task for as many as are wanted (`push`).
"""

from __future__ import annotations

from collections.abc import Sequence

from annotation.answers import IMAGE
from annotation.client import Client
from annotation.errors import AnnotationError
from annotation.interface import INSTRUCTION, labelling_config, shown_digests, validate_config
from annotation.wire import Project, project_from
from bench.policy import Policy

COLUMNS: tuple[str, ...] = (  # of the data manager: the first shows pictures unveiled, the others clutter
    f"tasks:data.{IMAGE}",
    "tasks:data.order",
    "tasks:inner_id",
    "tasks:annotations_ids",
    "tasks:annotations_results",
    "tasks:predictions_results",
    "tasks:predictions_score",
    "tasks:predictions_model_versions",
    "tasks:total_predictions",
    "tasks:file_upload",
    "tasks:storage_filename",
    "tasks:created_at",
    "tasks:draft_exists",
)


def adjudication_title(title: str) -> str:
    """The project where disputed images are ruled on; it holds nobody's votes but the adjudicators'."""
    return f"{title}: adjudication"


def group_title(title: str, group: str) -> str:
    """The project of one group of topics; `group` is a neutral name, "" for a project of all topics."""
    return f"{title}: group {group}" if group else title


def is_voting_title(found: str, title: str) -> bool:
    """Whether a project of this title holds votes on `title`: all of its topics, or one group of them."""
    return found == title or found.startswith(group_title(title, "x")[:-1])


def voting_projects(client: Client, title: str) -> tuple[Project, ...]:
    """The projects that hold votes on `title`; raises AnnotationError where there is none."""
    found = tuple(one for one in client.projects(title) if is_voting_title(one.title, title))
    if not found:
        raise AnnotationError(f"no project is titled {title!r} at {client.url}; push the images first")
    return found


def prepared_project(client: Client, title: str, policies: Sequence[Policy]) -> Project:
    """The project `title`, made if need be; a newer page with the same policy texts replaces an older one.

    Raises AnnotationError where the project shows other texts than `policies`.
    """
    if len(title) < 3:
        raise AnnotationError(
            f"project title {title!r} is too short; Label Studio wants three letters or more"
        )
    config = labelling_config(policies)
    if not any(project.title == title for project in client.projects(title)):
        validate_config(config)
        return _create(client, title, config)
    project = client.project(title)
    _refuse_other_texts(project, config)
    if project.config != config:
        client.patch(f"/api/projects/{project.id}/", {"label_config": config})
    _hide_thumbnails(client, project)
    return project


def _create(client: Client, title: str, config: str) -> Project:
    settings = {
        "title": title,
        "label_config": config,
        "expert_instruction": INSTRUCTION,
        "show_instruction": True,
        "show_skip_button": True,
        "skip_queue": "REQUEUE_FOR_OTHERS",  # a skipped image does not come back to the same person
        "enable_empty_annotation": False,
        "show_collab_predictions": False,
        "sampling": "Sequential sampling",
        "maximum_annotations": 1,
    }
    project = project_from(client.post("/api/projects/", settings).json())
    _hide_thumbnails(client, project)
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


def _hide_thumbnails(client: Client, project: Project) -> None:
    """The data manager's table would show every image unveiled: hide the column and make it text."""
    if client.get("/api/dm/views/", {"project": project.id}).json():
        return
    data = {
        "title": "Images",
        "hiddenColumns": {"explore": list(COLUMNS), "labeling": list(COLUMNS)},
        "columnsDisplayType": {COLUMNS[0]: "String"},
    }
    client.post("/api/dm/views/", {"project": project.id, "data": data})
