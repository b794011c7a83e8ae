"""Policies on disk: round trip, and errors that say which file, which field and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.policy import PACKS, Policy, PolicyError, dump_policies, load_policies
from bench.variants import held_out_policies

GOOD = """\
id: T1
name: Test
version: "1.0"
kind: generated
note: A test.
purpose: [one, two, three]
rules:
  - id: R1
    title: [a, b, c]
    concepts: [dog, pork]
    exceptions:
      - concepts: [dog]
        contexts: [news]
"""
SECOND_RULE = "  - {id: R1, title: [a, b, c], concepts: [idol]}\n"


def load_text(folder: Path, text: str) -> tuple[Policy, ...]:
    (folder / "t1.yaml").write_text(text, encoding="utf-8")
    return load_policies(folder)


def test_a_good_file_loads(tmp_path: Path) -> None:
    (policy,) = load_text(tmp_path, GOOD)
    assert (policy.id, policy.rules[0].concepts) == ("T1", ("dog", "pork"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "[dog, pork]",
            "[dog, unicorn]",
            r"t1.yaml: rules\[0\]: concepts: unknown name 'unicorn'; use one of f",
        ),
        (
            "[news]",
            "[moon]",
            r"t1.yaml: rules\[0\]: exceptions\[0\]: contexts: unknown name 'moon'; use one of t",
        ),
        (
            "concepts: [dog]\n",
            "concepts: [idol]\n",
            r"exceptions\[0\]: concepts: unknown name 'idol'; use .*pork",
        ),
        ("[dog, pork]", "[dog, dog]", r"rules\[0\]: concepts: a name occurs twice"),
        (
            "rules:\n",
            "rules:\n" + SECOND_RULE,
            "t1.yaml: rules: id R1 is used twice; give each rule its own id",
        ),
        ("name: Test\n", "", "t1.yaml: name: missing field; add it"),
        ("    concepts: [dog, pork]\n", "", r"t1.yaml: rules\[0\]: concepts: missing field; add it"),
        ("        contexts: [news]\n", "", r"exceptions\[0\]: contexts: missing field; add it"),
        ("exceptions:", "exeptions:", r"rules\[0\]: exeptions: unknown field; use one of id, title"),
        ("[one, two, three]", "[one, two]", "purpose: expected 3 texts, one a wording, got 2"),
        ('"1.0"', "1.0", "version: expected a text, got 1.0; put it in quotes"),
        ("kind: generated", "kind: real", "kind: unknown kind 'real'; use one of fictional, illustration"),
        ("id: T1", "id: ../T1", "id: '../T1' cannot name a file; use letters"),
        ("rules:\n", "permits: [{concepts: [pork]}]\nrules:\n", r"permits: \['pork'\] break R1; drop one of"),
        (
            "rules:\n",
            "digest: '00'\nrules:\n",
            "digest: the rules render to .* use the safeeditbench version",
        ),
        ("rules:\n", "rules: 3\nx:\n", "t1.yaml: x: unknown field"),
        ("[a, b, c]", "[a, b", "t1.yaml: not valid YAML"),
        (GOOD, "- a list\n", "t1.yaml: expected a mapping of field names to values"),
    ],
)
def test_a_bad_file_is_refused_with_place_and_remedy(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in GOOD
    with pytest.raises(PolicyError, match=message):
        load_text(tmp_path, GOOD.replace(old, new, 1))


def test_two_files_must_not_share_an_id(tmp_path: Path) -> None:
    (tmp_path / "t2.yaml").write_text(GOOD)
    with pytest.raises(PolicyError, match=r"t2\.yaml: id: T1 is already taken by another file"):
        load_text(tmp_path, GOOD)


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"holds no policy; expected files such as l1\.yaml"):
        load_policies(tmp_path)


def test_what_is_dumped_loads_back_equal(tmp_path: Path) -> None:
    five = load_policies()
    dump_policies(five, tmp_path)
    assert load_policies(tmp_path) == five
    assert (tmp_path / "l3.txt").read_text() == five[2].text() + "\n"
    assert (tmp_path / "l3.2.txt").read_text() == five[2].text(2) + "\n"


def test_packs_and_held_out_policies_round_trip_too(tmp_path: Path) -> None:
    policies = (*load_policies(PACKS), *held_out_policies(load_policies(), seed=1, count=8))
    dump_policies(policies, tmp_path)
    assert set(load_policies(tmp_path)) == set(policies)


def test_the_same_policies_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        dump_policies(load_policies(), tmp_path / name)
    dump_policies(load_policies(tmp_path / "one"), tmp_path / "two")
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert len(names) == 20
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_dump_does_not_mix_with_other_policies(tmp_path: Path) -> None:
    dump_policies(load_policies(), tmp_path)
    with pytest.raises(PolicyError, match=r"already holds l3\.yaml; choose an empty folder"):
        dump_policies(load_policies()[:2], tmp_path)


def test_a_changed_rule_in_a_stored_policy_is_noticed(tmp_path: Path) -> None:
    dump_policies(load_policies(), tmp_path)
    file = tmp_path / "l3.yaml"
    file.write_text(file.read_text().replace("- kitchen", "- medical", 1))
    with pytest.raises(PolicyError, match=r"l3\.yaml: digest: the rules render to"):
        load_policies(tmp_path)
