"""What a kill or a full disk cuts off in the middle is passed over, wherever the cut falls."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from annotation.pseudonyms import load_salt
from bench.disk import DiskError
from evaluators.base import Outcome
from evaluators.journal import Answered, Journal, read_journals
from pipeline.safeguard_vl.captions import Caption, appending, read_captions
from pipeline.store import Entry, Store

INSIDE_A_LETTER = '{"name": "caf\u00e9'.encode()[:-1]


def test_a_build_journal_torn_inside_a_letter_is_read(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.append(Entry("ingest", "k1", "ok", value={"name": "caf\u00e9"}))
    (journal,) = (tmp_path / "journal").iterdir()
    with journal.open("ab") as file:
        file.write(INSIDE_A_LETTER)
    assert list(Store(tmp_path).entries()) == ["k1"]


def test_captions_torn_inside_a_letter_go_on(tmp_path: Path) -> None:
    first, second = (Caption(name, "a.png", "caf\u00e9", (), "truth") for name in ("p1", "p2"))
    with appending(tmp_path / "captions.jsonl") as add:
        add(first)
    with (tmp_path / "captions.jsonl").open("ab") as file:
        file.write(INSIDE_A_LETTER)
    assert read_captions(tmp_path / "captions.jsonl") == [first]
    with appending(tmp_path / "captions.jsonl") as add:
        add(second)
    assert read_captions(tmp_path / "captions.jsonl") == [first, second]


def test_a_salt_whose_making_was_killed_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "rater-salt.partial").touch()
    salt = load_salt(tmp_path)
    assert len(salt) == 32
    assert load_salt(tmp_path) == salt
    assert (tmp_path / "rater-salt").stat().st_mode & 0o777 == 0o600


def test_no_line_follows_half_of_another_on_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [Answered(name, ("L1",), (Outcome("safe"),), 0.0) for name in ("a", "b")]
    with Journal(tmp_path / "rows.jsonl") as journal:
        with monkeypatch.context() as full:
            full.setattr(os, "fsync", _full)
            with pytest.raises(DiskError, match="No space left on device; make room there"):
                journal.append(answers[0])
        journal.append(answers[1])
    assert list(read_journals(tmp_path, "rows").answered) == ["b"]


def _full(handle: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
