"""What the rest of a run will take."""

from __future__ import annotations

import pytest

from evaluators.base import Outcome
from evaluators.estimate import Estimate, duration, read_prices
from evaluators.journal import Answered


class Clock:
    """Seconds that pass as they are told."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def watched(left: int, price: str = "", *, images: int = 3, outcome: Outcome | None = None) -> Estimate:
    """After `images` images in 6 seconds."""
    clock = Clock()
    estimate = Estimate(left, read_prices(price), clock)
    clock.now += 6
    for number in range(images):
        estimate.add(Answered(str(number), ("L1", "L2"), (outcome or Outcome("safe"),) * 2, 2.0))
    return estimate


def test_it_is_told_once_after_three_images() -> None:
    assert watched(480, images=2).line() is None
    estimate = watched(480)
    assert estimate.line() == "about 16 min for the other 477 images"
    assert estimate.line() is None


def test_nothing_is_told_of_a_short_rest() -> None:
    assert watched(3).line() is None
    assert watched(5).line() is None  # 4 seconds


def test_tokens_and_dollars_where_they_are_known() -> None:
    outcome = Outcome("safe", tokens_in=1000, tokens_cached=800, tokens_out=4)
    assert watched(103, outcome=outcome).line() == (
        "about 3 min for the other 100 images, 200,000 tokens in (80% shared), 800 out"
    )
    assert watched(103, "2.5,10", outcome=outcome).line() == (
        "about 3 min for the other 100 images, 200,000 tokens in (80% shared), 800 out, "
        "0.51 at most by --price"
    )


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.4, "0 s"), (89, "89 s"), (90, "2 min"), (5399, "90 min"), (12_600, "3.5 h")]
)
def test_durations(seconds: float, told: str) -> None:
    assert duration(seconds) == told


@pytest.mark.parametrize("text", ["2.5", "a,b", "1,2,3"])
def test_a_price_of_another_form_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not two numbers such as 2\.5,10"):
        read_prices(text)
