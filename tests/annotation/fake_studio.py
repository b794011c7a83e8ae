"""The routes of Label Studio that the package uses, in memory: an httpx transport for offline tests.

It mirrors what a real 1.23.2 server answered to the same requests; `test_real_server.py` keeps it honest.
`faults` names requests, counted from 0, that go wrong and how: `refused` never arrives, `busy` is answered
503 and not carried out, `lost` is carried out and its answer lost, `killed` ends the client on the spot
after it was carried out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Literal

import httpx

from annotation.client import Client, connect

TOKEN = "0123456789abcdef0123456789abcdef01234567"
Fault = Literal["refused", "busy", "lost", "killed"]


class KilledError(BaseException):
    """Stands for `kill -9` of the client."""


@dataclass
class FakeStudio:
    projects: list[dict[str, Any]] = field(default_factory=list)
    views: list[dict[str, Any]] = field(default_factory=list)
    uploads: list[str] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    users: list[dict[str, Any]] = field(default_factory=lambda: [{"id": 1, "email": "ann@example.org"}])
    requests: list[str] = field(default_factory=list)
    faults: dict[int, Fault] = field(default_factory=dict)
    clock: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def client(self) -> Client:
        return connect("http://studio.test", TOKEN, transport=httpx.MockTransport(self.answer))

    def answer(self, request: httpx.Request) -> httpx.Response:
        fault = self.faults.get(len(self.requests))
        self.requests.append(f"{request.method} {request.url.path}")
        if fault == "refused":
            raise httpx.ConnectError("connection refused")
        if fault == "busy":
            return httpx.Response(503, text="database is locked")
        response = self._answer(request)
        if fault == "lost":
            raise httpx.ReadError("connection reset by peer")
        if fault == "killed":
            raise KilledError
        return response

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if request.headers.get("Authorization") != f"Token {TOKEN}":
            return httpx.Response(401, json={"detail": "Invalid token."})
        date = {"Date": format_datetime(self.clock, usegmt=True)}
        if request.method == "GET":
            return httpx.Response(200, json=self.read(path, request.url.params), headers=date)
        if request.method == "DELETE":
            self.tasks = [task for task in self.tasks if task["id"] != _number(path)]
            return httpx.Response(204)
        return httpx.Response(201, json=self.write(path, request))

    def read(self, path: str, query: httpx.QueryParams) -> Any:
        if path == "/api/projects/":
            found = [project for project in self.projects if query["title"] in project["title"]]
            size, start = int(query["page_size"]), (int(query["page"]) - 1) * int(query["page_size"])
            return {"results": found[start : start + size]}
        if path == "/api/tasks":
            found = [task for task in self.tasks if self.wanted(task, query)]
            return {"total": len(found), "tasks": list(self.page(found, query))}
        if path == "/api/users/":
            return self.users
        if path == "/api/invite":
            return {"invite_url": "/user/signup/?token=abc"}
        if path == "/api/dm/views/":
            return [view for view in self.views if view["project"] == int(query["project"])]
        if path.endswith("/file-uploads"):
            return [{"id": i, "file": self.uploads[i]} for i in json.loads(query["ids"])]
        if path.startswith("/api/projects/"):
            forms = [form for task in self.tasks_of(_number(path)) for form in task["annotations"]]
            skipped = sum(form["was_cancelled"] for form in forms)
            counts = {"skipped_annotations_number": skipped, "total_annotations_number": len(forms) - skipped}
            return {**self.projects[_number(path) - 1], **counts}
        return {}

    def tasks_of(self, project: int) -> list[dict[str, Any]]:
        return [task for task in self.tasks if task["project"] == project]

    @staticmethod
    def wanted(task: dict[str, Any], query: httpx.QueryParams) -> bool:
        filters = {item["filter"]: item["value"] for item in json.loads(query["query"])["filters"]["items"]}
        return bool(
            task["project"] == int(query["project"])
            and task["id"] > filters["filter:tasks:id"]
            and task["updated_at"] >= filters.get("filter:tasks:updated_at", "")
        )

    @staticmethod
    def page(rows: list[dict[str, Any]], query: httpx.QueryParams) -> Iterator[dict[str, Any]]:
        for row in rows[: int(query["page_size"])]:
            skipped = sum(form["was_cancelled"] for form in row["annotations"])
            counts = {
                "total_annotations": len(row["annotations"]) - skipped,
                "cancelled_annotations": skipped,
            }
            forms = row["annotations"] if query["fields"] == "all" else []
            yield {**row, **counts, "annotations": forms}

    def write(self, path: str, request: httpx.Request) -> Any:
        if path.endswith("/import"):
            names = re.findall(rb'filename="([^"]+)"', request.content)
            self.uploads += [f"upload/1/aaaa-{name.decode()}" for name in names]
            return {"file_upload_ids": list(range(len(self.uploads) - len(names), len(self.uploads)))}
        body = json.loads(request.content)
        if path == "/api/tasks/":
            self.add_task(body["project"], body["data"], body["overlap"])
        if re.fullmatch(r"/api/tasks/\d+/", path):
            next(task for task in self.tasks if task["id"] == _number(path)).update(body)
        if path == "/api/projects/":
            self.projects.append({**body, "id": len(self.projects) + 1, "created_at": self.now()})
            return self.projects[-1]
        if path.startswith("/api/projects/"):
            self.projects[_number(path) - 1].update(body)
        if path == "/api/users/":
            self.users.append({"id": len(self.users) + 1, "email": body["email"]})
            return self.users[-1]
        if path == "/api/dm/views/":
            self.views.append(body)
        if path.endswith("/annotations/"):
            self.annotate(_number(path), **body)
        return {}

    def now(self) -> str:
        self.clock += timedelta(minutes=2)
        return self.clock.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def add_task(self, project: int, data: dict[str, str], overlap: int = 1) -> None:
        number = max((task["id"] for task in self.tasks), default=0) + 1
        row = {"id": number, "project": project, "data": data, "overlap": overlap, "annotations": []}
        self.tasks.append({**row, "updated_at": self.now()})

    def annotate(
        self,
        task_id: int,
        *,
        result: Any,
        completed_by: int | None = 1,
        was_cancelled: bool = False,
        lead_time: float | None = 1.0,
    ) -> None:
        task = next(task for task in self.tasks if task["id"] == task_id)
        task["updated_at"] = self.now()
        row = {"result": result, "completed_by": completed_by, "was_cancelled": was_cancelled}
        numbers = [form["id"] for task in self.tasks for form in task["annotations"]]
        times = {"lead_time": lead_time, "created_at": task["updated_at"], "updated_at": task["updated_at"]}
        task["annotations"].append({**row, **times, "id": max(numbers, default=0) + 1})

    def withdraw(self, task_id: int) -> None:
        """A rater deletes the last form of a task."""
        task = next(task for task in self.tasks if task["id"] == task_id)
        task["annotations"].pop()
        task["updated_at"] = self.now()


def _number(path: str) -> int:
    return int(path.split("/")[3])
