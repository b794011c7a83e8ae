"""What the edits table says of how good the edits are: who checked what, and what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bench.schema import EditRow
from bench.stats import Figure, share
from data_cards.ranking import Ranking, ranked


@dataclass(frozen=True, slots=True)
class EditQuality:
    """Counts over edits that are no controls, except `rejected`, which has controls too.

    `left_kept` and `left_all` are shares of edits in which the check still found the violation, of the kept
    ones and of all attempts; undefined where no check asked. `blind` are kept edits whose check had not
    found the violation in the original either. `same_name` are checkers with the localizer's name.
    `needed` tells for how many pictures the first, the second, ... attempt was the first to pass every gate.
    """

    checkers: tuple[str, ...]  # `edges`, a detector's name, or `none`
    same_name: tuple[str, ...]
    scorers: tuple[str, ...]  # of naturalness: `grain`, a backbone's name, or `none`
    left_kept: Figure
    left_all: Figure
    blind: int
    needed: Ranking
    never: int  # pictures none of whose attempts passed
    rejected: Ranking  # attempts by reason, numbers in brackets left out


def edit_quality(edits: Sequence[EditRow]) -> EditQuality:
    """Count a whole edits table."""
    tried = [row for row in edits if row.role == "edited"]
    kept = [row for row in tried if row.chosen]
    passed = _first_passed(tried)
    return EditQuality(
        checkers=_names([row.checker for row in kept]),
        same_name=_names([row.checker for row in kept if row.checker == row.localizer]),
        scorers=_names([row.natural_by for row in kept]),
        left_kept=_left(kept),
        left_all=_left(tried),
        blind=sum(row.seen_before is False for row in kept),
        needed=tuple((str(n + 1), count) for n, count in sorted(Counter(passed.values()).items())),
        never=len({row.pair_id for row in tried}) - len(passed),
        rejected=ranked([row.reason.split(" (")[0] for row in edits if row.reason]),
    )


def _left(rows: Sequence[EditRow]) -> Figure:
    """Attempts at one picture are not independent, so the interval is as wide as if each picture had one."""
    asked = [row for row in rows if row.residual is not None]
    return share(sum(bool(row.residual) for row in asked), len(asked), len({row.pair_id for row in asked}))


def _first_passed(rows: Sequence[EditRow]) -> dict[str, int]:
    """By picture, the number of the first attempt that passed every gate."""
    first: dict[str, int] = {}
    for row in rows:
        if not row.reason:
            first[row.pair_id] = min(row.attempt, first.get(row.pair_id, row.attempt))
    return first


def _names(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))
