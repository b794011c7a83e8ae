"""How long a push of many pictures and a pull of many votes take, and how much memory they need.

    python -m tests.bench_label_studio [TASKS]      # 10,000 if not given; each has one form of five votes

Starts an embedded Label Studio on SQLite in a temporary folder. The votes are put there by Label Studio's
own import, since giving them one by one would take longer than all the rest. The second pull asks again for
what changed within the minute before the first, which may be most of it here.
"""

from __future__ import annotations

import io
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from PIL import Image
from rich.console import Console
from rich.table import Table

from annotation.answers import Answers, Said, to_result
from annotation.client import Client, connect
from annotation.order import Picture
from annotation.project import prepared_project
from annotation.pull import pull, pulled_forms
from annotation.push import push
from annotation.server import ENVIRONMENT, running_server
from annotation.wire import Project
from bench.policy import load_policies

POLICIES = load_policies()
BATCH = 500


def plain_picture(number: int) -> bytes:
    """A PNG of one colour; no two numbers below 2^24 share one."""
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), (number >> 16, number >> 8 & 255, number & 255)).save(buffer, "PNG")
    return buffer.getvalue()


def voted_project(client: Client, count: int) -> Project:
    """A project of `count` tasks with a submitted form each."""
    project = prepared_project(client, "Votes", POLICIES)
    said: dict[str, Said] = {policy.id: "safe" for policy in POLICIES}
    form = {"result": to_result(Answers(said, {}, True, True)), "lead_time": 20.0}
    for start in range(0, count, BATCH):
        rows = [
            {"data": {"image": "/none.png", "image_id": f"{number:016x}"}, "annotations": [form]}
            for number in range(start, min(start + BATCH, count))
        ]
        client.post(f"/api/projects/{project.id}/import", rows)
    return project


def measured(table: Table, what: str, work: Callable[[], object]) -> None:
    """Run `work` and add a row: minutes, and by how many MB the peak of this process grew."""
    before, start = _peak(), time.perf_counter()
    work()
    table.add_row(
        what, f"{(time.perf_counter() - start) / 60:.2f}", f"{_peak() - before:.0f}", f"{_peak():.0f}"
    )


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(count: int) -> None:
    numbers = {sha256(plain_picture(number)).hexdigest()[:16]: number for number in range(count)}
    pictures = [Picture(name, f"pair-{number // 3}", number % 3 > 0) for name, number in numbers.items()]
    table = Table("step", "minutes", "peak grew by MB", "peak MB", title=f"{count} tasks, {5 * count} votes")
    with (
        tempfile.TemporaryDirectory() as name,
        running_server(Path(name) / "data", cache=Path(name), environment=ENVIRONMENT, port=8099) as server,
        connect(server.url, server.token) as client,
    ):
        folder = Path(name) / "pulled"

        def push_all() -> None:
            push(client, "Pictures", pictures, lambda one: plain_picture(numbers[one]), POLICIES)

        measured(table, "push", push_all)
        measured(table, "push again", push_all)
        project = voted_project(client, count)
        measured(table, "pull", lambda: pull(client, project, folder))
        measured(table, "pull again", lambda: pull(client, project, folder))
        measured(table, "read the journal", lambda: pulled_forms(folder, "Votes"))
        assert sum(len(form.votes) for form in pulled_forms(folder, "Votes")) == 5 * count
    Console().print(table)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
