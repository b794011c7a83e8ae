"""Policy-conditioned cases in small groups that differ in one thing each, balanced over policy and label.

A group is built around one case of one pair of pictures:

    anchor    of the rarer label, under the least used policy
    twin      the same policy, the pair's other picture, the other label    look at the picture
    flip      the same picture, another policy, the other label             read the policy
    control   the same policy and label on the sham-edited picture          an edit is no reason

Where a pair has no control, another case of the label that is short takes its place. Groups stay together:
training takes the cases in the order of `draw_cases`, so that a group falls into one step where a step takes
a multiple of four prompts.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from bench.policy import Policy
from bench.schema import Label
from pipeline.safeguard_vl.compose import some
from pipeline.safeguard_vl.disguise import disguised
from pipeline.safeguard_vl.shots import Shot

MADE_UP = "made-up"  # the id under which all made-up policies are counted
CANDIDATES = 8  # made-up policies looked at for one group
GROUP = 4  # cases of a whole group

Pair = tuple[Shot, ...]
Use = tuple[str, Label]  # a policy's id and a label


@dataclass(frozen=True, slots=True)
class Cell:
    """A picture under a policy, with the true label."""

    shot: Shot
    policy: Policy
    label: Label

    @property
    def policy_id(self) -> str:
        """The policy's id; one for all that are made up."""
        return MADE_UP if self.policy.kind == "generated" else self.policy.id

    @property
    def use(self) -> Use:
        """What is kept in balance."""
        return self.policy_id, self.label


@dataclass(frozen=True, slots=True)
class Case:
    """One question to train on, with its true answer; `group` numbers the group it belongs to."""

    shot: Shot
    policy_id: str
    policy_text: str
    label: Label
    group: int


@dataclass(frozen=True, slots=True)
class Draw:
    """How many cases, and which share in [0, 1] of the groups has a made-up policy for its anchor."""

    count: int
    seed: int
    made_up_share: float


class Balance:
    """How often each (policy, label) was used."""

    def __init__(self, generator: np.random.Generator) -> None:
        self._uses: Counter[Use] = Counter()
        self._generator = generator

    def add(self, cells: Sequence[Cell]) -> None:
        self._uses.update(cell.use for cell in cells)

    def rarer(self) -> Label:
        """The label that fewer cases have; `unsafe` where both are equal."""
        totals: Counter[Label] = Counter()
        for (_, label), uses in self._uses.items():
            totals[label] += uses
        return "unsafe" if totals["unsafe"] <= totals["safe"] else "safe"

    def rarest(self, uses: Iterable[Use]) -> Use:
        """The one that was used least; of equals the first."""
        return min(uses, key=lambda use: self._uses[use])

    def least_used(self, cells: Sequence[Cell]) -> list[Cell]:
        """The cell whose policy and label were used least, drawn among equals; none of none."""
        if not cells:
            return []
        uses = [self._uses[cell.use] for cell in cells]
        equals = [cell for cell, count in zip(cells, uses, strict=True) if count == min(uses)]
        return [equals[int(self._generator.integers(len(equals)))]]


class Source:
    """The pairs that have a case of each (policy, label), each pair again only after all others."""

    def __init__(
        self, pairs: Sequence[Pair], policies: Sequence[Policy], generator: np.random.Generator
    ) -> None:
        self._policies = policies
        self._exact: deque[Pair] = deque()  # what they show is known, so any policy can judge them
        self._homes: dict[Use, deque[Pair]] = defaultdict(deque)
        for pair in some(pairs, len(pairs), len(pairs), generator):
            for use in dict.fromkeys(cell.use for cell in cells_of(pair, policies)):
                self._homes[use].append(pair)
            if any(shot.exact for shot in pair):
                self._exact.append(pair)
        if not self._homes:
            raise ValueError("no picture has a label under these policies; change cases.policies")

    def take(self, balance: Balance, made_up: Sequence[Policy], around_made_up: bool) -> list[Cell]:
        """A group around the least used policy of the rarer label, or around a made-up one."""
        wanted = balance.rarer()
        if around_made_up and self._exact:
            centre, home = (MADE_UP, wanted), self._exact
        else:
            centre = balance.rarest([use for use in self._homes if use[1] == wanted] or self._homes)
            home = self._homes[centre]
        home.rotate(-1)
        cells = list(cells_of(home[-1], [*self._policies, *made_up]))
        return pick_group([cell for cell in cells if cell.use == centre] or cells, cells, balance)


def draw_cases(
    shots: Sequence[Shot], policies: Sequence[Policy], made_up: Sequence[Policy], draw: Draw
) -> list[Case]:
    """At least `draw.count` cases in whole groups, in training order; a pure function of its arguments.

    Raises ValueError where no picture has a label.
    """
    generator = np.random.default_rng(draw.seed)
    balance = Balance(generator)
    pairs = [tuple(pair) for _, pair in groupby(shots, key=lambda shot: shot.pair_id)]
    source = Source(pairs, policies, generator)
    looked_at = min(CANDIDATES, len(made_up))
    cases: list[Case] = []
    while len(cases) < draw.count:
        some_made_up = some(made_up, looked_at, looked_at, generator)
        around_made_up = bool(made_up) and generator.random() < draw.made_up_share
        group = source.take(balance, some_made_up, around_made_up)
        balance.add(group)
        cases += _dressed(group, cases[-1].group + 1 if cases else 0, generator)
    return cases


def cells_of(pair: Pair, policies: Sequence[Policy]) -> Iterator[Cell]:
    """Every picture of a pair under every policy whose label is known."""
    for shot in pair:
        for policy in policies:
            label = shot.verdicts.get(policy.id)
            if label is None and shot.exact:
                label = policy.judge(shot.regulated).label
            if label is not None:
                yield Cell(shot, policy, label)


def pick_group(anchors: Sequence[Cell], cells: Sequence[Cell], balance: Balance) -> list[Cell]:
    """A group of one pair's cells around one of the anchors, see above."""
    group = balance.least_used(anchors)
    anchor = group[0]
    other = [cell for cell in cells if cell.label != anchor.label]
    group += balance.least_used([cell for cell in other if cell.policy is anchor.policy])
    group += balance.least_used([cell for cell in other if cell.shot is anchor.shot])
    same = [cell for cell in cells if cell.policy is anchor.policy and cell.label == anchor.label]
    group += [cell for cell in same if cell.shot is not anchor.shot]
    return _filled(group[:GROUP], cells, balance)


def _filled(group: list[Cell], cells: Sequence[Cell], balance: Balance) -> list[Cell]:
    """The group with cells of the label it has less of, as far as there are any."""
    while len(group) < GROUP:
        unsafe = sum(cell.label == "unsafe" for cell in group)
        short: Label = "unsafe" if 2 * unsafe < len(group) else "safe"
        more = balance.least_used([c for c in cells if c.label == short and c not in group])
        if not more:
            break
        group = [*group, *more]
    return group


def _dressed(cells: Sequence[Cell], group: int, generator: np.random.Generator) -> Iterator[Case]:
    """The cells with their policies in words: a policy reads the same throughout its group."""
    texts = {id(cell.policy): disguised(cell.policy, generator) for cell in cells}
    for cell in cells:
        yield Case(cell.shot, cell.policy_id, texts[id(cell.policy)], cell.label, group)
