"""Blobs and journal: nothing half-written is ever believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.store import Entry, Store, StoreError, canonical, item_key, sha256


def test_a_blob_is_named_by_its_sha256(tmp_path: Path) -> None:
    store = Store(tmp_path)
    digest = store.put(b"abc")
    assert digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert store.get(digest) == b"abc"


def test_a_damaged_or_missing_blob_is_an_error(tmp_path: Path) -> None:
    store = Store(tmp_path)
    digest = store.put(b"abc")
    store.path(digest).write_bytes(b"abd")
    with pytest.raises(StoreError, match="damaged"):
        store.get(digest)
    with pytest.raises(StoreError, match="missing"):
        store.get(sha256(b"never stored"))


def test_the_journal_survives_a_torn_last_line(tmp_path: Path) -> None:
    Store(tmp_path).append(Entry("edit", "k1", "ok", outputs={"image": "00"}, value={"seed": 3}))
    (journal,) = (tmp_path / "journal").glob("*.jsonl")
    with journal.open("a") as file:
        file.write('{"stage":"edit","key":"k2","sta')
    entries = Store(tmp_path).entries("edit")
    assert list(entries) == ["k1"]
    assert entries["k1"].value == {"seed": 3}


def test_a_retry_replaces_the_failure(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.append(Entry("edit", "k", "failed", "disk full"))
    store.append(Entry("edit", "k", "ok"))
    assert store.entries()["k"].status == "ok"


def test_two_writers_have_two_files_and_readers_take_the_union(tmp_path: Path) -> None:
    Store(tmp_path).append(Entry("a", "k1", "ok"))
    Store(tmp_path).append(Entry("b", "k2", "ok"))
    assert len(list((tmp_path / "journal").glob("*.jsonl"))) == 2
    assert set(Store(tmp_path).entries()) == {"k1", "k2"}
    assert set(Store(tmp_path).entries("b")) == {"k2"}


def test_a_key_changes_with_stage_version_parameters_and_inputs() -> None:
    keys = {
        item_key("edit", 1, {"steps": 4}, ["a"]),
        item_key("edit", 2, {"steps": 4}, ["a"]),
        item_key("edit", 1, {"steps": 5}, ["a"]),
        item_key("edit", 1, {"steps": 4}, ["b"]),
        item_key("verify", 1, {"steps": 4}, ["a"]),
    }
    assert len(keys) == 5
    assert item_key("edit", 1, {"a": 1, "b": 2}, []) == item_key("edit", 1, {"b": 2, "a": 1}, [])


def test_what_json_cannot_hold_is_refused() -> None:
    with pytest.raises(TypeError):
        canonical({"image": object()})
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical(float("nan"))
