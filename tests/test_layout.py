"""Imports go one way: bench <- annotation, evaluators <- pipeline."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ALLOWED = {
    "bench": {"bench"},
    "annotation": {"annotation", "bench"},
    "evaluators": {"evaluators", "bench"},
    "data_cards": {"data_cards", "bench"},
    "pipeline": {"pipeline", "annotation", "evaluators", "data_cards", "bench"},
}


def imported_packages(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names & set(ALLOWED)


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_imports_go_one_way(package: str) -> None:
    for file in (ROOT / package).rglob("*.py"):
        assert imported_packages(file) <= ALLOWED[package], file


def test_no_file_is_over_400_lines() -> None:
    for package in [*ALLOWED, "tests"]:
        for file in (ROOT / package).rglob("*.py"):
            assert len(file.read_text().splitlines()) <= 400, file


def test_bench_needs_no_torch() -> None:
    code = "import sys, bench.policy, bench.schema; assert not {'torch', 'pandas'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
