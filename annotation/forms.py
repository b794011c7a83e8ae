"""A submitted form: what one rater said of one image in one sitting, under all policies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from annotation.errors import AnnotationError
from bench.schema import VoteRow


@dataclass(frozen=True, slots=True)
class Form:
    """One form. `votes` has a row a policy, at least one; `submitted_at` is an ISO time with an offset,
    or "" where it is not known, as in a published benchmark.

    Raises AnnotationError for a form without votes or with votes of two raters or images.
    """

    submitted_at: str
    votes: tuple[VoteRow, ...]

    def __post_init__(self) -> None:
        whose = {(vote.rater, vote.image_id) for vote in self.votes}
        if len(whose) != 1:
            raise AnnotationError(
                f"a form of {self.submitted_at or 'unknown time'} is of {sorted(whose) or 'nobody'}; "
                "give one form a rater and image"
            )

    @property
    def rater(self) -> str:
        return self.votes[0].rater

    @property
    def image_id(self) -> str:
        return self.votes[0].image_id

    @property
    def revealed(self) -> bool:
        return self.votes[0].revealed

    @property
    def lead_time(self) -> float:
        """Seconds from opening the task to submitting it."""
        return self.votes[0].lead_time

    @property
    def skipped(self) -> bool:
        return all(vote.answer == "skipped" for vote in self.votes)

    @property
    def day(self) -> str:
        """The day it was submitted on, in UTC, such as `2026-03-01`; "" where that is not known."""
        if not self.submitted_at:
            return ""
        return datetime.fromisoformat(self.submitted_at).astimezone(UTC).date().isoformat()


def forms_of(votes: Sequence[VoteRow]) -> tuple[Form, ...]:
    """Votes without a record of their forms, put together by rater and image; their times are unknown."""
    groups: dict[tuple[str, str], list[VoteRow]] = {}
    for vote in votes:
        groups.setdefault((vote.rater, vote.image_id), []).append(vote)
    return tuple(Form("", tuple(group)) for group in groups.values())


def in_order(forms: Iterable[Form]) -> list[Form]:
    """Forms by time of submission; those without a time keep their order and come first."""

    def when(form: Form) -> float:
        return datetime.fromisoformat(form.submitted_at).timestamp() if form.submitted_at else 0.0

    return sorted(forms, key=when)


def latest(forms: Iterable[Form]) -> tuple[VoteRow, ...]:
    """The votes that count: of a rater's forms on one image the last one. By image, policy and rater."""
    votes = {
        (vote.image_id, vote.policy_id, vote.rater): vote for form in in_order(forms) for vote in form.votes
    }
    return tuple(votes[key] for key in sorted(votes))
