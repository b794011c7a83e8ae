"""Every command of the README and the guides is run, in order, in one folder a page."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from annotation.server import Server
from pipeline.cli import app
from tests.docs.reading import PAGES, ROOT, Command, commands, files
from tests.docs.stand_ins import LEFT_OUT, STAND_INS, left_out, stood_in

ALL = [command for page in PAGES for command in commands(page)]
OURS = [command for command in ALL if command.text.startswith("safeeditbench ")]
SHOWING = [page for page in PAGES if any(left_out(each.text) is None for each in commands(page))]


@pytest.mark.parametrize("command", OURS, ids=str)
def test_a_command_and_its_options_exist(command: Command) -> None:
    known = get_command(app)
    words = shlex.split(command.text)[1:]
    while isinstance(known, TyperGroup):
        name = words.pop(0)
        assert name in known.commands
        known = known.commands[name]
    options = {option for parameter in known.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options


def test_every_command_of_the_tool_is_shown_somewhere() -> None:
    def leaves(group: TyperGroup, before: str) -> set[str]:
        found = set()
        for name, each in group.commands.items():
            path = f"{before} {name}"
            found |= leaves(each, path) if isinstance(each, TyperGroup) else {path}
        return found

    root = get_command(app)
    assert isinstance(root, TyperGroup)
    shown = {command.text for command in ALL}
    unshown = {name for name in leaves(root, "safeeditbench") if not any(t.startswith(name) for t in shown)}
    assert unshown == {"safeeditbench demo"}  # `make demo` is that


def test_no_stand_in_is_left_over() -> None:
    shown = [*ALL, *(each for page in PAGES for each in files(page))]
    told = "\n".join(each.text for each in shown)
    assert [each.text for each in STAND_INS if each.text not in told] == []
    assert [each.text for each in LEFT_OUT if each.text not in told] == []


@pytest.mark.slow
@pytest.mark.parametrize("page", SHOWING, ids=lambda page: page.stem)
def test_the_commands_of_a_page_run(
    page: Path, place: Path, chat: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    monkeypatch.setenv("COLUMNS", "200")
    typed = [stood_in(each.text, chat) for each in commands(page) if left_out(each.text) is None]
    if any(" annotate " in each for each in typed):
        server: Server = request.getfixturevalue("server")
        (place / "label-studio").symlink_to(server.folder)
    if any("models/" in each for each in typed):
        (place / "models").symlink_to(request.getfixturevalue("models"))
    for given in files(page):
        (place / given.path).parent.mkdir(exist_ok=True)
        (place / given.path).write_text(stood_in(given.text, chat))
    for command in commands(page):
        if left_out(command.text) is None:
            run(command, stood_in(command.text, chat))


def run(command: Command, typed: str) -> None:
    """Run a command line as it is typed, ours in this process; a failure says where it stands."""
    print(f"{time.strftime('%H:%M:%S')} {typed}", flush=True)
    program, *words = shlex.split(typed)
    if program == "safeeditbench":
        result = CliRunner().invoke(app, words)
        assert result.exit_code == 0, f"{command}\nrun as {typed}\n{result.output}\n{result.exception!r}"
        return
    assert program == "python", f"{command}: only safeeditbench and python are run; name a reason in LEFT_OUT"
    done = subprocess.run(
        [sys.executable, *words], env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\nrun as {typed}\n{done.stdout}{done.stderr}"
