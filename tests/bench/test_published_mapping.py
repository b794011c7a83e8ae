"""Any table of pictures becomes a set through a short mapping."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.evaluation_set import policies_by_image
from bench.published.tables import PublishedError
from tests.bench.published_copies import (
    PICTURE,
    TEXT,
    WHOLE,
    jsonl,
    parquet,
    picture,
    pictures,
    table,
)
from tests.bench.test_published_readers import labels, opened

MAPPING = """
title = "Street scenes"
tables = ["labels.csv"]
images = "photos"
label_source = "simulated"
safe = ["ok"]
unsafe = ["bad", "nsfw"]

[columns]
image = "file"
label = "verdict"
policy = "rule_set"
pair = "scene"
role = "side"
category = "kind"

[policies]
house = "house.txt"
strict = "strict.txt"
"""
ROWS = [
    ("a/1.jpg", "NSFW", "house", "s1", "original", "arms"),
    ("a/1.jpg", "unsafe", "strict", "s1", "original", "arms"),
    ("a/2.jpg", "ok", "house", "s1", "edited", ""),
    ("a/3.jpg", "", "house", "s2", "original", ""),
]


def street(folder: Path, mapping: str = MAPPING) -> Path:
    names = ("file", "verdict", "rule_set", "scene", "side", "kind")
    table(folder / "labels.csv", [dict(zip(names, row, strict=True)) for row in ROWS])
    pictures(folder / "photos" / "a", "1.jpg", "2.jpg", "3.jpg")
    (folder / "house.txt").write_text("House rules.\n")
    (folder / "strict.txt").write_text("Strict rules.\n")
    (folder / "street.toml").write_text(mapping)
    return folder / "street.toml"


def test_a_table_beside_a_folder_of_pictures(tmp_path: Path) -> None:
    data = opened(street(tmp_path))
    assert data.title == "Street scenes"
    assert labels(data) == [
        ("a/1.jpg", "house", "unsafe"),
        ("a/1.jpg", "strict", "unsafe"),
        ("a/2.jpg", "house", "safe"),
        ("a/3.jpg", "house", None),
    ]
    assert {row.label_source for row in data.verdicts} == {"simulated"}
    second = data.meta("a/2.jpg")
    assert (second.pair_id, second.role, second.concepts) == ("s1", "edited", ())
    assert data.meta("a/1.jpg").concepts == ("arms",)
    assert [policy.text() for policy in data.policies] == ["House rules.", "Strict rules."]
    assert data.picture("a/3.jpg").size == (24, 16)


def test_the_same_mapping_in_yaml(tmp_path: Path) -> None:
    jsonl(tmp_path / "rows.jsonl", [{"file": "1.jpg", "flag": 1}, {"file": "2.jpg", "flag": 0}])
    pictures(tmp_path, "1.jpg", "2.jpg")
    (tmp_path / "p.txt").write_text("The only policy.")
    (tmp_path / "set.yaml").write_text(
        "tables: [rows.jsonl]\nlabel_source: human\n"
        "columns: {image: file, label: flag}\npolicies: {only: p.txt}\n"
    )
    data = opened(tmp_path / "set.yaml")
    assert data.title == "set"
    assert labels(data) == [("1.jpg", "only", "unsafe"), ("2.jpg", "only", "safe")]
    assert data.meta("1.jpg").pair_id == "1.jpg"


def test_stored_pictures_and_a_text_a_row(tmp_path: Path) -> None:
    features = {"mask": PICTURE, "photo": PICTURE, "n": WHOLE, "label": TEXT, "rule": TEXT}
    rows = [
        {"mask": picture(9), "photo": picture(1), "n": 1, "label": "safe", "rule": "First."},
        {"mask": picture(9), "photo": picture(1), "n": 1, "label": "unsafe", "rule": "Second."},
        {"mask": picture(9), "photo": picture(2), "n": 2, "label": "safe", "rule": "First."},
    ]
    parquet(tmp_path / "data/all-00000-of-00001.parquet", features, rows)
    (tmp_path / "set.toml").write_text(
        'tables = ["data/*.parquet"]\nlabel_source = "rule"\n[columns]\n'
        'image = "photo"\nlabel = "label"\nid = "n"\npolicy = "rule"\npolicy_text = "rule"\n'
    )
    data = opened(tmp_path / "set.toml")
    assert {image: [p.text() for p in asked] for image, asked in policies_by_image(data).items()} == {
        "1": ["First.", "Second."],
        "2": ["First."],
    }
    assert data.image_bytes("2") == picture(2)["bytes"]


def test_the_mapping_is_part_of_the_digest(tmp_path: Path) -> None:
    first = opened(street(tmp_path / "a")).digest
    assert first == opened(street(tmp_path / "b")).digest
    other = MAPPING.replace('safe = ["ok"]', 'safe = ["ok", "fine"]', 1)
    assert first != opened(street(tmp_path / "c", other)).digest


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            'label = "verdict"',
            'label = "veredict"',
            r"labels\.csv has no column 'veredict' for label; it has file",
        ),
        ('label = "verdict"', "", r"street\.toml: columns: label: missing field"),
        ("pair =", "pairs =", r"street\.toml: columns: pairs: unknown field; use one of image, label, id"),
        ("title =", "titel =", r"street\.toml: titel: unknown field; use one of title, tables"),
        ('["labels.csv"]', '["label.csv"]', r"tables: 'label\.csv' is no \.parquet, .* file in"),
        ('["labels.csv"]', '["/labels.csv"]', r"tables: '/labels\.csv' is absolute"),
        ('"simulated"', '"guessed"', r"label_source: 'guessed' is none of human, simulated, rule"),
        ('"strict.txt"', '"strikt.txt"', r"policies: strict: .*strikt\.txt is not there"),
        ('safe = ["ok"]', 'safe = ["ok", "NSFW"]', r"unsafe: \['nsfw'\] stand for safe as well"),
        ('unsafe = ["bad", "nsfw"]', "", r"row 1: column verdict holds 'NSFW', which is no label"),
        ('strict = "strict.txt"', "", r"row 2: no text for policy 'strict'; \[policies\] has house"),
        ('policy = "rule_set"', "", r"row 1: no text for policy 'house'; .* name the column"),
        ('role = "side"', 'role = "scene"', r"row 1: role 's1' is none of original, edited, control"),
        ("[columns]", "[columns", r"street\.toml: not valid TOML"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, old: str, new: str, told: str) -> None:
    file = street(tmp_path, MAPPING.replace(old, new, 1))
    with pytest.raises(PublishedError, match=told):
        opened(file)
