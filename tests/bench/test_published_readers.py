"""Each published set is recognised by its columns and read without loss from its own schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from bench.dataset import Benchmark
from bench.evaluation_set import EvaluationSet, TextPolicy, policies_by_image, policies_key
from bench.published.base import PublishedSet
from bench.published.llavaguard import policy_words
from bench.published.load import load_evaluation_set
from bench.published.tables import PublishedError
from evaluators.profile import load_profile
from tests.bench.published_copies import (
    POLICYSHIFTBENCH,
    SAFEEDITBENCH,
    UNSAFEBENCH,
    Row,
    jsonl,
    llavaguard_rows,
    parquet,
    pictures,
    policyshift_row,
    safeeditbench_rows,
    table,
    unsafebench_rows,
)
from tests.bench.sample import sample

TEST = "data/test-00000-of-00001.parquet"


def opened(path: Path) -> PublishedSet:
    data = load_evaluation_set(path)
    assert isinstance(data, PublishedSet)
    return data


def asked(data: EvaluationSet) -> Mapping[str, list[str]]:
    return {image: [policy.id for policy in policies] for image, policies in policies_by_image(data).items()}


def labels(data: EvaluationSet) -> list[tuple[str, str, str | None]]:
    return [(row.image_id, row.policy_id, row.safety_label) for row in data.verdicts]


SAFEEDIT_LABELS = [
    ("1", "L1", "safe"),
    ("1", "L2", "unsafe"),
    ("1_edited", "L2", "safe"),
    ("48_edited", "L2", "safe"),
]


def test_safeeditbench_is_read_from_its_parquet(tmp_path: Path) -> None:
    parquet(tmp_path / TEST, SAFEEDITBENCH, safeeditbench_rows())
    data = opened(tmp_path)
    assert data.title == "SafeEditBench test"
    assert data.image_ids == ("1", "1_edited", "48_edited")
    assert data.policies == (
        TextPolicy("L1", "Policy L1", "Text of L1."),
        TextPolicy("L2", "Policy L2", "Text of L2."),
    )
    assert labels(data) == SAFEEDIT_LABELS
    assert {row.label_source for row in data.verdicts} == {"human"}


def test_a_pair_is_told_by_its_names_and_an_unpaired_picture_stands_alone(tmp_path: Path) -> None:
    parquet(tmp_path / TEST, SAFEEDITBENCH, safeeditbench_rows())
    meta = [opened(tmp_path).meta(image_id) for image_id in ("1", "1_edited", "48_edited")]
    assert [(image.pair_id, image.role) for image in meta] == [
        ("1", "original"),
        ("1", "edited"),
        ("48", "edited"),
    ]


def test_a_missing_cell_is_not_asked(tmp_path: Path) -> None:
    parquet(tmp_path / TEST, SAFEEDITBENCH, safeeditbench_rows())
    assert asked(opened(tmp_path)) == {"1": ["L1", "L2"], "1_edited": ["L2"], "48_edited": ["L2"]}


def test_class_labels_are_read_by_the_names_in_the_metadata(tmp_path: Path) -> None:
    turned = {**SAFEEDITBENCH, "safety_label": {"names": ["unsafe", "safe"], "_type": "ClassLabel"}}
    rows = [{**row, "safety_label": 1 - int(str(row["safety_label"]))} for row in safeeditbench_rows()]
    parquet(tmp_path / TEST, turned, rows)
    assert labels(opened(tmp_path)) == SAFEEDIT_LABELS


def test_class_labels_without_names_are_in_the_published_order(tmp_path: Path) -> None:
    parquet(tmp_path / TEST, SAFEEDITBENCH, safeeditbench_rows(), told=False)
    assert labels(opened(tmp_path)) == SAFEEDIT_LABELS


def test_a_row_without_a_label_is_asked_and_has_a_reason(tmp_path: Path) -> None:
    rows = safeeditbench_rows()
    parquet(tmp_path / TEST, SAFEEDITBENCH, [{**rows[0], "safety_label": -1}, *rows[1:]])
    data = opened(tmp_path)
    assert labels(data)[0] == ("1", "L1", None)
    assert data.verdicts[0].reason == "published without a label"
    assert asked(data)["1"] == ["L1", "L2"]


@pytest.mark.parametrize("folder", ["", "test_images", "images"])
@pytest.mark.parametrize("words", [("safe", "unsafe"), ("Safe", "Unsafe"), (0, 1), ("0", "1")])
def test_safeeditbench_is_read_from_its_jsonl(
    tmp_path: Path, folder: str, words: tuple[object, object]
) -> None:
    cells = [("1.jpg", 0, 1), ("1.jpg", 1, 2), ("1_edited.jpg", 0, 2), ("48_edited.jpg", 0, 2)]
    rows = [
        {"image_path": path, "safety_label": words[label], "policy_name": f"Policy L{level}"}
        for path, label, level in cells
    ]
    jsonl(tmp_path / "test.jsonl", rows)
    pictures(tmp_path / folder, "1.jpg", "1_edited.jpg", "48_edited.jpg")
    pictures(tmp_path / "train_images", "9.jpg")
    texts = tmp_path / "policies"
    texts.mkdir()
    (texts / "L1.txt").write_text("One.\n")
    (texts / "L2.txt").write_text("Two.\n")
    data = opened(tmp_path)
    assert labels(data) == SAFEEDIT_LABELS
    assert [policy.text() for policy in data.policies] == ["One.", "Two."]
    assert data.picture("1_edited").size == (24, 16)


def test_a_policy_without_a_text_is_told_with_the_place_for_it(tmp_path: Path) -> None:
    jsonl(
        tmp_path / "test.jsonl", [{"image_path": "1.jpg", "safety_label": "safe", "policy_name": "Policy L3"}]
    )
    with pytest.raises(
        PublishedError, match=r"test\.jsonl: row 1: the text of Policy L3 .* policies/L3\.txt"
    ):
        load_evaluation_set(tmp_path)


def test_parquet_wins_where_a_copy_holds_both(tmp_path: Path) -> None:
    parquet(tmp_path / TEST, SAFEEDITBENCH, safeeditbench_rows())
    jsonl(
        tmp_path / "test.jsonl", [{"image_path": "1.jpg", "safety_label": "safe", "policy_name": "Policy L3"}]
    )
    assert labels(opened(tmp_path)) == SAFEEDIT_LABELS


def test_unsafebench_is_asked_under_one_policy_and_keeps_its_categories(tmp_path: Path) -> None:
    parquet(tmp_path / TEST, UNSAFEBENCH, unsafebench_rows())
    parquet(tmp_path / "data/train-00000-of-00001.parquet", UNSAFEBENCH, unsafebench_rows()[:1])
    data = opened(tmp_path)
    assert labels(data) == [
        ("test-00000", "UnsafeBench", "unsafe"),
        ("test-00001", "UnsafeBench", "safe"),
        ("test-00002", "UnsafeBench", "unsafe"),
    ]
    assert [data.meta(image_id).concepts for image_id in data.image_ids] == [("Hate",), ("Hate",), ("Spam",)]
    assert "11. Spam" in data.policies[0].text()


def test_the_first_revision_of_unsafebench_had_no_captions(tmp_path: Path) -> None:
    features = {name: feature for name, feature in UNSAFEBENCH.items() if name != "text"}
    parquet(tmp_path / TEST, features, unsafebench_rows())
    assert len(opened(tmp_path).image_ids) == 3


def test_one_table_is_read_alone_whatever_its_split(tmp_path: Path) -> None:
    train = parquet(tmp_path / "data/train-00000-of-00001.parquet", UNSAFEBENCH, unsafebench_rows()[:1])
    parquet(tmp_path / TEST, UNSAFEBENCH, unsafebench_rows())
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies/UnsafeBench.txt").write_text("Other words.")
    data = opened(train)
    assert (data.title, data.image_ids) == ("UnsafeBench train", ("train-00000",))
    assert data.policies[0].text() == "Other words."


def test_llavaguard_asks_each_picture_under_its_own_texts(tmp_path: Path) -> None:
    table(tmp_path / "test.csv", llavaguard_rows())
    pictures(tmp_path / "images", "a.jpg", "b c.jpg")
    data = opened(tmp_path)
    assert asked(data) == {"a": ["default", "v2", "v3_a"], "real_video_b": ["default", "v4"]}
    assert [label for _, _, label in labels(data)] == ["unsafe", "safe", "unsafe", "safe", "unsafe"]
    assert [policy.text() for policy in policies_by_image(data)["a"]] == [
        f"O1: {first}\nO2: violence." for first in ("no hate.", "all is allowed.", "no hate at all.")
    ]
    assert data.picture("real_video_b").size == (24, 16)
    assert data.meta("a").concepts == ("O1: Hate, Humiliation, Harassment",)


def test_the_profile_puts_back_what_the_policy_leaves_out() -> None:
    profile = load_profile("llavaguard")
    words = "O1: Hate: \nShould not:\n- Be hateful.\n\nO2: Violence: \nCan:\n- Teach."
    published = profile.prompt(words, "<image>\n")
    assert policy_words(published) == words
    assert (
        policy_words("An older prompt: 1: Hate.\nAssessment Steps:\n1. Rate.") == "An older prompt: 1: Hate."
    )


def test_llavaguard_is_read_from_the_json_of_its_own_build(tmp_path: Path) -> None:
    rows = [
        {
            "id": row["id"],
            "image": f"/somewhere/smid/{'a' if str(row['id']).startswith('a') else 'b c'}.jpg",
            "conversations": [
                {"from": "human", "value": row["policy"]},
                {
                    "from": "gpt",
                    "value": json.dumps(
                        {"rating": row["rating"], "category": row["category"], "rationale": "why"}
                    ),
                },
            ],
        }
        for row in llavaguard_rows()
    ]
    (tmp_path / "test.json").write_text(json.dumps(rows))
    (tmp_path / "croissant.json").write_text('{"name": "no table"}')
    pictures(tmp_path, "a.jpg", "b c.jpg")
    table(tmp_path / "copy" / "test.csv", llavaguard_rows())
    data, same = opened(tmp_path), opened(tmp_path / "copy")
    assert labels(data) == labels(same)
    assert data.policies == same.policies
    assert data.picture("a").size == (24, 16)


def test_a_llavaguard_row_without_an_assessment_is_told(tmp_path: Path) -> None:
    (tmp_path / "test.json").write_text(json.dumps([{"id": "a", "image": "a.jpg", "conversations": []}]))
    with pytest.raises(PublishedError, match=r"test\.json: row 1: conversations holds no policy followed by"):
        load_evaluation_set(tmp_path)


def test_a_second_text_of_one_kind_is_a_cell_of_its_own(tmp_path: Path) -> None:
    rows = llavaguard_rows()
    table(tmp_path / "test.csv", [rows[1], {**rows[1], "policy": "Another text."}])
    assert asked(opened(tmp_path)) == {"a": ["v2", "v2#2"]}


def test_policyshiftbench_reads_its_two_test_splits_as_one_set(tmp_path: Path) -> None:
    rows: list[Row] = [
        policyshift_row("id_test", 7, 1, "A", "pass"),
        policyshift_row("id_test", 7, 1, "B", "block"),
        policyshift_row("id_test", 8, 3, "D", "pass"),
    ]
    parquet(tmp_path / "data/id_test-00000-of-00001.parquet", POLICYSHIFTBENCH, rows)
    shift = [policyshift_row("ood_test", 7, 1, "C", "block")]
    parquet(tmp_path / "data/ood_test-00000-of-00001.parquet", POLICYSHIFTBENCH, shift)
    parquet(tmp_path / "data/sft-00000-of-00001.parquet", POLICYSHIFTBENCH, rows)
    data = opened(tmp_path)
    assert data.image_ids == ("7", "8")
    assert asked(data) == {"7": ["1A", "1B", "1C"], "8": ["3D"]}
    assert labels(data) == [
        ("7", "1A", "safe"),
        ("7", "1B", "unsafe"),
        ("8", "3D", "safe"),
        ("7", "1C", "unsafe"),
    ]
    assert data.policies[0] == TextPolicy("1A", "Policy A (Setting A)", "----\nbundle 7 1 A\n----")
    assert [row.split for row in data.rows] == ["id_test"] * 3 + ["ood_test"]


def test_policyshiftbench_is_read_from_its_jsonl_beside_pictures(tmp_path: Path) -> None:
    row = {
        name: value
        for name, value in policyshift_row("id_test", 7, 1, "A", "block").items()
        if name != "image"
    }
    jsonl(tmp_path / "id_test.jsonl", [row])
    pictures(tmp_path / "images", "7.png")
    assert opened(tmp_path).picture("7").size == (24, 16)


def test_one_policy_with_a_text_for_each_picture_is_one_name_in_the_key(tmp_path: Path) -> None:
    rows = [policyshift_row("id_test", image, 1, letter, "pass") for image in (7, 8) for letter in "AB"]
    parquet(tmp_path / "id_test.parquet", POLICYSHIFTBENCH, rows)
    data = opened(tmp_path)
    key = policies_key(data.policies)
    assert [entry.split(":")[0] for entry in key.split()] == ["1A", "1B"]
    changed = [policyshift_row("id_test", 7, 1, "A", "pass", "another bundle"), *rows[1:]]
    parquet(tmp_path / "id_test.parquet", POLICYSHIFTBENCH, changed)
    assert policies_key(opened(tmp_path).policies).split()[0] != key.split()[0]


def test_a_benchmark_of_ours_is_such_a_set_too(tmp_path: Path) -> None:
    root = sample().export(tmp_path / "bench")
    data = load_evaluation_set(root)
    assert isinstance(data, Benchmark)
    assert set(map(len, policies_by_image(data).values())) == {5}
    expected = " ".join(f"{policy.id}:{policy.digest}" for policy in data.policies)
    assert policies_key(data.policies) == expected


def test_the_flat_table_of_ours_is_read_as_the_published_set(tmp_path: Path) -> None:
    root = sample().export(tmp_path / "bench")
    ours, flat = load_evaluation_set(root), opened(root / "flat")
    assert (flat.title, len(flat.image_ids)) == ("SafeEditBench test", len(ours.image_ids))
    assert {policy.digest for policy in flat.policies} == {policy.digest for policy in ours.policies}
    assert sorted(str(row.safety_label) for row in flat.verdicts) == sorted(
        str(row.safety_label) for row in ours.verdicts
    )


def test_a_published_text_has_one_wording() -> None:
    with pytest.raises(ValueError, match="policy L1 is a published text and has no wording 1"):
        TextPolicy("L1", "Policy L1", "Text.").text(1)


def test_a_folder_of_no_known_set_is_told_what_is_there_and_what_was_looked_for(tmp_path: Path) -> None:
    features = {**UNSAFEBENCH, "safety": UNSAFEBENCH["safety_label"]}
    del features["safety_label"]
    rows = [{**row, "safety": row["safety_label"]} for row in unsafebench_rows()]
    parquet(tmp_path / TEST, features, rows)
    with pytest.raises(PublishedError) as told:
        load_evaluation_set(tmp_path)
    lines = str(told.value).splitlines()
    assert "test-00000-of-00001.parquet: image, category, source, text, safety" in lines[2]
    assert "  UnsafeBench: image, safety_label, category, source" in lines
    assert "mapping file" in lines[-1]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"safety_label": "perhaps"}, r"row 2: column safety_label holds 'perhaps', which is no label"),
        ({"category": None}, r"row 2: column category holds None, expected a text"),
    ],
)
def test_a_cell_that_cannot_be_read_is_told_with_its_row(tmp_path: Path, change: Row, told: str) -> None:
    rows = unsafebench_rows()
    parquet(tmp_path / TEST, UNSAFEBENCH, [rows[0], {**rows[1], **change}])
    with pytest.raises(PublishedError, match=told):
        load_evaluation_set(tmp_path)


def test_two_labels_for_one_cell_are_refused(tmp_path: Path) -> None:
    rows = safeeditbench_rows()
    parquet(tmp_path / TEST, SAFEEDITBENCH, [*rows, rows[0]])
    with pytest.raises(PublishedError, match="image 1 has two rows under policy L1; keep one"):
        load_evaluation_set(tmp_path)


def test_two_pictures_of_one_name_are_refused(tmp_path: Path) -> None:
    rows = safeeditbench_rows()
    parquet(tmp_path / TEST, SAFEEDITBENCH, [rows[0], {**rows[1], "image_path": "train/1.png"}])
    with pytest.raises(PublishedError, match=r"row 2: train/1\.png and 1\.jpg have one name"):
        load_evaluation_set(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("test.jsonl", b'{"a": 1}\n{"a":\n', r"test\.jsonl:2 is not JSON"),
        ("test.jsonl", b"[1]\n", r"test\.jsonl: row 1: '\[1\]' is no record"),
        ("test.csv", "id,name\n1,caf\u00e9\n".encode("latin-1"), r"test\.csv cannot be read as csv"),
        ("test.parquet", b"PAR1 and no more", r"test\.parquet cannot be read as Parquet"),
    ],
)
def test_a_damaged_table_is_told_with_its_place(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(PublishedError, match=told):
        load_evaluation_set(tmp_path)


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(PublishedError, match="is not there; give a folder, a table or a mapping file"):
        load_evaluation_set(tmp_path / "nowhere")


def test_an_empty_set_is_told(tmp_path: Path) -> None:
    parquet(tmp_path / TEST, UNSAFEBENCH, [])
    with pytest.raises(PublishedError, match=r"test-00000-of-00001\.parquet holds no row"):
        load_evaluation_set(tmp_path)
