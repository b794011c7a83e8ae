"""Simulated raters: answers with stated error rates, given through the same server as human ones.

They exist to test the machinery and to run the demo; everything they leave says so: the account
(`rater-001@simulated.invalid`, "Simulated rater 1"), the pseudonym (`r-sim001`) and the votes' label
source. Each answer follows from (seed, rater, image, policy) alone, so order and interruptions change
nothing.

On Label Studio 1.23.2 community edition, `POST /api/users/` makes a member of the caller's
organization, without a password; an annotation posted with `completed_by` is credited to that member.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from annotation.answers import Answers, Said, to_result
from annotation.client import Client
from annotation.errors import AnnotationError
from annotation.progress import Progress
from annotation.pseudonyms import simulated_email
from annotation.wire import Task, User
from bench.policy import Ruling

Truth = Mapping[tuple[str, str], Ruling]


@dataclass(frozen=True, slots=True)
class SimulatedRater:
    """How one simulated rater errs; all rates are probabilities in [0, 1].

    `false_alarm` is P(says unsafe | safe), `miss` P(says safe | unsafe), both of the answers that are not
    `unsure`; `unsure` P(says unsure); `natural` P(says the image looks natural); `seconds` the median time.
    """

    number: int  # from 1; names the account
    false_alarm: float = 0.05
    miss: float = 0.10
    unsure: float = 0.02
    natural: float = 0.90
    seconds: float = 40.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("false_alarm", "miss", "unsure", "natural"):
            rate: float = getattr(self, name)
            if not 0 <= rate <= 1:
                raise AnnotationError(
                    f"{name} of simulated rater {self.number} is {rate}; give a probability"
                )

    def answers(self, image_id: str, truth: Mapping[str, Ruling]) -> Answers:
        """The whole form for one image, from the truth of each policy."""
        said = {policy: self._said(image_id, policy, ruling) for policy, ruling in truth.items()}
        rules = {
            policy: truth[policy].rules[0]
            for policy in said
            if said[policy] == "unsafe" and truth[policy].rules
        }
        natural = self._draw(image_id, "natural") < self.natural
        return Answers(said, rules, looks_natural=natural, revealed=True)

    def lead_time(self, image_id: str) -> float:
        """Seconds spent, log-logistic around the median `seconds`, between a tenth and ten times of it."""
        u = min(max(self._draw(image_id, "seconds"), 1e-3), 1 - 1e-3)
        return round(self.seconds * math.exp(math.log(u / (1 - u)) / 3), 1)

    def _said(self, image_id: str, policy_id: str, ruling: Ruling) -> Said:
        if self._draw(image_id, policy_id, "unsure") < self.unsure:
            return "unsure"
        wrong = self.miss if ruling.label == "unsafe" else self.false_alarm
        errs = self._draw(image_id, policy_id, "error") < wrong
        return "unsafe" if (ruling.label == "unsafe") != errs else "safe"

    def _draw(self, *what: str) -> float:
        """A uniform number in [0, 1) that depends on nothing but its arguments, the rater and the seed."""
        text = "\0".join([str(self.seed), str(self.number), *what])
        return int.from_bytes(sha256(text.encode()).digest()[:8], "big") / 2**64


@dataclass(frozen=True, slots=True)
class SimulationReport:
    posted: int
    already_there: int
    without_truth: int  # images of the project the truth says nothing about


def simulate(
    client: Client,
    title: str,
    truth: Truth,
    raters: Sequence[SimulatedRater],
    *,
    progress: Progress | None = None,
) -> SimulationReport:
    """Let every rater answer every image of the project it has not answered yet."""
    project = client.project(title)
    by_image = _by_image(truth)
    tasks = [task for task in client.tasks(project, answers=True) if task.image_id]
    known = [task for task in tasks if task.image_id in by_image]
    users = _accounts(client, raters)
    total, posted = len(known) * len(raters), 0
    for done, (task, rater, user) in enumerate(_work(known, raters, users), 1):
        if all(annotation.user_id != user.id for annotation in task.annotations):
            _post(client, task, rater, user, by_image[task.image_id])
            posted += 1
        if progress is not None:
            progress(done, total)
    return SimulationReport(posted, total - posted, len(tasks) - len(known))


def _work(
    tasks: Sequence[Task], raters: Sequence[SimulatedRater], users: Sequence[User]
) -> Iterator[tuple[Task, SimulatedRater, User]]:
    for task in tasks:
        for rater, user in zip(raters, users, strict=True):
            yield task, rater, user


def _post(client: Client, task: Task, rater: SimulatedRater, user: User, truth: Mapping[str, Ruling]) -> None:
    body = {
        "result": to_result(rater.answers(task.image_id, truth)),
        "lead_time": rater.lead_time(task.image_id),
        "completed_by": user.id,
    }
    client.post(f"/api/tasks/{task.id}/annotations/", body)


def _accounts(client: Client, raters: Sequence[SimulatedRater]) -> list[User]:
    there = {user.email: user for user in client.users()}
    accounts: list[User] = []
    for rater in raters:
        email = simulated_email(rater.number)
        if email not in there:
            there[email] = client.add_user(email, "Simulated", f"rater {rater.number}")
        accounts.append(there[email])
    return accounts


def _by_image(truth: Truth) -> dict[str, dict[str, Ruling]]:
    images: dict[str, dict[str, Ruling]] = {}
    for (image_id, policy_id), ruling in truth.items():
        images.setdefault(image_id, {})[policy_id] = ruling
    return images
