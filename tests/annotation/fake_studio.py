"""The routes of Label Studio that the package uses, in memory: an httpx transport for offline tests.

It mirrors what a real 1.23.2 server answered to the same requests; `test_real_server.py` keeps it honest.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import httpx

from annotation.client import Client, connect

TOKEN = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class FakeStudio:
    projects: list[dict[str, Any]] = field(default_factory=list)
    views: list[dict[str, Any]] = field(default_factory=list)
    uploads: list[str] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    users: list[dict[str, Any]] = field(default_factory=lambda: [{"id": 1, "email": "ann@example.org"}])
    requests: list[str] = field(default_factory=list)
    clock: int = 0

    def client(self) -> Client:
        return connect("http://studio.test", TOKEN, transport=httpx.MockTransport(self.answer))

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.requests.append(f"{request.method} {path}")
        if request.headers.get("Authorization") != f"Token {TOKEN}":
            return httpx.Response(401, json={"detail": "Invalid token."})
        if request.method == "GET":
            return httpx.Response(200, json=self.read(path, request.url.params))
        return httpx.Response(201, json=self.write(path, request))

    def read(self, path: str, query: httpx.QueryParams) -> Any:
        if path == "/api/projects/":
            return {"results": [p for p in self.projects if query["title"] in p["title"]]}
        if path == "/api/tasks":
            return {"tasks": self.page([t for t in self.tasks if self.wanted(t, query)], query)}
        if path == "/api/users/":
            return self.users
        if path == "/api/invite":
            return {"invite_url": "/user/signup/?token=abc"}
        if path.endswith("/file-uploads"):
            return [{"id": i, "file": self.uploads[i]} for i in json.loads(query["ids"])]
        return {}

    def wanted(self, task: dict[str, Any], query: httpx.QueryParams) -> bool:
        since = json.loads(query["query"])["filters"]["items"][0]["value"] if "query" in query else ""
        return bool(task["project"] == int(query["project"]) and task["updated_at"] >= since)

    @staticmethod
    def page(rows: list[dict[str, Any]], query: httpx.QueryParams) -> list[dict[str, Any]]:
        size, start = int(query["page_size"]), (int(query["page"]) - 1) * int(query["page_size"])
        keep = rows[start : start + size]
        return keep if query["fields"] == "all" else [{**row, "annotations": []} for row in keep]

    def write(self, path: str, request: httpx.Request) -> Any:
        if path.endswith("/import") and "multipart" in request.headers["Content-Type"]:
            names = re.findall(rb'filename="([^"]+)"', request.content)
            self.uploads += [f"upload/1/aaaa-{name.decode()}" for name in names]
            return {"file_upload_ids": list(range(len(self.uploads) - len(names), len(self.uploads)))}
        body = json.loads(request.content)
        if path.endswith("/import"):
            for task in body:
                self.add_task(int(path.split("/")[3]), task["data"])
            return {}
        if path == "/api/projects/":
            self.projects.append({**body, "id": len(self.projects) + 1, "created_at": self.now()})
            return self.projects[-1]
        if path.startswith("/api/projects/"):
            self.projects[int(path.split("/")[3]) - 1].update(body)
        if path == "/api/users/":
            self.users.append({"id": len(self.users) + 1, "email": body["email"]})
            return self.users[-1]
        if path == "/api/dm/views/":
            self.views.append(body)
        if path.endswith("/annotations/"):
            self.annotate(int(path.split("/")[3]), **body)
        return {}

    def now(self) -> str:
        self.clock += 120
        return (
            f"2026-01-01T{self.clock // 3600:02d}:{self.clock // 60 % 60:02d}:{self.clock % 60:02d}.000000Z"
        )

    def add_task(self, project: int, data: dict[str, str]) -> None:
        row = {"id": len(self.tasks) + 1, "project": project, "data": data, "annotations": []}
        self.tasks.append({**row, "updated_at": self.now()})

    def annotate(
        self,
        task_id: int,
        *,
        result: Any,
        completed_by: int = 1,
        was_cancelled: bool = False,
        lead_time: float | None = 1.0,
    ) -> None:
        task = next(task for task in self.tasks if task["id"] == task_id)
        task["updated_at"] = self.now()
        row = {"result": result, "completed_by": completed_by, "was_cancelled": was_cancelled}
        number = sum(len(task["annotations"]) for task in self.tasks) + 1
        times = {"lead_time": lead_time, "updated_at": task["updated_at"]}
        task["annotations"].append({**row, **times, "id": number})
