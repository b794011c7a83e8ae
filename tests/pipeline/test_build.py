"""A whole build on real parts: drawn scenes or a hostile folder, a tiny diffusers editor, the loop runner."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.check import verify_benchmark
from bench.dataset import load_benchmark
from pipeline.build import Built
from pipeline.config import BuildConfig, EditConfig, LocalizeConfig, RunnerConfig, SourceConfig, VerifyConfig
from pipeline.flow import run_build
from pipeline.options import configure
from pipeline.publish import publish
from pipeline.rows import edit_rows
from pipeline.store import Store
from tests.pipeline.hostile import hostile_folder
from tests.pipeline.tiny_models import detectors, segmenters, unets

ROOT = Path(__file__).parents[2]


def silent(stage: str, done: int, total: int) -> None:
    """No progress display."""


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> EditConfig:
    path = unets.stable_diffusion_inpaint(tmp_path_factory.mktemp("models") / "sd")
    return EditConfig(backend="diffusers", model=str(path), steps=1, canvases=(64,), attempts=2, device="cpu")


def scene_build(out: Path, editor: EditConfig, count: int = 4) -> BuildConfig:
    return BuildConfig(
        out=out,
        source=SourceConfig(kind="scenes", count=count, size=96),
        edit=editor,
        verify=VerifyConfig(gone=0.0),  # a random model removes nothing on purpose
        runner=RunnerConfig(kind="loop", shard=2),
    )


def made(config: BuildConfig) -> Built:
    built = run_build(config, silent)
    publish(built, config)
    return built


def sums(out: Path) -> str:
    return (out / "SHA256SUMS").read_text()


def test_every_pair_is_exact_outside_and_every_cell_is_filled(tmp_path: Path, editor: EditConfig) -> None:
    config = scene_build(tmp_path / "bench", editor)
    built = made(config)
    found = verify_benchmark(config.out)
    assert found.problems == ()
    assert found.pairs == len(built.pairs) == 4
    assert found.changed_outside == 0
    assert found.filled == found.cells == found.images * 5


def test_each_region_has_its_mask_and_its_score(tmp_path: Path, editor: EditConfig) -> None:
    config = scene_build(tmp_path / "bench", editor, count=2)
    made(config)
    bench = load_benchmark(config.out)
    originals = [i for i in bench.image_ids if bench.meta(i).role == "original"]
    assert sorted({row.image_id for row in bench.regions}) == sorted(originals)
    for image_id in originals:
        mine = [row for row in bench.regions if row.image_id == image_id]
        assert tuple(row.concept for row in mine) == bench.meta(image_id).concepts
        assert {(row.localizer, row.detector_score) for row in mine} == {("truth", 1.0)}


def test_attempts_at_a_picture_without_a_pair_are_published_with_scores_and_reason(
    tmp_path: Path, editor: EditConfig
) -> None:
    config = replace(scene_build(tmp_path / "bench", editor, count=1), verify=VerifyConfig(gone=1.1))
    built = run_build(config, silent)
    assert built.pairs == ()
    rows = [row for row in edit_rows(built, 1.1) if row.role == "edited"]
    assert [(row.attempt, row.chosen, row.image_id) for row in rows] == [(0, False, ""), (1, False, "")]
    assert all(row.reason.startswith("violation still visible (gone") for row in rows)
    assert all(row.seam > 0 and row.natural_by == "grain" for row in rows)


def test_the_rules_label_originals_controls_and_edits(tmp_path: Path, editor: EditConfig) -> None:
    config = scene_build(tmp_path / "bench", editor)
    made(config)
    bench = load_benchmark(config.out)
    labels = {(row.image_id, row.policy_id): row.safety_label for row in bench.verdicts}
    assert {row.label_source for row in bench.verdicts} == {"rule"}
    for image_id in bench.image_ids:
        meta = bench.meta(image_id)
        for policy in bench.policies:
            if meta.role == "edited":
                assert labels[image_id, policy.id] == "safe"
            if meta.role == "control":
                assert labels[image_id, policy.id] == labels[meta.pair_id, policy.id]
            assert labels[image_id, "L1"] == "safe"


def test_a_second_run_computes_nothing_and_an_extended_one_only_what_is_new(
    tmp_path: Path, editor: EditConfig
) -> None:
    config = scene_build(tmp_path / "bench", editor, count=2)
    run_build(config, silent)
    before = set(Store(config.work).entries())
    journal = sorted((config.work / "journal").iterdir())
    run_build(config, silent)
    assert sorted((config.work / "journal").iterdir()) == journal
    run_build(scene_build(tmp_path / "bench", editor, count=3), silent)
    added = [entry for key, entry in Store(config.work).entries().items() if key not in before]
    assert sum(entry.stage == "ingest" for entry in added) == 1
    assert sum(entry.stage == "edit" for entry in added) == 4


def test_changing_the_editor_redoes_the_edits_but_not_the_ingest(tmp_path: Path, editor: EditConfig) -> None:
    config = scene_build(tmp_path / "bench", editor, count=2)
    run_build(config, silent)
    run_build(replace(config, edit=replace(editor, steps=2)), silent)
    entries = Store(config.work).entries().values()
    assert sum(entry.stage == "ingest" for entry in entries) == 2
    assert sum(entry.stage == "edit" for entry in entries) == 16


def test_shard_size_and_order_do_not_change_a_byte(tmp_path: Path, editor: EditConfig) -> None:
    first = scene_build(tmp_path / "first", editor)
    second = replace(scene_build(tmp_path / "second", editor), runner=RunnerConfig(kind="loop", shard=3))
    made(first)
    made(second)
    assert sums(first.out) == sums(second.out)


def test_edits_are_made_in_batches_whatever_the_shards(tmp_path: Path, editor: EditConfig) -> None:
    batched = replace(editor, batch=2)
    first = scene_build(tmp_path / "first", batched)
    second = replace(scene_build(tmp_path / "second", batched), runner=RunnerConfig(kind="loop", shard=5))
    made(first)
    made(second)
    assert sums(first.out) == sums(second.out)


def test_one_bad_item_of_a_batch_does_not_take_its_companions_along(
    tmp_path: Path, editor: EditConfig
) -> None:
    config = scene_build(tmp_path / "bench", replace(editor, batch=4), count=2)
    config = replace(config, runner=RunnerConfig(kind="loop", shard=4))
    run_build(config, silent)
    store = Store(config.work)
    edits = store.entries("edit")
    damaged = next(entry for entry in edits.values() if entry.status == "ok").inputs[0]
    store.path(damaged).write_bytes(b"not what it was")
    again = replace(config, edit=replace(config.edit, steps=2))
    run_build(again, silent)
    redone = [entry for key, entry in store.entries("edit").items() if key not in edits]
    assert {entry.inputs[0] == damaged for entry in redone if entry.status == "failed"} == {True}
    assert any(entry.status == "ok" for entry in redone)


def test_a_hostile_folder_gives_pairs_of_the_good_and_a_reason_for_the_bad(
    tmp_path: Path, editor: EditConfig
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    hostile_folder(folder)
    with_truth(folder, ["good.png", "cmyk.jpg", "rotated.jpg", "sixteen.png"])
    config = BuildConfig(
        out=tmp_path / "bench",
        source=SourceConfig(kind="folder", path=str(folder)),
        edit=editor,
        verify=VerifyConfig(backend="none"),
        runner=RunnerConfig(kind="loop"),
    )
    built = made(config)
    reasons = {row.item: row.reason for row in built.rejects if row.stage in {"ingest", "localize"}}
    assert len(built.pairs) == 4
    assert reasons["truncated.jpg"].startswith("damaged image")
    assert reasons["empty.png"] == "the file is empty"
    assert reasons["text.png"].startswith("not an image")
    assert reasons["huge.png"].startswith("more than 64,000,000 pixels")
    assert reasons["animated.gif"].startswith("animated (3 frames)")
    assert reasons["twin.png"] == "the same picture as good.png"
    assert verify_benchmark(config.out).problems == ()
    bench = load_benchmark(config.out)
    shapes = {bench.picture(i).size for i in bench.image_ids}
    assert (64, 96) in shapes  # the rotated one stands upright


def with_truth(folder: Path, names: list[str]) -> None:
    """Say of each picture that a firearm is in the middle of it."""
    lines = []
    for name in names:
        size = (64, 96) if name == "rotated.jpg" else (96, 64)
        mask = np.zeros(size[::-1], np.uint8)
        mask[24:40, 24:40] = 255
        Image.fromarray(mask).save(folder / f"mask-{name}.png")
        seen = [{"concept": "firearm", "contexts": []}]
        lines.append(json.dumps({"image": name, "mask": f"mask-{name}.png", "objects": seen}))
    (folder / "truth.jsonl").write_text("\n".join(lines))


@pytest.mark.slow
def test_text_conditioned_localizer_by_path(tmp_path: Path, editor: EditConfig) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(2):
        Image.fromarray(rng.integers(0, 256, (96, 96, 3), np.uint8)).save(folder / f"{number}.png")
    config = BuildConfig(
        out=tmp_path / "bench",
        source=SourceConfig(kind="folder", path=str(folder)),
        localize=LocalizeConfig(
            backend="grounded",
            detector=str(detectors.grounding_dino(tmp_path / "dino")),
            segmenter=str(segmenters.sam(tmp_path / "sam")),
            threshold=0.0,
            concepts=("firearm",),
            max_area_share=1.0,
            device="cpu",
        ),
        edit=editor,
        verify=VerifyConfig(backend="none"),
        runner=RunnerConfig(kind="loop"),
    )
    made(config)
    bench = load_benchmark(config.out)
    assert {bench.meta(i).concepts for i in bench.image_ids if bench.meta(i).role == "original"} <= {
        ("firearm",) * count for count in range(1, 7)
    }
    assert verify_benchmark(config.out).changed_outside == 0


@pytest.mark.slow
def test_killed_in_the_middle_a_prefect_build_resumes_to_the_same_bytes(
    tmp_path: Path, editor: EditConfig
) -> None:
    smooth = scene_build(tmp_path / "smooth", editor, count=6)
    made(smooth)
    toml = tmp_path / "build.toml"
    toml.write_text(
        f'[source]\nkind = "scenes"\ncount = 6\nsize = 96\n[verify]\ngone = 0.0\n[runner]\nkind = "threads"\n'
        f'[edit]\nbackend = "diffusers"\nmodel = "{editor.model}"\nsteps = 1\n'
        'canvases = [64]\ndevice = "cpu"\n'
    )
    out = tmp_path / "killed"
    command = [sys.executable, "-m", "pipeline", "build", str(toml), "--out", str(out)]
    child = subprocess.Popen(command, cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL)
    work = configure(toml, out=out).work
    while child.poll() is None and not any(e.stage == "edit" for e in Store(work).entries().values()):
        time.sleep(0.1)
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    finished = set(Store(work).entries())
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    lines = [line for entry in Store(work)._lines() for line in [entry.key]]
    assert len(lines) == len(set(lines))  # no finished item was computed again
    assert finished < set(lines)
    assert sums(out) == sums(smooth.out)
