"""What training tells while it runs: figures per policy and class, and an alarm where a run degenerates.

Figures of a batch of completions, each in [0, 1]:

    accuracy, parse_rate          of all completions, and of each policy: accuracy/L3, parse_rate/L3
    accuracy/L3/unsafe            of one policy's unsafe cases: its unsafe recall
    unsafe_recall                 of all unsafe cases
    constant_share, .../L3        the share of the commonest verdict among the readable ones
    zero_advantage/L3/unsafe      of one policy's unsafe prompts: the share whose completions all earned the
                                  same, counted where all of them are on this process

An answer that cannot be read is wrong. TRL logs a figure's mean over the batches since the last line.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.schema import Label
from bench.verdict import Reading

Figure = tuple[str, float]  # a name and one value that goes into its mean


@dataclass(frozen=True, slots=True)
class Answer:
    """One completion: what it was asked under, the truth, what it says, and what it earned."""

    case: int  # equal for the completions of one prompt
    policy: str
    label: Label
    reading: Reading
    reward: float


def figures(answers: Sequence[Answer], generations: int) -> Iterator[Figure]:
    """Every figure of a batch with `generations` completions a prompt.

    The mean of the values under one name is the figure.
    """
    for answer in answers:
        right, readable = float(answer.reading == answer.label), float(answer.reading in ("safe", "unsafe"))
        yield "accuracy", right
        yield f"accuracy/{answer.policy}", right
        yield f"accuracy/{answer.policy}/{answer.label}", right
        yield "parse_rate", readable
        yield f"parse_rate/{answer.policy}", readable
        if answer.label == "unsafe":
            yield "unsafe_recall", right
    yield from _constant_shares(answers)
    yield from _zero_advantages(answers, generations)


def _constant_shares(answers: Sequence[Answer]) -> Iterator[Figure]:
    said: dict[str, Counter[Reading]] = defaultdict(Counter)
    for answer in answers:
        if answer.reading in ("safe", "unsafe"):
            said["constant_share"][answer.reading] += 1
            said[f"constant_share/{answer.policy}"][answer.reading] += 1
    for name, counts in said.items():
        yield name, max(counts.values()) / counts.total()


def _zero_advantages(answers: Sequence[Answer], generations: int) -> Iterator[Figure]:
    earned: dict[tuple[int, str, Label], list[float]] = defaultdict(list)
    for answer in answers:
        earned[answer.case, answer.policy, answer.label].append(answer.reward)
    for (_, policy, label), rewards in earned.items():
        if len(rewards) == generations:
            yield f"zero_advantage/{policy}/{label}", float(len(set(rewards)) == 1)


@dataclass(frozen=True, slots=True)
class Alarm:
    """A figure that is `above` or below its limit over WINDOW lines, and what that means."""

    figure: str
    limit: float
    above: bool
    meaning: str

    def rings(self, value: float) -> bool:
        return value > self.limit if self.above else value < self.limit


WINDOW = 10  # lines
ALARMS = (
    Alarm(
        "frac_reward_zero_std", 0.8, True,
        "most prompts are all right or all wrong, so nothing is learned: take harder cases, a higher "
        "temperature, or another start",
    ),
    Alarm(
        "constant_share", 0.95, True,
        "the model says one thing to everything: lower the learning rate, or start from an earlier one",
    ),
    Alarm("unsafe_recall", 0.1, False, "unsafe pictures pass: the model has collapsed to `safe`"),
    Alarm(
        "parse_rate", 0.9, False,
        "answers are not in the profile's form and earn nothing: teach the form with sft first, or give more "
        "tokens (max_completion_length)",
    ),
    Alarm(
        "completions/clipped_ratio", 0.2, True,
        "answers are cut off before they end: raise max_completion_length",
    ),
)  # fmt: skip


class Alarms:
    """Follows the logged lines and tells once when an alarm starts, and once when it ends."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._seen: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=WINDOW))
        self._ringing: set[str] = set()

    def follow(self, step: int, line: Mapping[str, float]) -> None:
        """One logged line; figures that it lacks are left as they were."""
        for alarm in ALARMS:
            value = line.get(alarm.figure)
            if value is None:
                continue
            values = self._seen[alarm.figure]
            values.append(value)
            if len(values) == WINDOW:
                self._judge(step, alarm, sum(values) / WINDOW)

    def _judge(self, step: int, alarm: Alarm, mean: float) -> None:
        rings = alarm.rings(mean)
        if rings == (alarm.figure in self._ringing):
            return
        where = f"step {step}: {alarm.figure} is {mean:.2f} over {WINDOW} lines"
        if rings:
            self._ringing.add(alarm.figure)
            self._say(f"ALARM {where}; {alarm.meaning}")
        else:
            self._ringing.discard(alarm.figure)
            self._say(f"alarm over, {where}")
