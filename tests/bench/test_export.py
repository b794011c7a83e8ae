"""The folder: complete, deterministic, replaced whole, and never at the cost of someone's files."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bench import export as export_module
from bench.schema import VoteRow
from bench.staging import ForeignFolderError, files_under
from tests.bench.sample import Sample, sample


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in files_under(folder)}


def test_the_folder_holds_every_part(tmp_path: Path) -> None:
    names = files_under(sample().export(tmp_path / "bench"))
    tables = {name.split("/")[0] for name in names if name.endswith(".parquet")}
    assert tables == {"images", "verdicts", "votes", "edits", "rejects", "flat"}
    assert {"README.md", "SHA256SUMS", "croissant.json"} <= set(names)
    assert [name for name in names if name.endswith(".txt")] == [
        f"policies/l{n}{w}.txt" for n in range(1, 6) for w in (".1", ".2", "")
    ]


def test_the_same_rows_in_any_order_give_the_same_bytes(tmp_path: Path) -> None:
    rows = sample()
    shuffled = Sample(
        images=rows.images[::-1],
        verdicts=rows.verdicts[::-1],
        votes=rows.votes[::-1],
        edits=rows.edits[::-1],
        rejects=rows.rejects[::-1],
        policies=rows.policies,
    )
    assert contents(rows.export(tmp_path / "a")) == contents(shuffled.export(tmp_path / "b"))


def test_sha256sum_accepts_the_digests(tmp_path: Path) -> None:
    out = sample().export(tmp_path / "bench")
    done = subprocess.run(
        ["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=out, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK") == len(files_under(out)) - 1


def test_croissant_is_told_every_digest_but_its_own(tmp_path: Path) -> None:
    out = sample().export(tmp_path / "bench")
    told = dict(line.split(" ") for line in (out / "croissant.json").read_text().splitlines())
    assert set(told) == set(files_under(out)) - {"croissant.json", "SHA256SUMS"}
    assert told["README.md"] == hashlib.sha256((out / "README.md").read_bytes()).hexdigest()


def test_flat_has_the_published_columns_and_paths(tmp_path: Path) -> None:
    table = pq.read_table(sample(2).export(tmp_path / "bench") / "flat" / "test-00000-of-00001.parquet")
    assert table.column_names == ["image", "image_path", "safety_label", "policy_name", "policy"]
    assert table.num_rows == 25
    assert table["image_path"].unique().to_pylist() == [
        "p000.png",
        "p000_edited.png",
        "p000_control.png",
        "p001.png",
        "p001_edited.png",
    ]
    assert table["policy_name"].to_pylist()[:5] == [0, 1, 2, 3, 4]
    assert table["safety_label"].to_pylist()[:10] == [0, 1, 1, 1, 1, 0, 0, 0, 0, 0]


def test_flat_leaves_out_cells_without_a_label(tmp_path: Path) -> None:
    rows = sample(2)
    empty = replace(
        rows.verdicts[0], safety_label=None, rules=(), posterior=None, reason="all raters skipped"
    )
    out = replace(rows, verdicts=(empty, *rows.verdicts[1:])).export(tmp_path / "bench")
    assert pq.read_metadata(out / "flat" / "test-00000-of-00001.parquet").num_rows == 24


def test_a_large_table_is_cut_into_shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_module, "SHARD_BYTES", 20_000)
    out = sample(2).export(tmp_path / "bench")
    names = [path.name for path in sorted((out / "images").iterdir())]
    assert names == [f"test-{n:05d}-of-00003.parquet" for n in range(3)]
    assert sum(pq.read_metadata(path).num_rows for path in (out / "images").iterdir()) == 5


def test_an_edit_of_a_pair_that_was_dropped_is_kept_apart(tmp_path: Path) -> None:
    rows = sample(2)
    lost = replace(rows.edits[0], pair_id="p777", image_id="", chosen=False)
    out = replace(rows, edits=(*rows.edits, lost)).export(tmp_path / "bench")
    assert pq.read_table(out / "edits" / "build-00000-of-00001.parquet")["pair_id"].to_pylist() == ["p777"]


def test_an_older_benchmark_is_replaced(tmp_path: Path) -> None:
    sample(3).export(tmp_path / "bench")
    sample(2).export(tmp_path / "bench")
    assert contents(tmp_path / "bench") == contents(sample(2).export(tmp_path / "other"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bench", "other"]


def test_a_folder_of_someone_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench" / "thesis.txt").write_text("years of work")
    with pytest.raises(ForeignFolderError, match=r"thesis\.txt.*give another folder"):
        sample().export(tmp_path / "bench")
    assert (tmp_path / "bench" / "thesis.txt").read_text() == "years of work"


def test_notes_inside_an_older_benchmark_are_not_lost(tmp_path: Path) -> None:
    (sample().export(tmp_path / "bench") / "notes.txt").write_text("mine")
    with pytest.raises(ForeignFolderError, match=r"notes\.txt"):
        sample().export(tmp_path / "bench")


def test_a_failure_leaves_the_older_benchmark_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(sample(2).export(tmp_path / "bench"))

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(export_module, "dump_policies", fail)
    with pytest.raises(OSError, match="disk full"):
        sample(3).export(tmp_path / "bench")
    assert contents(tmp_path / "bench") == before
    assert [path.name for path in tmp_path.iterdir()] == ["bench"]


def test_a_crash_between_the_renames_is_mended(tmp_path: Path) -> None:
    sample(2).export(tmp_path / "bench").rename(tmp_path / ".bench.old")
    (tmp_path / ".bench.partial").mkdir()
    sample(2).export(tmp_path / "bench")
    assert [path.name for path in tmp_path.iterdir()] == ["bench"]


def test_progress_counts_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, seen = sample(2), list[tuple[int, int]]()
    monkeypatch.setattr(export_module, "GROUP_BYTES", 20_000)
    export_module.export_benchmark(
        tmp_path / "bench",
        images=rows.images,
        verdicts=rows.verdicts,
        votes=rows.votes,
        edits=rows.edits,
        rejects=rows.rejects,
        policies=rows.policies,
        readme="",
        croissant=lambda files: "",
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(2, 5), (4, 5), (5, 5)]


def double_image(rows: Sample) -> Sample:
    return replace(rows, images=(*rows.images, rows.images[0]))


def two_splits(rows: Sample) -> Sample:
    return replace(rows, images=(replace(rows.images[0], split="train"), *rows.images[1:]))


def double_cell(rows: Sample) -> Sample:
    return replace(rows, verdicts=(*rows.verdicts, rows.verdicts[0]))


def label_and_reason(rows: Sample) -> Sample:
    return replace(rows, verdicts=(replace(rows.verdicts[0], reason="why"), *rows.verdicts[1:]))


def unknown_policy(rows: Sample) -> Sample:
    return replace(rows, verdicts=(replace(rows.verdicts[0], policy_id="L9"), *rows.verdicts[1:]))


def named_rater(rows: Sample) -> Sample:
    vote = VoteRow(
        rows.images[0].image_id, "L1", "d", "ann@example.org", "safe", "", None, True, 1.0, "human"
    )
    return replace(rows, votes=(vote,))


def escaping_pair(rows: Sample) -> Sample:
    return replace(rows, images=(replace(rows.images[0], pair_id="../x"), *rows.images[1:]))


def jpeg(rows: Sample) -> Sample:
    return replace(rows, images=(replace(rows.images[0], image=b"\xff\xd8\xff"), *rows.images[1:]))


def unexported_edit(rows: Sample) -> Sample:
    return replace(rows, edits=(replace(rows.edits[0], image_id="f" * 16), *rows.edits[1:]))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (double_image, "occurs twice; drop the duplicate"),
        (two_splits, "lies in 'train' and 'test'"),
        (double_cell, "occurs twice; settle each cell once"),
        (label_and_reason, "give exactly one of the two"),
        (unknown_policy, "policy 'L9', which is not exported"),
        (named_rater, "publish pseudonyms"),
        (escaping_pair, r"'\.\./x' cannot be a file name"),
        (jpeg, "neither PNG nor WebP"),
        (unexported_edit, "export the pair whole"),
    ],
)
def test_rows_that_contradict_each_other_are_refused(
    spoil: Callable[[Sample], Sample], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=message):
        spoil(sample(2)).export(tmp_path / "bench")
    assert list(tmp_path.iterdir()) == []
