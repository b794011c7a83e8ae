"""What a run asks: which images, under which policies, in which words, and what the right answers are.

Everything is worked out before the first image is opened, so what will be asked can be shown and counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import TYPE_CHECKING

from bench.dataset import Benchmark
from bench.evaluation_set import AskedPolicy, EvaluationSet
from bench.policy import Policy, Sighting
from bench.schema import Label, Role
from bench.variants import held_out_policies
from evaluators.injection import Style, write_on
from evaluators.wording import reordered, reworded

if TYPE_CHECKING:
    from PIL import Image

Key = tuple[str, str]  # a policy's id and digest
Labels = Mapping[str, Mapping[Key, Label | None]]  # by image id


@dataclass(frozen=True, slots=True)
class Choice:
    """What of a set is asked.

    `policies` names some of the set's (empty: all), `limit` takes the first images only. `held_out` > 0 asks
    under that many policies which nobody wrote, made with `seed`, in place of the set's own. `wording` is
    the paraphrase of every policy (0 the canonical one), `rule_order` shuffles its rules with that seed;
    neither changes what a policy forbids. `inject` writes an instruction on every picture in that style.
    """

    policies: tuple[str, ...] = ()
    limit: int | None = None
    held_out: int = 0
    seed: int = 0
    wording: int = 0
    rule_order: int | None = None
    inject: Style | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One image, the policies it is asked under, and the right answer to each (None: not known).

    With `inject` an instruction in that style is written on the image before it is asked about.
    """

    image_id: str
    pair_id: str
    role: Role
    policies: tuple[AskedPolicy, ...]
    gold: tuple[Label | None, ...]
    inject: Style | None = None

    def picture(self, source: EvaluationSet) -> Image.Image:
        """What is shown to the guardrail. Raises what the set raises for an image that cannot be read."""
        plain = source.picture(self.image_id)
        return write_on(plain, self.image_id, self.inject) if self.inject else plain


@dataclass(frozen=True, slots=True)
class Plan:
    """All questions of a run in the order of its table, and every policy that occurs in them."""

    choice: Choice
    policies: tuple[AskedPolicy, ...]
    questions: tuple[Question, ...]

    @property
    def cases(self) -> int:
        return sum(len(question.policies) for question in self.questions)


def plan(source: EvaluationSet, choice: Choice | None = None) -> Plan:
    """The questions that `choice` takes from `source`.

    Raises ValueError where a policy is not there, nothing is left to ask, other words are wanted for a text
    that has none, or unseen policies for pictures of which it is not known what they show.
    """
    choice = choice or Choice()
    image_ids = source.image_ids[: choice.limit]
    policies: Sequence[AskedPolicy]
    if choice.held_out:
        policies, labels = _held_out(source, image_ids, choice)
    else:
        policies, labels = chosen(source.policies, choice.policies), _labels(source)
    asked = {
        (policy.id, policy.digest): (place, _worded(policy, choice)) for place, policy in enumerate(policies)
    }
    found = (_question(source, image_id, asked, labels.get(image_id, {})) for image_id in image_ids)
    questions = tuple(replace(question, inject=choice.inject) for question in found if question.policies)
    if not questions:
        raise ValueError(f"nothing to ask: {len(policies)} policies, {len(image_ids)} images")
    return Plan(choice, tuple(policy for _, policy in asked.values()), questions)


def chosen(policies: Sequence[AskedPolicy], names: Sequence[str]) -> tuple[AskedPolicy, ...]:
    """Those of `policies` that are named, all where none is. ValueError names one that is not there."""
    known = dict.fromkeys(policy.id for policy in policies)
    for name in names:
        if name not in known:
            raise ValueError(f"--policies: the benchmark has no policy {name!r}; it has {', '.join(known)}")
    return tuple(p for name in dict.fromkeys(names) or known for p in policies if p.id == name)


def _labels(source: EvaluationSet) -> Labels:
    labels: dict[str, dict[Key, Label | None]] = {}
    for row in source.verdicts:
        labels.setdefault(row.image_id, {})[row.policy_id, row.policy_digest] = row.safety_label
    return labels


def _worded(policy: AskedPolicy, choice: Choice) -> AskedPolicy:
    if choice.rule_order is None and not choice.wording:
        return policy
    if not isinstance(policy, Policy):
        raise ValueError(
            f"policy {policy.id} is a published text without rules, so it has no other wording or order"
        )
    ordered = policy if choice.rule_order is None else reordered(policy, choice.rule_order)
    return reworded(ordered, choice.wording)


def _question(
    source: EvaluationSet,
    image_id: str,
    asked: Mapping[Key, tuple[int, AskedPolicy]],
    labels: Mapping[Key, Label | None],
) -> Question:
    """The image under those policies that it has a row for, in the order of their places."""
    meta = source.meta(image_id)
    cells = sorted(((*asked[key], label) for key, label in labels.items() if key in asked), key=itemgetter(0))
    policies, gold = tuple(policy for _, policy, _ in cells), tuple(label for _, _, label in cells)
    return Question(image_id, meta.pair_id, meta.role, policies, gold)


def _held_out(
    source: EvaluationSet, image_ids: Sequence[str], choice: Choice
) -> tuple[Sequence[Policy], Labels]:
    """Policies nobody voted on, and what they say of pictures whose whole content is known: drawn scenes."""
    if not isinstance(source, Benchmark):
        raise ValueError("--held-out needs a benchmark of safeeditbench; this set does not say what it shows")
    policies = held_out_policies(source.policies, choice.seed, choice.held_out)
    keys = [(policy.id, policy.digest) for policy in policies]
    labels = {}
    for image_id in image_ids:
        seen = _known_content(source, image_id)
        labels[image_id] = {key: policy.judge(seen).label for key, policy in zip(keys, policies, strict=True)}
    return policies, labels


def _known_content(source: Benchmark, image_id: str) -> list[Sighting]:
    meta = source.meta(image_id)
    if not meta.synthetic:
        raise ValueError(
            f"--held-out: image {image_id} is no drawn scene, so what it shows is not known in full and "
            "an unseen policy has no right answer; use a benchmark made by `build --scenes`"
        )
    return [Sighting(c, frozenset(places)) for c, places in zip(meta.concepts, meta.contexts, strict=True)]
