"""Talking to a Label Studio server: requests that outlive a restart, pages of tasks, users.

Plain httpx: a dozen routes are used, each checked on Label Studio 1.23.2. Nothing is sent anywhere
but to the given address, redirects are not followed, and the token travels in the header only.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx

from annotation.errors import AnnotationError
from annotation.server import load_credentials, running_url
from annotation.tokens import TokenAuth
from annotation.wire import Project, Task, User, annotation_count, project_from, task_from, user_from

Query = Mapping[str, str | int]
Files = Mapping[str, tuple[str, bytes]]
PATIENCE = 90.0  # seconds a silent server is waited for: a restart takes 5 to 40
FIRST_WAIT, LONGEST_WAIT = 0.25, 5.0  # seconds between two tries, doubled each time
PAGE = 200  # rows a request
BUSY = (429, 500, 502, 503, 504)
# Django's own server answers a kept connection 40 ms late (Nagle's algorithm against delayed
# acknowledgements); a new one on the loopback costs nothing.
CONNECTIONS = httpx.Limits(max_keepalive_connections=0)


class UnsettledError(AnnotationError):
    """A writing request was sent and no answer came: the server may have carried it out or not."""


def connect(
    url: str, token: str, *, timeout: float = 120.0, transport: httpx.BaseTransport | None = None
) -> Client:
    """Sign in at `url` and check that a Label Studio answers there.

    `timeout` in seconds bounds the wait for one answer; `transport` replaces the network.
    Raises AnnotationError when nothing answers, the token is refused or the address is not http(s).
    """
    url = url.rstrip("/")
    if not url.startswith(("http://", "https://")):
        raise AnnotationError(f"{url!r} is no address of a Label Studio; write it like http://127.0.0.1:8080")
    http = httpx.Client(
        base_url=url,
        auth=TokenAuth(url, token),
        timeout=timeout,
        transport=transport,
        trust_env=False,
        limits=CONNECTIONS,
    )
    Client(http, url, patience=2.0).get("/api/current-user/whoami")
    return Client(http, url)


def connect_embedded(folder: Path) -> Client:
    """Sign in at the embedded server that runs on this data folder; raises AnnotationError when none does."""
    url = running_url(folder)
    if url is None:
        raise AnnotationError(
            f"no server runs on {folder}; start it with `safeeditbench annotate serve --server {folder}`, "
            "or name another with --url and --token"
        )
    return connect(url, load_credentials(folder).token)


class Client:
    """A signed-in connection. Use `connect`; close it, or use it in a `with`.

    A server that is restarting or slow is waited for, `patience` seconds in all: reading requests, PATCH
    and DELETE are sent again, POST only where the server cannot have seen it.
    """

    def __init__(self, http: httpx.Client, url: str, *, patience: float = PATIENCE) -> None:
        self._http, self.url, self._patience = http, url, patience

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exc: object) -> None:
        self._http.close()

    def get(self, path: str, query: Query | None = None) -> httpx.Response:
        return self._send(self._http.build_request("GET", path, params=query))

    def post(self, path: str, body: object, query: Query | None = None) -> httpx.Response:
        """POST JSON, once; raises UnsettledError where the server may or may not have carried it out."""
        return self._send(self._http.build_request("POST", path, params=query, json=body))

    def upload(self, path: str, files: Files, query: Query) -> httpx.Response:
        """POST files as one multipart form, field -> (file name, bytes); as `post` otherwise."""
        return self._send(self._http.build_request("POST", path, params=query, files=files))

    def patch(self, path: str, body: object) -> httpx.Response:
        return self._send(self._http.build_request("PATCH", path, json=body))

    def delete(self, path: str) -> None:
        """DELETE; what is gone already is fine."""
        self._send(self._http.build_request("DELETE", path), fine=(404,))

    def _send(self, request: httpx.Request, fine: tuple[int, ...] = ()) -> httpx.Response:
        """The answer, once there is one. A failure that may pass is waited out with growing pauses."""
        deadline, wait = time.monotonic() + self._patience, FIRST_WAIT
        while True:
            try:
                response = self._http.send(request)
                if response.status_code not in BUSY:
                    return response if response.status_code in fine else self._checked(response)
                failure, seen = f"{response.status_code} {response.text[:300]}", True
            except httpx.TransportError as error:
                failure = f"{error}" or type(error).__name__
                seen = not isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout))
            if request.method == "POST" and seen:
                raise UnsettledError(self._silent(request, failure))
            if time.monotonic() + wait > deadline:
                raise AnnotationError(self._silent(request, failure))
            time.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)

    def _silent(self, request: httpx.Request, failure: str) -> str:
        return (
            f"no answer from Label Studio at {self.url} ({request.method} {request.url.path}: {failure}); "
            "start one with `safeeditbench annotate serve`, check the address, and run the command again: "
            "it goes on where it stopped"
        )

    def _checked(self, response: httpx.Response) -> httpx.Response:
        if response.is_success:
            return response
        where = f"{response.request.method} {response.request.url.path}"
        if response.status_code in (401, 403):
            raise AnnotationError(
                f"{self.url} does not accept the token ({response.status_code} on {where}); copy the "
                "access token from Account & Settings, or from credentials.json of an embedded server"
            )
        raise AnnotationError(f"{self.url} answered {response.status_code} to {where}: {response.text[:500]}")

    def projects(self, title: str) -> tuple[Project, ...]:
        """Projects whose title begins with `title`, oldest first."""
        query = {"title": title, "include": "id,title,label_config,created_at"}
        found = map(project_from, self._pages("/api/projects/", "results", query))
        kept = [project for project in found if project.title.startswith(title)]
        return tuple(sorted(kept, key=lambda project: project.id))

    def project(self, title: str) -> Project:
        """The project with this title; raises AnnotationError where there is none or more than one."""
        found = [project for project in self.projects(title) if project.title == title]
        if len(found) != 1:
            state = f"{len(found)} projects are" if found else "no project is"
            raise AnnotationError(
                f"{state} titled {title!r} at {self.url}; push the images, or rename all but one"
            )
        return found[0]

    def annotation_count(self, project: Project) -> int:
        """How many forms the server holds for a project, submitted and skipped ones."""
        return annotation_count(self.get(f"/api/projects/{project.id}/").json())

    def server_time(self) -> datetime:
        """The server's clock, to the second; its stamps on tasks and forms are by the same clock."""
        return parsedate_to_datetime(self.get("/api/version").headers["Date"])

    def tasks(self, project: Project, *, since: str | None = None, answers: bool = False) -> Iterator[Task]:
        """Tasks of a project in order of id, those changed at or after `since` (ISO 8601), if given.

        `answers` brings the annotations along.
        """
        for page, _ in self.task_pages(project, since=since, answers=answers):
            yield from page

    def task_pages(
        self, project: Project, *, since: str | None = None, answers: bool = False
    ) -> Iterator[tuple[tuple[Task, ...], int]]:
        """Those tasks a page a request, each with the number of tasks that were left, its own included.

        A page is what follows the last id seen, so a task added or deleted meanwhile makes none be missed.
        """
        last = 0
        while True:
            filters = [_filter("id", "greater", "Number", last)]
            if since is not None:
                filters.append(_filter("updated_at", "greater_or_equal", "Datetime", since))
            wanted = {"filters": {"conjunction": "and", "items": filters}, "ordering": ["tasks:id"]}
            fields = "all" if answers else "task_only"
            query: Query = {"project": project.id, "fields": fields, "page_size": PAGE}
            body = self.get("/api/tasks", {**query, "query": json.dumps(wanted)}).json()
            page = tuple(map(task_from, body["tasks"]))
            yield page, body["total"]
            if len(page) < PAGE:
                return
            last = page[-1].id

    def users(self) -> tuple[User, ...]:
        """Everyone in the organization."""
        return tuple(user_from(row) for row in self.get("/api/users/").json())

    def add_user(self, email: str, first_name: str, last_name: str) -> User:
        """An account without a password: nobody can sign in with it, answers can be credited to it."""
        names = {"username": email.split("@")[0], "first_name": first_name, "last_name": last_name}
        return user_from(self.post("/api/users/", {"email": email, **names}).json())

    def invite_link(self) -> str:
        """The address where a human rater makes an account of their own."""
        path: str = self.get("/api/invite").json()["invite_url"]
        return self.url + path

    def _pages(self, path: str, key: str, query: Query) -> Iterator[Any]:
        """Rows of a paged list. Label Studio answers 404 beyond the last page."""
        page = 1
        while True:
            body = self.get(path, {**query, "page": page, "page_size": PAGE}).json()
            yield from body[key]
            if len(body[key]) < PAGE:
                return
            page += 1


def _filter(column: str, operator: str, kind: str, value: str | int) -> dict[str, str | int]:
    return {"filter": f"filter:tasks:{column}", "operator": operator, "type": kind, "value": value}
