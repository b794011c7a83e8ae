"""Client and server killed at random moments of a push and of a pull: nothing lost, nothing doubled."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from annotation.client import connect
from annotation.journal import Pulled, entries_of
from annotation.pull import pulled_forms
from annotation.raters import SimulatedRater, simulate
from annotation.server import Server, running_server
from bench.policy import Ruling
from tests.annotation.conftest import LABEL_STUDIO
from tests.annotation.cut_off import POLICIES, QUEUE, TITLE, step

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
TRUTH = {(image_id, policy.id): Ruling("safe", ()) for image_id in QUEUE for policy in POLICIES}
ROUNDS = 4  # kills of the client, and one of the server, in push and in pull: ten


@pytest.fixture(scope="module")
def draw() -> random.Random:
    """The moments of the kills, others in each run; a failure names the seed."""
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    return random.Random(seed)


@pytest.fixture(scope="module")
def restart(server: Server, shots: Path) -> Iterator[Callable[[], None]]:
    """Kills the server and starts it again on its folder and port."""
    running = [server]
    with ExitStack() as stack:

        def kill_and_start() -> None:
            running[-1].process.kill()
            running[-1].process.wait()
            port = int(server.url.rsplit(":", 1)[1])
            again = running_server(server.folder, cache=shots, environment=LABEL_STUDIO, port=port)
            running.append(stack.enter_context(again))

        yield kill_and_start


def killed_clients(server: Server, what: str, folder: Path, draw: random.Random, longest: float) -> None:
    for _ in range(ROUNDS):
        program = [sys.executable, "-m", "tests.annotation.cut_off", server.url, server.token, what]
        with subprocess.Popen([*program, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "begins\n"
            time.sleep(draw.uniform(0, longest))
            child.kill()


def with_killed_server(
    server: Server, what: str, folder: Path, restart: Callable[[], None], delay: float
) -> None:
    with connect(server.url, server.token) as client, ThreadPoolExecutor(1) as pool:
        going = pool.submit(step, client, what, folder)
        time.sleep(delay)
        restart()
        going.result()


def test_a_push_with_both_sides_killed_is_whole(
    server: Server, restart: Callable[[], None], draw: random.Random, tmp_path: Path
) -> None:
    killed_clients(server, "push", tmp_path, draw, longest=1.5)
    with_killed_server(server, "push", tmp_path, restart, draw.uniform(0, 1))
    with connect(server.url, server.token) as client:
        tasks = list(client.tasks(client.project(TITLE)))
        assert [task.image_id for task in tasks] == QUEUE
        assert {task.votes for task in tasks} == {3}
        assert len(client.projects(TITLE)) == 1


def test_a_pull_with_both_sides_killed_is_whole(
    server: Server,
    restart: Callable[[], None],
    draw: random.Random,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with connect(server.url, server.token) as client:
        step(client, "push", tmp_path)
        assert simulate(client, TITLE, TRUTH, [SimulatedRater(1)]).posted == len(QUEUE)
    monkeypatch.setattr("annotation.client.PAGE", 7)
    killed_clients(server, "pull", tmp_path, draw, longest=0.8)
    with_killed_server(server, "pull", tmp_path, restart, draw.uniform(0, 0.5))
    forms = pulled_forms(tmp_path, TITLE)
    assert sorted(form.image_id for form in forms) == sorted(QUEUE)
    entries = entries_of(next(tmp_path.glob("forms-*.jsonl")))
    seen = [entry.annotation_id for entry in entries if isinstance(entry, Pulled)]
    assert len(seen) == len(set(seen)) == len(QUEUE)
