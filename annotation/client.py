"""Talking to a Label Studio server: requests, sign-in by token, pages of tasks, users.

Plain httpx: a dozen routes are used, each checked on Label Studio 1.23.2. Nothing is sent anywhere
but to the given address, redirects are not followed, and the token travels in the header only.
"""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from annotation.errors import AnnotationError
from annotation.server import load_credentials, running_url
from annotation.wire import Project, Task, User, project_from, task_from, user_from

Query = Mapping[str, str | int]
TRIES = 3  # of a reading request; writing requests are never repeated blindly


class TokenAuth(httpx.Auth):
    """Both kinds of Label Studio tokens: the legacy user token and the personal access token.

    A personal access token is a refresh token (a JWT); it buys an access token that lives minutes.
    """

    requires_response_body = True

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token
        self._access: str | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if self._token.count(".") != 2:
            request.headers["Authorization"] = f"Token {self._token}"
            yield request
            return
        if self._access is None:
            yield from self._refresh()
        request.headers["Authorization"] = f"Bearer {self._access}"
        response = yield request
        if response.status_code == 401:
            yield from self._refresh()
            request.headers["Authorization"] = f"Bearer {self._access}"
            yield request

    def _refresh(self) -> Generator[httpx.Request, httpx.Response, None]:
        response = yield httpx.Request(
            "POST", f"{self._url}/api/token/refresh", json={"refresh": self._token}
        )
        if response.status_code != 200:
            raise AnnotationError(
                f"{self._url} refused the access token; make a new one under Account & Settings"
            )
        self._access = response.json()["access"]


def connect(
    url: str, token: str, *, timeout: float = 120.0, transport: httpx.BaseTransport | None = None
) -> Client:
    """Sign in at `url` and check that a Label Studio answers there.

    `timeout` in seconds bounds every wait for the server; `transport` replaces the network.
    Raises AnnotationError when nothing answers, the token is refused or the address is not http(s).
    """
    url = url.rstrip("/")
    if not url.startswith(("http://", "https://")):
        raise AnnotationError(f"{url!r} is no address of a Label Studio; write it like http://127.0.0.1:8080")
    auth = TokenAuth(url, token)
    http = httpx.Client(base_url=url, auth=auth, timeout=timeout, transport=transport, trust_env=False)
    client = Client(http, url)
    client.get("/api/current-user/whoami")
    return client


def connect_embedded(folder: Path) -> Client:
    """Sign in at the embedded server that runs on this data folder; raises AnnotationError when none does."""
    url = running_url(folder)
    if url is None:
        raise AnnotationError(f"no server runs on {folder}; start it with `safeeditbench annotate serve`")
    return connect(url, load_credentials(folder).token)


class Client:
    """A signed-in connection. Use `connect`; close it, or use it in a `with`."""

    def __init__(self, http: httpx.Client, url: str) -> None:
        self._http, self.url = http, url

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exc: object) -> None:
        self._http.close()

    def get(self, path: str, query: Query | None = None) -> httpx.Response:
        """GET, tried again after a failed connection or a server error (waits 0.5 s, then 1 s)."""
        for attempt in range(1, TRIES):
            try:
                response = self._http.get(path, params=query)
            except httpx.TransportError:
                response = None
            if response is not None and response.status_code < 500:
                return self._checked(response)
            time.sleep(attempt / 2)
        return self._send("GET", path, query)

    def post(self, path: str, body: object, query: Query | None = None) -> httpx.Response:
        return self._send("POST", path, query, body=body)

    def patch(self, path: str, body: object) -> httpx.Response:
        return self._send("PATCH", path, None, body=body)

    def upload(self, path: str, files: Mapping[str, tuple[str, bytes]], query: Query) -> httpx.Response:
        """POST files as one multipart form: field -> (file name, bytes)."""
        return self._send("POST", path, query, files=files)

    def _send(
        self,
        method: str,
        path: str,
        query: Query | None,
        body: object = None,
        files: Mapping[str, tuple[str, bytes]] | None = None,
    ) -> httpx.Response:
        try:
            return self._checked(self._http.request(method, path, params=query, json=body, files=files))
        except httpx.TransportError as error:
            raise AnnotationError(
                f"no answer from Label Studio at {self.url} ({method} {path}: "
                f"{error or type(error).__name__}); start one with "
                "`safeeditbench annotate serve` or check the address"
            ) from error

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
        """Projects with exactly this title, oldest first."""
        rows = self._pages(
            "/api/projects/", "results", {"title": title, "include": "id,title,label_config,created_at"}
        )
        found = [project_from(row) for row in rows if row["title"] == title]
        return tuple(sorted(found, key=lambda project: project.id))

    def project(self, title: str) -> Project:
        """The project with this title; raises AnnotationError where there is none or more than one."""
        found = self.projects(title)
        if len(found) != 1:
            state = f"{len(found)} projects are" if found else "no project is"
            raise AnnotationError(
                f"{state} titled {title!r} at {self.url}; push the images, or rename all but one"
            )
        return found[0]

    def tasks(self, project: Project, *, since: str | None = None, answers: bool = False) -> Iterator[Task]:
        """Tasks of a project in order of id, those changed at or after `since` (ISO 8601), if given.

        `answers` brings the annotations along. A page of tasks is one request, so memory stays flat.
        """
        query: dict[str, str | int] = {"project": project.id, "fields": "all" if answers else "task_only"}
        if since is not None:
            item = {"filter": "filter:tasks:updated_at", "operator": "greater_or_equal", "type": "Datetime"}
            filters = {"conjunction": "and", "items": [{**item, "value": since}]}
            query["query"] = json.dumps({"filters": filters})
        for row in self._pages("/api/tasks", "tasks", query):
            yield task_from(row)

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
        page, size = 1, 200
        while True:
            body = self.get(path, {**query, "page": page, "page_size": size}).json()
            yield from body[key]
            if len(body[key]) < size:
                return
            page += 1
