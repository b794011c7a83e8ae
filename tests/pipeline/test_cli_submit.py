"""Handing a run over, ranking it, and holding pairs back, as a user types it."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from bench.dataset import load_benchmark
from bench.export import export_benchmark
from data_cards.card import render_data_card
from data_cards.croissant import croissant_json
from data_cards.generator import facts_from_rows
from pipeline.holdout import secret_of
from tests.bench.sample import Sample, sample
from tests.pipeline.test_cli_evaluate import GUARD, evaluate, safeeditbench


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return spread(sample(8)).export(tmp_path_factory.mktemp("bench") / "b")


def spread(rows: Sample) -> Sample:
    """The sample with a hash of its own for each pair but the last, a near-duplicate of the first."""

    def phash(pair_id: str) -> str:
        return hashlib.sha256(pair_id.encode()).hexdigest()[:16]

    last, first = rows.images[-1].pair_id, phash(rows.images[0].pair_id)
    near = f"{int(first, 16) ^ 0b101:016x}"
    images = tuple(replace(r, phash=near if r.pair_id == last else phash(r.pair_id)) for r in rows.images)
    return replace(rows, images=images)


@pytest.fixture(autouse=True)
def guard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a_guard.py").write_text(GUARD)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def bundle(bench: Path, tmp_path: Path) -> Path:
    evaluate(bench, tmp_path / "run")
    safeeditbench("submit", tmp_path / "run", "--out", tmp_path / "mine.zip")
    return tmp_path / "mine.zip"


def test_from_a_run_to_a_place_on_the_page(bench: Path, bundle: Path, tmp_path: Path) -> None:
    told = safeeditbench("leaderboard", "check", bundle, "--data", bench)
    assert "holds: 115 rows recomputed" in told
    assert "whether the model gave these answers, only `leaderboard replay` can tell" in told
    board = tmp_path / "board"
    safeeditbench("leaderboard", "add", bundle, "--board", board, "--data", bench, "--date", "2026-03-01")
    assert "is on the board already" in safeeditbench(
        "leaderboard", "add", bundle, "--board", board, "--data", bench
    )
    safeeditbench("leaderboard", "page", "--board", board, "--data", bench)
    html = (board / "index.html").read_text()
    assert "python:a_guard:by_length" in html
    assert "<td>2026-03-01</td>" in html
    assert str(tmp_path) not in html


def test_a_tampered_submission_is_refused_with_the_reason(bench: Path, bundle: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(bundle) as source, zipfile.ZipFile(tmp_path / "forged.zip", "w") as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, data.replace(b'"safe"', b'"unsafe"', 1) if name == "rows.jsonl" else data)
    told = safeeditbench("leaderboard", "check", tmp_path / "forged.zip", "--data", bench, expect=1)
    assert "rows.jsonl has another sha256 than SHA256SUMS says; it was changed" in told
    safeeditbench(
        "leaderboard",
        "add",
        tmp_path / "forged.zip",
        "--board",
        tmp_path / "board",
        "--data",
        bench,
        expect=1,
    )
    assert not (tmp_path / "board").exists()


def test_another_benchmark_is_refused(bundle: Path, tmp_path: Path) -> None:
    other = sample(2).export(tmp_path / "other")
    told = safeeditbench("leaderboard", "check", bundle, "--data", other, expect=1)
    assert "the submission is of the benchmark with digest" in told


def test_a_maintainer_asks_the_model_again(bench: Path, bundle: Path) -> None:
    model = "python:a_guard:by_length"
    told = safeeditbench("leaderboard", "replay", bundle, model, "--data", bench, "--rows", 7)
    assert "7 rows asked again: 0 with another status" in told


@pytest.fixture
def whole(bench: Path, tmp_path: Path) -> Path:
    """The sample with a card and a croissant.json as a build writes them."""
    rows = spread(sample(8))
    facts = facts_from_rows(
        title="Sample", licence="cc-by-4.0", version="2.1.0", inputs=9, images=rows.images,
        verdicts=rows.verdicts, votes=rows.votes, edits=rows.edits, rejects=rows.rejects,
        policies=rows.policies,
    )  # fmt: skip

    export_benchmark(
        tmp_path / "whole", images=rows.images, verdicts=rows.verdicts, votes=rows.votes, edits=rows.edits,
        rejects=rows.rejects, policies=rows.policies, readme=render_data_card(facts),
        croissant=lambda files: croissant_json(facts, files),
    )  # fmt: skip
    return tmp_path / "whole"


def holdout(whole: Path, tmp_path: Path, *more: object, expect: int = 0) -> tuple[str, Path, Path]:
    public, private = tmp_path / "public", tmp_path / "private"
    told = safeeditbench(
        "holdout", "split", whole, "--out", public, "--private", private, *more, expect=expect
    )
    return told, public, private


def test_both_parts_are_benchmarks_and_share_nothing(whole: Path, tmp_path: Path) -> None:
    told, public, private = holdout(whole, tmp_path, "--share", 0.3)
    assert "2 pairs held back" in told
    assert "both parts verify" in safeeditbench("holdout", "check", public, "--private", private)
    parts = [load_benchmark(folder) for folder in (public, private)]
    pairs = [{part.meta(i).pair_id for i in part.image_ids} for part in parts]
    assert pairs[0] | pairs[1] == {f"p{number:03d}" for number in range(8)}
    assert any({"p000", "p007"} <= part for part in pairs)  # near-duplicates of each other
    assert [part.title for part in parts] == ["Sample, public part", "Sample, held-back part"]
    assert json.loads((private / "croissant.json").read_text())["version"] == "2.1.0"
    assert {row.item for row in parts[0].rejects} == {"broken.jpg", "p999"}
    assert parts[1].rejects == ()


def test_only_a_digest_of_the_private_part_is_published(whole: Path, tmp_path: Path) -> None:
    told, public, private = holdout(whole, tmp_path)
    nonce = secret_of(private).read_text()
    promise = hashlib.sha256(nonce.encode() + (private / "SHA256SUMS").read_bytes()).hexdigest()
    assert promise in told
    card = (public / "README.md").read_text()
    assert promise in card
    assert nonce.strip() not in card
    held = load_benchmark(private)
    published = b"".join(path.read_bytes() for path in public.rglob("*") if path.is_file())
    assert not [i for i in held.image_ids if i.encode() in published or held.image_bytes(i) in published]


def test_splitting_again_gives_the_same_bytes(whole: Path, tmp_path: Path) -> None:
    first, public, _ = holdout(whole, tmp_path)
    before = (public / "SHA256SUMS").read_bytes()
    assert holdout(whole, tmp_path)[0] == first
    assert (public / "SHA256SUMS").read_bytes() == before


def test_a_private_part_that_was_changed_later_is_found(whole: Path, tmp_path: Path) -> None:
    _, public, private = holdout(whole, tmp_path)
    (private / "README.md").write_text("another card\n")
    told = safeeditbench("holdout", "check", public, "--private", private, expect=1)
    assert "private part: README.md: its bytes differ from the digest in SHA256SUMS" in told
    secret_of(private).write_text("0" * 64)
    told = safeeditbench("holdout", "check", public, "--private", private, expect=1)
    assert "was published with a promise of; one of the two was changed" in told


def test_parts_that_overlap_are_found(whole: Path, tmp_path: Path) -> None:
    _, public, _ = holdout(whole, tmp_path)
    told = safeeditbench("holdout", "check", public, "--private", whole, expect=1)
    assert "pair_id p001 is in both parts" in told


def test_folders_must_be_three(whole: Path, tmp_path: Path) -> None:
    told = safeeditbench("holdout", "split", whole, "--out", whole, "--private", tmp_path / "p", expect=1)
    assert "are three folders" in told
