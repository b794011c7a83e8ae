"""Agreement as it came about: alpha of all votes given so far, day by day or form by form."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from annotation import coefficients
from annotation.adjudicators import is_adjudicator
from annotation.ballot import ballot, by_policy
from annotation.forms import Form, in_order, latest

STEPS = 12
MOST_DAYS = 30  # of a longer time every second day is told, or every third, ..


@dataclass(frozen=True, slots=True)
class Moment:
    """Krippendorff's alpha by policy id after `forms` forms; a policy without one is left out.

    `when` is the day, or "" where days are not known.
    """

    when: str
    forms: int
    alphas: tuple[tuple[str, float], ...]


def agreement_over_time(forms: Sequence[Form]) -> tuple[Moment, ...]:
    """A moment a day when the forms span two days or more, else up to twelve equal steps in order."""
    given = in_order(form for form in forms if not is_adjudicator(form.rater))
    return tuple(Moment(given[end - 1].day, end, _alphas(given[:end])) for end in _ends(given))


def _ends(forms: Sequence[Form]) -> list[int]:
    """How many forms there were at each moment, the last one included."""
    last = {form.day: number for number, form in enumerate(forms, 1)}
    if len(last) > 1 and "" not in last:
        apart = math.ceil(len(last) / MOST_DAYS)
        return list(last.values())[::-1][::apart][::-1]
    steps = np.linspace(0, len(forms), STEPS + 1)[1:]
    return sorted({round(end) for end in steps.tolist()} - {0})


def _alphas(forms: Sequence[Form]) -> tuple[tuple[str, float], ...]:
    alphas = {
        policy: float(coefficients.alpha(coefficients.alpha_table(ballot(policy, votes).codes).sum(axis=0)))
        for policy, votes in by_policy(latest(forms)).items()
    }
    return tuple((policy, alpha) for policy, alpha in alphas.items() if not np.isnan(alpha))
