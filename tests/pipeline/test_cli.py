"""What a user types, and what comes back: exit codes, one-line errors, what to do next."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.dataset import load_benchmark
from tests.pipeline.tiny_models import unets

ROOT = Path(__file__).parents[2]


def safeeditbench(*arguments: object, expect: int = 0) -> str:
    """Run the command line in a process of its own; returns stdout and stderr together."""
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def toml(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    model = unets.stable_diffusion_inpaint(folder / "sd")
    path = folder / "build.toml"
    path.write_text(
        '[source]\nkind = "scenes"\ncount = 3\nsize = 96\n[verify]\ngone = 0.0\n[runner]\nkind = "loop"\n'
        f'[edit]\nbackend = "diffusers"\nmodel = "{model}"\nsteps = 1\ncanvases = [64]\n'
    )
    return path


@pytest.fixture(scope="module")
def bench(toml: Path) -> Path:
    out = toml.parent / "bench"
    text = safeeditbench("build", toml, "--out", out)
    assert "3 pairs of 3 inputs" in text
    assert f"next: safeeditbench verify {out}" in text
    return out


@pytest.mark.slow
def test_verify_says_what_holds(bench: Path) -> None:
    text = safeeditbench("verify", bench)
    assert "3 pairs, " in text
    assert "0 changed pixels outside the ring" in text


@pytest.mark.slow
def test_verify_tells_shortcuts_only_of_enough_pairs(bench: Path) -> None:
    assert "distinct pairs with a control are too few to tell anything; build 10 or more" in safeeditbench(
        "verify", bench, "--shortcut", expect=1
    )


@pytest.mark.slow
def test_verify_fails_on_a_changed_byte(bench: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    subprocess.run(["cp", "-r", bench, broken], check=True)
    card = broken / "README.md"
    card.write_text(card.read_text() + "\n")
    assert "README.md" in safeeditbench("verify", broken, expect=1)


@pytest.mark.slow
def test_export_again_gives_the_same_bytes(bench: Path) -> None:
    before = (bench / "SHA256SUMS").read_text()
    safeeditbench("export", bench)
    assert (bench / "SHA256SUMS").read_text() == before


@pytest.mark.slow
def test_evaluate_prints_a_row_a_policy_and_writes_the_page(bench: Path, tmp_path: Path) -> None:
    text = safeeditbench("evaluate", "constant:safe", "--data", bench, "--out", tmp_path / "run")
    for policy in ("L1", "L2", "L3", "L4", "L5", "headline"):
        assert policy in text
    assert (tmp_path / "run" / "report.html").stat().st_size > 10_000
    safeeditbench("report", tmp_path / "run", "--data", bench, "--out", tmp_path / "page.html")
    assert (tmp_path / "page.html").exists()


@pytest.mark.slow
def test_scenes_as_a_folder_can_be_built_from_their_truth(toml: Path, tmp_path: Path) -> None:
    safeeditbench("scenes", "--out", tmp_path / "scenes", "--count", 2, "--size", 96)
    records = [json.loads(line) for line in (tmp_path / "scenes" / "truth.jsonl").read_text().splitlines()]
    text = toml.read_text().replace(
        'kind = "scenes"\ncount = 3\nsize = 96', f'kind = "folder"\npath = "{tmp_path / "scenes"}"'
    )
    (tmp_path / "build.toml").write_text(text)
    safeeditbench("build", tmp_path / "build.toml", "--out", tmp_path / "bench")
    made = load_benchmark(tmp_path / "bench")
    shown = {made.meta(i).concepts for i in made.image_ids if made.meta(i).role == "original"}
    assert shown == {tuple(record["concepts"]) for record in records}
    assert all(made.meta(i).synthetic for i in made.image_ids)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["build", "--scenes", 3], "give --out FOLDER"),
        (["build", "--out", "x"], "give --scenes N, --images FOLDER or a TOML file"),
        (["build", "--out", "x", "--images", "nowhere"], "does not exist; give a folder of images"),
        (["verify", "nowhere"], "nowhere"),
        (["evaluate", "constant:maybe", "--data", "nowhere", "--out", "x"], "nowhere"),
        (["annotate", "push", "nowhere"], "no server runs on label-studio"),
    ],
)
def test_an_error_is_one_line_with_the_remedy(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_field_is_named(tmp_path: Path) -> None:
    path = tmp_path / "build.toml"
    path.write_text('[source]\nkind = "scenes"\ncounts = 3\n')
    text = safeeditbench("build", path, "--out", tmp_path / "out", expect=1)
    assert "source.counts: Unexpected keyword argument" in text
