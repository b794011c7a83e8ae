"""Gold: a stable, spread choice, and files that say what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotation.errors import AnnotationError
from annotation.gold import Gold, choose_gold, read_gold, write_gold
from bench.policy import Ruling, load_policies

POLICIES = load_policies()
SAFE, UNSAFE = Ruling("safe", ()), Ruling("unsafe", ("R2", "R3"))
# 200 images; only every tenth breaks L3, only every fiftieth L4 too
TRUTH = {
    (f"i{i:03d}", policy): ruling
    for i in range(200)
    for policy, ruling in [
        ("L2", SAFE),
        ("L3", SAFE if i % 10 else UNSAFE),
        ("L4", SAFE if i % 50 else UNSAFE),
    ]
}


def images(gold: tuple[Gold, ...]) -> list[str]:
    return sorted({item.image_id for item in gold})


@pytest.mark.parametrize(("share", "count"), [(0.05, 10), (0.08, 16), (0.10, 20)])
def test_the_share_of_images_is_gold_under_every_policy(share: float, count: int) -> None:
    gold = choose_gold(TRUTH, share=share)
    assert len(images(gold)) == count
    assert len(gold) == 3 * count


def test_rare_labels_are_among_the_gold_as_often_as_they_can() -> None:
    gold = choose_gold(TRUTH, share=0.08)
    unsafe = {
        policy: sum(g.label == "unsafe" for g in gold if g.policy_id == policy)
        for policy in ("L2", "L3", "L4")
    }
    assert unsafe == {"L2": 0, "L3": 8, "L4": 4}  # half of 16, and all four there are


def test_the_choice_depends_on_the_truth_alone() -> None:
    backwards = dict(sorted(TRUTH.items(), reverse=True))
    assert choose_gold(backwards) == choose_gold(TRUTH)
    renamed = {(image.replace("i", "j"), policy): ruling for (image, policy), ruling in TRUTH.items()}
    assert [name[1:] for name in images(choose_gold(renamed))] != [
        name[1:] for name in images(choose_gold(TRUTH))
    ]


def test_the_answer_is_the_ruling_with_its_first_rule() -> None:
    found = next(g for g in choose_gold(TRUTH) if g.label == "unsafe")
    assert (found.rule, found.source, found.note) == ("R2", "rule", "from the rules")


def test_a_share_that_measures_nobody_or_wastes_votes_is_refused() -> None:
    for share in (0.0, 0.04, 0.2):
        with pytest.raises(AnnotationError, match=f"gold share {share} is outside"):
            choose_gold(TRUTH, share=share)


def test_no_images_give_no_gold() -> None:
    assert choose_gold({}) == ()


def test_what_is_written_is_read(tmp_path: Path) -> None:
    gold = (Gold("i001", "L3", "unsafe", "R2", 'a "quoted" note', "rule"), Gold("i002", "L2", "safe"))
    write_gold(tmp_path / "gold.jsonl", gold)
    assert read_gold(tmp_path / "gold.jsonl", image_ids=["i001", "i002"], policies=POLICIES) == gold


def test_experts_may_give_a_table(tmp_path: Path) -> None:
    path = tmp_path / "gold.csv"
    path.write_text(
        'image_id,policy_id,label,rule,note\ni001,L3,unsafe,R2,"knife, in hand"\ni002,L2,safe,,\n'
    )
    assert read_gold(path, image_ids=["i001", "i002"], policies=POLICIES) == (
        Gold("i001", "L3", "unsafe", "R2", "knife, in hand"),
        Gold("i002", "L2", "safe"),
    )


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('{"image_id": "i001", "policy_id": "L3"}', "line 2: label is missing"),
        ('{"image_id": "i001", "policy_id": "L3", "label": "bad"}', "line 2: label 'bad' of source 'human'"),
        ('{"image_id": "i9", "policy_id": "L3", "label": "safe"}', "line 2: no image i9"),
        ('{"image_id": "i001", "policy_id": "L9", "label": "safe"}', "line 2: no policy L9; use one of L1"),
        ('{"image_id": "i001", "policy_id": "L3", "label": "unsafe", "rule": "R99"}', "L3 has no rule R99"),
        ('{"image_id": "i001", "policy_id": "L3", "label": "safe", "rule": "R2"}', "a safe image breaks no"),
        ('{"image_id": "i001", "policy_id": "L3", "label": "safe", "why": "x"}', "unknown column 'why'"),
        ('{"image_id": "i000", "policy_id": "L3", "label": "safe"}', "has an answer under L3 already"),
        ('{"image_id": 1, "policy_id": "L3", "label": "safe"}', "not an object of texts"),
        ("i001,L3,safe", "line 2: not JSON"),
    ],
)  # fmt: skip
def test_a_bad_line_is_named(tmp_path: Path, line: str, complaint: str) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text('{"image_id": "i000", "policy_id": "L3", "label": "safe"}\n' + line + "\n")
    with pytest.raises(AnnotationError, match=complaint):
        read_gold(path, image_ids=["i000", "i001"], policies=POLICIES)


def test_a_row_with_too_few_cells_and_a_missing_file_are_named(tmp_path: Path) -> None:
    path = tmp_path / "gold.csv"
    path.write_text("image_id,policy_id,label\ni001,L3\n")
    with pytest.raises(AnnotationError, match="line 2: not as many cells as columns"):
        read_gold(path, image_ids=["i001"], policies=POLICIES)
    with pytest.raises(AnnotationError, match=r"none\.jsonl is not there"):
        read_gold(tmp_path / "none.jsonl", image_ids=[], policies=POLICIES)
