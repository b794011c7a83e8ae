"""The commands shown in the README exist, with the options they are shown with."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from pipeline.cli import app

README = Path(__file__).parents[1] / "README.md"


def shown() -> list[str]:
    """Every command in a block of code, its continued lines joined and its comment left out."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [line.split("  #")[0].strip() for line in lines if line.startswith("safeeditbench ")]


@pytest.mark.parametrize("line", shown())
def test_a_command_and_its_options_exist(line: str) -> None:
    command = get_command(app)
    words = shlex.split(line, comments=True)[1:]
    while isinstance(command, TyperGroup):
        name = words.pop(0)
        assert name in command.commands
        command = command.commands[name]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_there_is_something_to_check() -> None:
    assert len(shown()) >= 20
