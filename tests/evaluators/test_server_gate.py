"""How many requests a server gets at once, and how long it is left alone."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from evaluators.server.gate import Gate, Pace, StoppedError
from evaluators.server.order import prime_then_fan_out
from evaluators.server.waits import asked_wait, backoff, reset_seconds, retry_after
from tests.evaluators.own_time import OwnTime


def overload(gate: Gate, cuts: int = 0) -> int:
    gate.overloaded(cuts)
    return gate.limit


def test_overload_halves_and_success_adds_one_a_round() -> None:
    gate = Gate(16)
    assert [overload(gate, cuts) for cuts in range(6)] == [8, 4, 2, 1, 1, 1]
    gate.went_well()
    assert gate.limit == 2
    gate.went_well()
    gate.went_well()
    assert gate.limit == 2  # 2 + 1/2 + 1/2.5 is not yet 3
    gate.went_well()
    assert gate.limit == 3
    for _ in range(300):
        gate.went_well()
    assert gate.limit == 16


def test_requests_that_were_on_their_way_together_halve_once() -> None:
    gate = Gate(16)
    with gate.turn() as first, gate.turn() as second:
        assert overload(gate, first) == 8
        assert overload(gate, second) == 8
    with gate.turn() as later:
        assert overload(gate, later) == 4


def test_nothing_enters_during_a_pause_and_the_longest_one_holds() -> None:
    time = OwnTime()
    gate = Gate(4, time.pace())
    gate.pause(30.0)
    gate.pause(5.0)
    with gate.turn():
        assert time.now == 30.0
    gate.pause(100_000.0)
    with gate.turn():
        assert time.now == 150.0


def test_a_gate_lets_somebody_in() -> None:
    with pytest.raises(ValueError, match="concurrency is 0; write 1 or more"):
        Gate(0)


def test_an_interrupted_run_ends_though_its_server_wants_to_be_left_alone() -> None:
    gate = Gate(2, Pace(clock=lambda: 0.0))  # no pause ever ends by itself

    def ask(item: int, case: int) -> int:
        with gate.turn():
            gate.pause(100.0)
            if item == 0:
                raise KeyboardInterrupt
            return item

    with pytest.raises(KeyboardInterrupt):
        prime_then_fan_out(range(4), 5, ask, gate)


def test_a_stopped_gate_lets_nothing_in_until_it_opens_again() -> None:
    gate = Gate(1)
    gate.stop()
    with pytest.raises(StoppedError), gate.turn():
        pass
    gate.open()
    with gate.turn() as cuts:
        assert cuts == 0


def test_backoff_grows_to_half_a_minute_and_luck_takes_up_to_half_off() -> None:
    assert [backoff(attempt, 0.0) for attempt in range(1, 8)] == [1, 2, 4, 8, 16, 30, 30]
    assert backoff(3, 0.5) == 3.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1s", 1.0),
        ("6m0s", 360.0),
        ("1h2m3.5s", 3723.5),
        ("12ms", 0.012),
        ("2.5", 2.5),
        (" 17 ", 17.0),
        ("", None),
        ("soon", None),
        ("-3", None),
        ("nan", None),
    ],
)
def test_resets_in_the_ways_servers_write_them(text: str, seconds: float | None) -> None:
    assert reset_seconds(text) == seconds


def test_a_reset_as_a_moment_in_unix_time() -> None:
    assert 55 <= (reset_seconds(str(int(time.time()) + 60)) or 0) <= 60
    assert reset_seconds("1500000000") == 0.0


def test_retry_after_in_both_forms() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert retry_after("12") == 12.0
    assert 25 <= (retry_after(soon) or 0) <= 30
    assert retry_after(format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)) == 0.0
    assert [retry_after(text) for text in ("", "soon", "nan", "inf", "-3")] == [None] * 5


def test_the_clearest_header_counts() -> None:
    quota = {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "8s"}
    assert asked_wait({**quota, "retry-after": "3", "retry-after-ms": "250"}) == 0.25
    assert asked_wait({**quota, "retry-after": "3"}) == 3.0
    assert asked_wait(quota) == 8.0
    assert asked_wait({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "4"}) == 4.0
    assert asked_wait({**quota, "x-ratelimit-remaining-tokens": "12"}) is None
