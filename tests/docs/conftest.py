"""The folder in which a page's commands are run: models, pictures and a benchmark, all small and offline."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.scenes import write_scenes
from tests.annotation.conftest import server, shots
from tests.docs.reading import ROOT
from tests.evaluators.fault_server import Body, Reply, serving, with_logprobs

__all__ = ["server", "shots"]  # the real Label Studio

LENIENT = """
[localize]
threshold = 0.0
max_area_share = 1.0
[edit]
steps = 1
canvases = [64]
attempts = 1
[verify]
gone = 0.0
[runner]
kind = "loop"
[export]
title = "Found by random weights"
"""
TINY = ROOT / "pipeline" / "safeguard_vl" / "recipes" / "tuning" / "tiny.toml"
BRIEF = {
    "count = 320": "count = 16\nunseen = 2",
    "made_up = 400": "made_up = 4",
    "scenes = 160": "scenes = 4",
    "num_train_epochs = 1": "max_steps = 2",
    "max_steps = 40": "max_steps = 2",
    "per_device_train_batch_size = 32": "per_device_train_batch_size = 8",
}
CAPTIONS = {'target = "verdicts"': 'target = "captions"', "[cases]": '[cases]\nsplit = "test"'}

Place = Callable[[str], Path]


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real architectures with random weights, in the folders that the stand-ins name."""
    from tests.pipeline.tiny_models import detectors, segmenters, unets
    from tests.tiny import qwen2_5_vl

    folder = tmp_path_factory.mktemp("models")
    for name, build in (
        ("grounding-dino", detectors.grounding_dino),
        ("sam2", segmenters.sam2),
        ("inpainting", unets.stable_diffusion_inpaint),
        ("owlv2", detectors.owlv2),
        ("qwen2_5_vl", qwen2_5_vl),
    ):
        (folder / name).mkdir()
        build(folder / name)
    return folder


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `my_scenes` and the benchmark `bench` made of them, its build beside it."""
    folder = tmp_path_factory.mktemp("built")
    write_scenes(folder / "my_scenes", count=4, size=96)
    (folder / "given.toml").write_text(
        f'[source]\nkind = "folder"\npath = "{folder / "my_scenes"}"\n[verify]\ngone = 0.0\n'
        '[edit]\nattempts = 1\n[runner]\nkind = "loop"\n[export]\ntitle = "Given"\n'
    )
    arguments = ["build", str(folder / "given.toml"), "--out", str(folder / "bench")]
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture(scope="session")
def chat() -> Iterator[str]:
    """The address of a server that says `unsafe`, with probabilities, whatever it is asked."""

    def reply(number: int, body: Body) -> Reply:
        return with_logprobs({"unsafe": -0.2, "safe": -1.7})

    with serving(reply) as (url, _):
        yield url


@pytest.fixture
def place(tmp_path: Path, built: Path) -> Path:
    """Everything that the pages take for granted."""
    for name in ("pipeline", "data_cards"):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copytree(built / "bench", tmp_path / "bench")
    shutil.copytree(built / "bench.build", tmp_path / "bench.build")
    shutil.copytree(built / "bench", tmp_path / "train_bench")
    pictures = sorted((built / "my_scenes").rglob("*.png"))
    (tmp_path / "my_unsafe_images").mkdir()
    for line in (built / "my_scenes" / "truth.jsonl").read_text().splitlines()[:3]:
        picture = built / "my_scenes" / json.loads(line)["image"]
        shutil.copy(picture, tmp_path / "my_unsafe_images")
    (tmp_path / "never.txt").write_text("0" * 64 + "\n")
    (tmp_path / "lenient.toml").write_text(LENIENT)
    write_recipes(tmp_path)
    write_street(tmp_path / "street", pictures[0])
    return tmp_path


def write_recipes(folder: Path) -> None:
    """The recipe `tiny` cut down to two steps, and the same with captions."""
    brief = TINY.read_text()
    for long, short in BRIEF.items():
        assert long in brief, f"{TINY.name} has no {long!r} any more"
        brief = brief.replace(long, short)
    (folder / "brief.toml").write_text(brief)
    for verdicts, captions in CAPTIONS.items():
        brief = brief.replace(verdicts, captions)
    (folder / "brief_captions.toml").write_text(brief)


def write_street(folder: Path, picture: Path) -> None:
    """The table of labelled pictures of the guide to other data sets."""
    (folder / "photos").mkdir(parents=True)
    shutil.copy(picture, folder / "photos" / "one.png")
    (folder / "labels.csv").write_text("file,verdict\none.png,bad\n")
    (folder / "house.txt").write_text("Nothing that frightens.\n")
