"""Servers that mean harm: contained, and told of as errors of their cases."""

from __future__ import annotations

from bench.policy import load_policies
from evaluators.openai_server import OpenAIServer
from tests.evaluators.fault_server import Reply, completion, serving
from tests.evaluators.stand_in import picture


def test_a_packed_reply_is_not_unpacked() -> None:
    good = completion("safe").text
    with serving(lambda number, body: Reply(good, headers={"Content-Encoding": "gzip, gzip"})) as (
        url,
        served,
    ):
        ((outcome,),) = OpenAIServer(url, "m", reading="text").judge([picture(0)], load_policies()[:1])
    assert outcome.status == "error"
    assert "packs its replies (gzip, gzip) though it was asked not to" in outcome.detail
    assert len(served.bodies) == 1  # another try would not help
