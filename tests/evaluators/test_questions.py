"""What a run asks: policies, words, unseen policies, and the right answer to each."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bench.dataset import Benchmark, load_benchmark
from bench.evaluation_set import TextPolicy
from bench.policy import load_policies, truth_table
from bench.schema import VerdictRow
from evaluators.questions import Choice, plan
from evaluators.runner import evaluate
from evaluators.wording import reordered, reworded
from tests.bench.sample import Sample, png, sample
from tests.evaluators.stand_in import MemoryBenchmark, Scripted


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory: pytest.TempPathFactory) -> Benchmark:
    return load_benchmark(sample().export(tmp_path_factory.mktemp("bench") / "b"))


def test_everything_is_asked_in_the_order_of_the_set(benchmark: Benchmark) -> None:
    asked = plan(benchmark)
    assert tuple(question.image_id for question in asked.questions) == benchmark.image_ids
    assert asked.policies == benchmark.policies
    assert asked.cases == 8 * 5
    gold = {(row.image_id, row.policy_id): row.safety_label for row in benchmark.verdicts}
    assert gold == {
        (question.image_id, policy.id): label
        for question in asked.questions
        for policy, label in zip(question.policies, question.gold, strict=True)
    }


def test_policies_and_images_can_be_chosen() -> None:
    asked = plan(MemoryBenchmark(), Choice(policies=("L3", "L1"), limit=2))
    assert [policy.id for policy in asked.policies] == ["L3", "L1"]
    assert [question.gold for question in asked.questions] == [("unsafe", "safe"), ("safe", "safe")]


def test_a_policy_that_is_not_there_is_told() -> None:
    with pytest.raises(ValueError, match="--policies: the benchmark has no policy 'L9'; it has L1, L2, L3"):
        plan(MemoryBenchmark(), Choice(policies=("L9",)))


@dataclass(frozen=True, slots=True)
class Sparse(MemoryBenchmark):
    """Every image has a policy of its own wording, all of them with the id P, and one has a second."""

    @property
    def verdicts(self) -> tuple[VerdictRow, ...]:
        rows = {row.image_id: row for row in MemoryBenchmark.verdicts.fget(self)}  # type: ignore[attr-defined]
        texts = [policy for policy in self.policies if policy.id == "P"]
        own = [
            replace(rows[image_id], policy_id="P", policy_digest=policy.digest, safety_label=None)
            for image_id, policy in zip(self.image_ids, texts, strict=True)
        ]
        last = self.policies[-1]
        second = replace(own[0], policy_id=last.id, policy_digest=last.digest, safety_label="unsafe")
        return (second, *own)


def test_an_image_is_asked_under_its_own_policies_only(tmp_path: Path) -> None:
    texts = tuple(TextPolicy("P", "P", f"No {thing}.") for thing in ("knives", "guns", "dice", "ale"))
    benchmark = Sparse(pairs=2, policies=(*texts, TextPolicy("Q", "Q", "Nothing.")))
    asked = plan(benchmark)
    assert [tuple(p.text() for p in q.policies) for q in asked.questions] == [
        ("No knives.", "Nothing."), ("No guns.",), ("No dice.",), ("No ale.",),
    ]  # fmt: skip
    assert [question.gold for question in asked.questions] == [(None, "unsafe"), (None,), (None,), (None,)]
    guardrail = Scripted(images_at_once=4)
    result = evaluate(guardrail, benchmark, tmp_path)
    assert len(result.rows) == asked.cases == 5
    assert guardrail.calls == 4  # unlike policies never share a call


@pytest.mark.parametrize("policy", load_policies(), ids=lambda policy: policy.id)
def test_other_words_and_another_order_keep_the_truth_table(policy) -> None:  # type: ignore[no-untyped-def]
    labels = {cell: ruling.label for cell, ruling in truth_table(policy).items()}
    for other in (reworded(policy, 1), reworded(policy, 2), reordered(policy, 7)):
        assert {cell: ruling.label for cell, ruling in truth_table(other).items()} == labels
        assert other.id == policy.id
    assert [reworded(policy, wording).text() for wording in (0, 1, 2)] == [policy.text(w) for w in (0, 1, 2)]
    assert len({reworded(policy, wording).digest for wording in (0, 1, 2)}) == 3
    assert reworded(policy, 0) is policy


def test_a_shuffled_policy_says_the_same_lines_in_another_order() -> None:
    policy = next(policy for policy in load_policies() if len(policy.rules) > 4)
    shuffled = reordered(policy, 1)
    assert shuffled.text() != policy.text()
    assert sorted(shuffled.text().splitlines()) == sorted(policy.text().splitlines())
    assert reordered(policy, 1) == shuffled


def test_gold_stays_in_other_words(benchmark: Benchmark) -> None:
    canonical = plan(benchmark)
    for choice in (Choice(wording=2), Choice(rule_order=5), Choice(wording=1, rule_order=5)):
        other = plan(benchmark, choice)
        assert [q.gold for q in other.questions] == [q.gold for q in canonical.questions]
        assert {p.digest for p in other.policies}.isdisjoint({p.digest for p in canonical.policies[1:]})


def test_a_published_text_has_no_other_words() -> None:
    text = (TextPolicy("P", "P", "No knives."),)
    with pytest.raises(ValueError, match="policy P is a published text without rules"):
        plan(MemoryBenchmark(policies=text), Choice(wording=1))


def test_unseen_policies_are_judged_by_what_the_scenes_show(benchmark: Benchmark) -> None:
    asked = plan(benchmark, Choice(held_out=8, seed=3))
    assert [policy.id[:2] for policy in asked.policies] == [f"H{n}" for n in range(8)]
    assert {policy.digest for policy in asked.policies}.isdisjoint({p.digest for p in benchmark.policies})
    for question in asked.questions:
        shows = benchmark.meta(question.image_id).role != "edited"
        for policy, gold in zip(question.policies, question.gold, strict=True):
            cell = truth_table(policy)  # type: ignore[arg-type]
            both = {cell["firearm", context].label for context in ("toy_or_cartoon", "news")}
            if not shows:
                assert gold == "safe"
            elif len(both) == 1 and cell["firearm", ""].label in both:
                assert gold in both
    assert {label for question in asked.questions for label in question.gold} == {"safe", "unsafe"}
    assert plan(benchmark, Choice(held_out=8, seed=3)) == asked
    assert plan(benchmark, Choice(held_out=8, seed=4)) != asked


def test_unseen_policies_need_known_pictures(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="--held-out needs a benchmark of safeeditbench"):
        plan(MemoryBenchmark(), Choice(held_out=2))
    made = sample()
    photos = replace(made, images=tuple(replace(image, synthetic=False) for image in made.images))
    benchmark = load_benchmark(photos.export(tmp_path / "photos"))
    with pytest.raises(ValueError, match=r"--held-out: image [0-9a-f]{16} is no drawn scene"):
        plan(benchmark, Choice(held_out=2))


def test_an_extended_benchmark_reuses_what_was_answered(tmp_path: Path) -> None:
    small, large = (load_benchmark(sample(pairs).export(tmp_path / str(pairs))) for pairs in (3, 5))
    same = set(small.image_ids) & set(large.image_ids)
    evaluate(Scripted(), small, tmp_path / "run")
    again = Scripted()
    result = evaluate(again, large, tmp_path / "run")
    assert again.asked == len(large.image_ids) - len(same)
    assert result.info.benchmark == large.digest
    evaluate(Scripted(), large, tmp_path / "anew")
    grown, anew = ((tmp_path / run / "results.parquet").read_bytes() for run in ("run", "anew"))
    assert grown == anew


def with_one_pixel_changed(made: Sample, at: tuple[int, int]) -> Sample:
    """The sample with another pixel inside the region of its first edit."""
    old = next(image for image in made.images if image.role == "edited")
    pixels = np.array(Image.open(io.BytesIO(old.image)))
    pixels[at] ^= 1
    digest = hashlib.sha256(png(pixels)).hexdigest()
    new = replace(old, image=png(pixels), image_id=digest[:16], sha256=digest)
    return replace(
        made,
        images=tuple(new if image is old else image for image in made.images),
        verdicts=tuple(_moved(row, old.image_id, new.image_id) for row in made.verdicts),
        votes=tuple(_moved(row, old.image_id, new.image_id) for row in made.votes),
        edits=tuple(_moved(row, old.image_id, new.image_id) for row in made.edits),
    )


def _moved(row: Any, old: str, new: str) -> Any:
    return replace(row, image_id=new) if row.image_id == old else row


@pytest.mark.parametrize("at", [(10, 10, 0), (15, 20, 1), (21, 21, 2)])
def test_a_changed_pixel_is_asked_again(tmp_path: Path, at: tuple[int, int]) -> None:
    made = sample()
    evaluate(Scripted(), load_benchmark(made.export(tmp_path / "before")), tmp_path / "run")
    after = load_benchmark(with_one_pixel_changed(made, at).export(tmp_path / "after"))
    again = Scripted()
    evaluate(again, after, tmp_path / "run")
    assert again.asked == 1


def test_nothing_to_ask_is_told() -> None:
    with pytest.raises(ValueError, match="nothing to ask: 5 policies, 0 images"):
        plan(MemoryBenchmark(), Choice(limit=0))
