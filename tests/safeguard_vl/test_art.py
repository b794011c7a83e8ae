"""Art is listed by what it shows, fetched whole or not at all, and kept small."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.safeguard_vl import fetch_art
from pipeline.safeguard_vl.art import SIDE, fitted, keep_art, open_art
from pipeline.safeguard_vl.art_list import ORDINARY, ArtList, ArtSet, read_art_list
from pipeline.safeguard_vl.cache import concept_names

BAR = '<path fill="currentColor" d="M2 6h12v4H2z"/>'
ICONS = {
    "width": 16,
    "height": 16,
    "icons": {"knife-bold": {"body": BAR}, "apple": {"body": BAR}, "zebra": {"body": BAR}},
}


def archive(folder: Path, name: str, content: bytes) -> bytes:
    """A package's archive with one file; its bytes."""
    file = folder / "package.tgz"
    with tarfile.open(file, "w:gz") as tar:
        info = tarfile.TarInfo(f"package/{name}")
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
    return file.read_bytes()


def art_set(name: str, content: bytes = b"", colour: bool = True) -> ArtSet:
    return ArtSet(name, f"@art/{name}", "1.0.0", hashlib.sha256(content).hexdigest(), "MIT", name, colour)


def art_list(*sets: ArtSet) -> ArtList:
    exact = {"knife": "blade", "apple": ORDINARY, "wine-glass": "alcohol"}
    return ArtList(sets, frozenset({"bold"}), exact, (("dice-*", "dice"),), ("poor:knife*",))


@pytest.mark.parametrize(
    ("art_set", "name", "concept"),
    [
        ("good", "knife", "blade"),
        ("good", "knife-2-bold", "blade"),
        ("good", "dice-six", "dice"),
        ("good", "apple-bold", ORDINARY),
        ("good", "pocket-knife", None),
        ("poor", "knife-bold", None),
    ],
)
def test_names_tell_what_a_piece_shows(art_set: str, name: str, concept: str | None) -> None:
    assert art_list().label(art_set, name) == concept


def test_the_list_names_no_reserved_set_and_only_free_licences() -> None:
    art = read_art_list()
    reserved = ("noto", "fxemoji", "twemoji", "openmoji", "openclipart", "emoji-datasource")
    assert not [s.package for s in art.sets if any(word in s.package for word in reserved)]
    assert {s.licence for s in art.sets} <= {"MIT", "ISC", "Apache-2.0", "CC0-1.0", "CC-BY-3.0", "CC-BY-4.0"}
    assert all(len(s.sha256) == 64 and s.credit for s in art.sets)


@pytest.mark.parametrize(
    ("art_set", "name", "concept"),
    [
        ("emojione", "pistol", "firearm"),
        ("fluent-emoji-3d", "pistol", None),  # a water pistol
        ("ph", "beer-stein-duotone", "alcohol"),
        ("fluent-emoji-3d", "wine-glass", "alcohol"),
        ("tabler", "play-card-7-filled", "cards"),
        ("la", "apple", None),  # a company's
        ("mdi", "no-smoking", None),
        ("lucide", "car", ORDINARY),
    ],
)
def test_the_list_knows_its_traps(art_set: str, name: str, concept: str | None) -> None:
    assert read_art_list().label(art_set, name) == concept


def test_a_concept_without_a_policy_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "art.toml"
    file.write_text(
        'styles = []\n[concepts]\nspoons = ["spoon"]\n[ordinary]\nnames = []\n[wrong]\nnames = []\n'
    )
    with pytest.raises(ValueError, match=r"concept 'spoons' is not in bench/concepts\.yaml"):
        read_art_list(file)


def test_a_set_comes_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = archive(tmp_path, "icons.json", b"{}")

    def download(wanted: ArtSet, folder: Path) -> Path:
        if wanted.name == "away":
            raise fetch_art.FetchError("@art/away@1.0.0: no route to host; try again")
        (folder / "it.tgz").write_bytes(content)
        return folder / "it.tgz"

    monkeypatch.setattr(fetch_art, "download", download)
    said: list[str] = []
    sets = (art_set("good", content), art_set("changed"), art_set("away"))
    assert fetch_art.fetch_art(tmp_path / "art", sets, said.append) == ["changed", "away"]
    assert said[0] == "good: 1 files"
    assert "art.toml says" in said[1]
    assert said[2] == "away: passed over (@art/away@1.0.0: no route to host; try again)"
    assert [p.name for p in (tmp_path / "art").iterdir()] == ["good"]
    assert fetch_art.fetch_art(tmp_path / "art", sets[:1], said.append) == []
    assert said[-1] == "good: already there"


def test_listed_pieces_are_drawn_and_kept(tmp_path: Path) -> None:
    (tmp_path / "lines").mkdir()
    (tmp_path / "lines" / "icons.json").write_text(json.dumps(ICONS))
    (tmp_path / "photos").mkdir()
    Image.new("RGBA", (200, 100), (200, 30, 30, 255)).save(tmp_path / "photos" / "1f377.webp", lossless=True)
    sets = (art_set("lines", colour=False), art_set("photos"), art_set("not-fetched"))
    kept = keep_art(tmp_path, art_list(*sets))
    assert [(r.set, r.name, r.concept) for r in kept.rows] == [
        ("lines", "apple", ORDINARY),
        ("lines", "knife-bold", "blade"),
        ("photos", "wine-glass", "alcohol"),
    ]
    names = concept_names()
    assert kept.numbers().tolist() == [0, 1 + names.index("blade"), 1 + names.index("alcohol")]
    assert kept.pixels[2, SIDE // 2, SIDE // 2].tolist() == [200, 30, 30, 255]
    assert kept.pixels[0, SIDE // 2, SIDE // 2].tolist() == [255, 0, 0, 255]  # fill and ink
    assert (np.asarray(open_art(tmp_path / "cache").pixels) == kept.pixels).all()


def test_pieces_fill_the_square_and_keep_their_shape() -> None:
    pixels = np.zeros((50, 300, 4), np.uint8)
    pixels[10:20, 100:140] = 255
    small = fitted(pixels)
    assert (small[..., 3] > 127).any(axis=0).sum() == SIDE
    assert (small[..., 3] > 127).any(axis=1).sum() == SIDE // 4


def test_where_no_art_is_the_commands_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"python -m pipeline\.safeguard_vl\.fetch_art"):
        open_art(tmp_path / "cache")
