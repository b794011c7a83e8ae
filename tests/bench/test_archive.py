"""An archive from a stranger: what is in it is checked, and nothing of it is trusted."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from bench import archive
from bench.archive import ArchiveError, pack, seal, unpack

KNOWN = {"SHA256SUMS", "a.txt", "b.txt"}


def sealed(folder: Path) -> Path:
    folder.mkdir()
    (folder / "a.txt").write_text("one")
    (folder / "b.txt").write_text("two")
    seal(folder)
    return folder


def zipped(path: Path, **files: str) -> Path:
    with zipfile.ZipFile(path, "w") as target:
        for name, text in files.items():
            target.writestr(name, text)
    return path


def opened(bundle: Path, tmp_path: Path) -> dict[str, str]:
    out = tmp_path / "out"
    out.mkdir()
    unpack(bundle, out, KNOWN)
    return {path.name: path.read_text() for path in out.iterdir() if path.suffix == ".txt"}


def test_what_was_packed_comes_back(tmp_path: Path) -> None:
    pack(sealed(tmp_path / "in"), tmp_path / "x.zip")
    assert opened(tmp_path / "x.zip", tmp_path) == {"a.txt": "one", "b.txt": "two"}


def test_a_folder_is_read_like_a_zip(tmp_path: Path) -> None:
    assert opened(sealed(tmp_path / "in"), tmp_path) == {"a.txt": "one", "b.txt": "two"}


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("x", "y"):
        pack(sealed(tmp_path / name), tmp_path / f"{name}.zip")
    assert (tmp_path / "x.zip").read_bytes() == (tmp_path / "y.zip").read_bytes()


@pytest.mark.parametrize("name", ["../a.txt", "/a.txt", "sub/a.txt", "..\\a.txt", "run.exe", "a.txt/"])
def test_no_other_name_is_written(tmp_path: Path, name: str) -> None:
    bundle = zipped(tmp_path / "x.zip", **{name: "evil"})
    with pytest.raises(ArchiveError, match=r"nothing but SHA256SUMS, a\.txt, b\.txt belongs there"):
        opened(bundle, tmp_path)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_bomb_is_stopped_while_it_unpacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_BYTES", 2**20)
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("a.txt", bytes(50 * 2**20))
    assert (tmp_path / "x.zip").stat().st_size < 60_000
    with pytest.raises(ArchiveError, match=r"a.txt unpacks to more than 1048576 bytes"):
        opened(tmp_path / "x.zip", tmp_path)
    assert (tmp_path / "out" / "a.txt").stat().st_size <= 2**20


def test_a_name_that_occurs_twice_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as target:
        target.writestr("a.txt", "one")
        with pytest.warns(UserWarning, match="Duplicate name"):
            target.writestr("a.txt", "two")
    with pytest.raises(ArchiveError, match=r"a\.txt occurs twice"):
        opened(tmp_path / "x.zip", tmp_path)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda folder: (folder / "a.txt").write_text("other"),
            "a.txt has another sha256 than SHA256SUMS says",
        ),
        (lambda folder: (folder / "a.txt").unlink(), "lacks a.txt, which SHA256SUMS lists"),
        (lambda folder: (folder / "SHA256SUMS").unlink(), "has no SHA256SUMS"),
        (lambda folder: (folder / "SHA256SUMS").write_text(""), "SHA256SUMS does not list a.txt"),
    ],
)
def test_the_digests_must_fit(tmp_path: Path, change, told: str) -> None:  # type: ignore[no-untyped-def]
    change(sealed(tmp_path / "in"))
    pack(tmp_path / "in", tmp_path / "x.zip")
    with pytest.raises(ArchiveError, match=told):
        opened(tmp_path / "x.zip", tmp_path)


def test_links_are_not_followed(tmp_path: Path) -> None:
    folder = sealed(tmp_path / "in")
    (folder / "a.txt").unlink()
    (folder / "a.txt").symlink_to("/etc/hostname")
    with pytest.raises(ArchiveError, match=r"a\.txt is a link"):
        opened(folder, tmp_path)


def test_what_is_no_zip_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"not a zip at all")
    with pytest.raises(ArchiveError, match="cannot be read as a zip"):
        opened(tmp_path / "x.zip", tmp_path)


def test_a_damaged_zip_is_told(tmp_path: Path) -> None:
    pack(sealed(tmp_path / "in"), tmp_path / "x.zip")
    data = bytearray((tmp_path / "x.zip").read_bytes())
    data[60] ^= 255
    (tmp_path / "x.zip").write_bytes(data)
    with pytest.raises(ArchiveError):
        opened(tmp_path / "x.zip", tmp_path)
