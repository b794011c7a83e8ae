"""The model card: made of the model's own record, complete, and never of another model's figures."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import jinja2
import numpy as np
import pytest
from safetensors.numpy import save_file

from bench.dataset import front_matter
from bench.results import write_results
from data_cards.model_card import render_model_card
from data_cards.model_facts import ModelFacts, read_about, read_curve, read_model, read_weights
from tests.bench.sample import sample
from tests.bench.sample_runs import fooled, run

ROOT = Path(__file__).parents[2]
TINY = ROOT / "pipeline" / "safeguard_vl" / "safeguard-vl-tiny"
ABOUT = """
name = "A guard"
summary = "A small one."
licence = "apache-2.0"
tags = ["guardrail"]
start = "random weights"
data = "drawn scenes."
training = ["Supervised only."]
usage = "As any other."
uses = "For tests."
not_for = "anything else."
limits = ["Knows nothing."]
"""
RECIPE = (
    '[sft]\nlearning_rate = 1e-4\n[[stage]]\nname = "read"\nsteps = 7\n[[stage]]\nname = "see"\nsteps = 9\n'
)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A checkpoint of ten numbers, its recipe, its maker's words, and a run of it."""
    folder = tmp_path / "guard"
    folder.mkdir()
    save_file({"a": np.zeros((2, 3), np.float16), "b": np.zeros(4, np.float16)}, folder / "model.safetensors")
    (folder / "config.json").write_text('{"architectures": ["TinyVL"]}')
    (folder / "curve.csv").write_text("step,loss\n" + "".join(f"{n},{10 - n}\n" for n in range(1, 11)))
    (tmp_path / "about.toml").write_text(ABOUT)
    (tmp_path / "recipe.toml").write_text(RECIPE)
    finished(tmp_path / "run", read_weights(folder).sha256)
    return folder


def finished(folder: Path, digest: str) -> None:
    """A run, of the weights with that digest, that calls every control safe."""
    folder.mkdir()
    told = {"guardrail": "guard", "device": "cpu", "images": 8, "seconds": 2.0}
    weights = {"key": {"guardrail.weights": f"model.safetensors:20:{digest}"}}
    (folder / "run.json").write_text(json.dumps(told | weights))
    write_results(folder / "results.parquet", run(sample(), answer=fooled).rows)


def facts(model: Path, further: Path | None = None) -> ModelFacts:
    beside = model.parent
    runs = [("eight drawn pictures", beside / "run")]
    return read_model(model, beside / "about.toml", recipe=beside / "recipe.toml", runs=runs, further=further)


def test_weights_are_read_from_the_files_own_header(model: Path) -> None:
    found = read_weights(model)
    assert (found.architecture, found.parameters, found.dtype) == ("TinyVL", 10, "F16")
    assert found.bytes == (model / "model.safetensors").stat().st_size


def test_the_curve_keeps_its_first_and_last_line(model: Path) -> None:
    curve = read_curve(model / "curve.csv")
    assert (curve.columns, curve.logged, len(curve.rows)) == (("step", "loss"), 10, 8)
    assert (curve.rows[0], curve.rows[-1]) == (("1", "9"), ("10", "0"))


def test_the_card_prints_the_runs_own_figures(model: Path) -> None:
    found = facts(model)
    card = render_model_card(found)
    scores = found.measured[0].run.scores
    assert f"**Headline {scores.headline.percent()}** ({scores.headline.interval()})" in card
    assert "8 pictures, 3 pairs, 40 cases." in card
    assert "always safe 20.0, always unsafe" in card
    assert "250 ms a picture under all policies on cpu." in card
    assert f"| L2 | 8 | 5 | F1 | {scores.policies[1].headline.percent()} |" in card
    assert "| 100.0 |\n| L3" in card  # the artefact gap: every original right, every control wrong
    assert "| sft.learning_rate | 0.0001 |" in card
    assert "| stage 2 | name see, steps 9 |" in card
    (indexed,) = front_matter(card)["model-index"]  # type: ignore[misc]
    (metric,) = indexed["results"][0]["metrics"]
    assert metric["value"] == round(100 * scores.headline.value, 1)


def test_further_figures_are_told_with_their_command(model: Path) -> None:
    path = model.parent / "further.json"
    figure = {"what": "counting", "value": 0.5, "low": 0.4, "high": 0.6, "n": 90, "command": "count it"}
    path.write_text(json.dumps([figure]))
    found = facts(model, path)
    assert "| counting | 50.0 | 40.0 to 60.0 | 90 | `count it` |" in render_model_card(found)
    path.write_text('[{"what": "counting"}]')
    with pytest.raises(ValueError, match=r"further\.json: .*each figure has what, value, low, high, n, comm"):
        facts(model, path)


def test_a_run_of_other_weights_is_refused(model: Path) -> None:
    save_file({"a": np.ones((2, 3), np.float16)}, model / "model.safetensors")
    with pytest.raises(ValueError, match="is a run of other weights"):
        facts(model)


def test_an_unfilled_slot_is_an_error(model: Path) -> None:
    about = model.parent / "about.toml"
    about.write_text(ABOUT.replace('uses = "For tests."\n', ""))
    with pytest.raises(ValueError, match=r"about\.toml: lacks 'uses'"):
        read_about(about)
    about.write_text(ABOUT + 'colour = "blue"\n')
    with pytest.raises(ValueError, match="has the unknown field 'colour'"):
        read_about(about)
    about.write_text(ABOUT.replace("For tests.", ""))
    with pytest.raises(ValueError, match="uses is empty"):
        read_about(about)


def test_a_card_without_a_run_is_refused(model: Path) -> None:
    with pytest.raises(ValueError, match="at least one finished run"):
        read_model(model, model.parent / "about.toml", recipe=model.parent / "recipe.toml", runs=[])


def test_the_template_knows_no_other_names(model: Path) -> None:
    with pytest.raises((jinja2.UndefinedError, AttributeError)):
        render_model_card(replace(facts(model), about=object()))  # type: ignore[arg-type]


def test_the_command_writes_the_card_or_says_what_is_wrong(model: Path) -> None:
    beside = model.parent
    command = [
        sys.executable, "-m", "data_cards.model_card", str(model), "--about", str(beside / "about.toml"),
        "--recipe", str(beside / "recipe.toml"), "--out", str(beside / "out" / "README.md"),
    ]  # fmt: skip
    told = subprocess.run(
        [*command, "--run", f"pictures={beside / 'run'}"], capture_output=True, text=True, cwd=ROOT
    )
    assert (told.returncode, told.stderr) == (0, "")
    assert "# A guard" in (beside / "out" / "README.md").read_text()
    told = subprocess.run([*command, "--run", "pictures"], capture_output=True, text=True, cwd=ROOT)
    assert told.returncode == 1
    assert told.stderr.startswith("error: --run 'pictures' is not WHAT=RUN")


def test_the_card_of_the_shipped_model_is_of_the_weights_that_ship() -> None:
    """Trained anew? Evaluate it and make the card again: docs/train.md says how."""
    card = (ROOT / "data_cards" / "safeguard-vl-tiny" / "README.md").read_text()
    assert f"`{read_weights(TINY).sha256[:12]}`" in card
