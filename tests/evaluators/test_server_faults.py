"""2,000 requests to a server that fails three times in ten: nothing lost, doubled or taken for an answer."""

from __future__ import annotations

import random
import time

import pytest
from PIL import Image

from bench.policy import load_policies
from evaluators.openai_server import OpenAIServer
from evaluators.server.gate import Pace
from tests.evaluators.fault_server import FAULTS, Faulty, serving

POLICIES = load_policies()
FASTER = 100  # waits are this much shorter than they are in earnest


def numbered(number: int) -> Image.Image:
    return Image.new("RGB", (8, 8), (number % 256, number // 256, 0))


def is_unsafe(picture: int, policy: int) -> bool:
    return random.Random(f"{picture} {policy}").random() < 0.5


@pytest.mark.slow
def test_every_case_gets_its_own_answer_whatever_goes_wrong() -> None:
    faulty = Faulty([policy.text() for policy in POLICIES], is_unsafe, share=0.3)
    pace = Pace(lambda: time.monotonic() * FASTER, lambda seconds: time.sleep(seconds / FASTER), lambda: 0.5)
    with serving(faulty.reply) as (url, _):
        server = OpenAIServer(url, "guard", reading="text", concurrency=24, tries=12, timeout=0.4, pace=pace)
        rows = server.judge([numbered(n) for n in range(400)], POLICIES)
    assert [[o.status for o in row] for row in rows] == [
        ["unsafe" if is_unsafe(n, p) else "safe" for p in range(5)] for n in range(400)
    ]
    assert set(faulty.faults) == {*FAULTS, "none"}
    assert server.notes["requests"] == 2000
    assert server.notes["retries"] == sum(faulty.asked.values()) - 2000
    assert len(faulty.answered) == 2000
