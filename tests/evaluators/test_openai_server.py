"""The chat client against a loopback server that answers, limits, breaks and lies."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bench.policy import load_policies
from evaluators.base import Outcome
from evaluators.openai_server import OpenAIServer
from evaluators.profile import Profile, ProfileError, load_profile
from evaluators.server import client
from evaluators.server.usage import Prices
from tests.evaluators.fault_server import (
    Body,
    Reply,
    Served,
    completion,
    sent_picture,
    sent_text,
    serving,
    with_logprobs,
)
from tests.evaluators.own_time import OwnTime
from tests.evaluators.stand_in import picture

POLICIES = load_policies()
KEY = "sk-secret-1234567890"


def ask_once(reply: Callable[[int, Body], Reply], **options: Any) -> tuple[Outcome, Served, list[float]]:
    """One case against a fresh server: its outcome, what the server saw, and the waits in seconds."""
    time, options = OwnTime(), {"reading": "text", **options}
    with serving(reply) as (url, served):
        server = OpenAIServer(url, "guard", pace=time.pace(), **options)
        ((outcome,),) = server.judge([picture(1)], POLICIES[:1])
    return outcome, served, time.waits


# What is sent


def test_the_picture_comes_first_and_its_pixels_are_unchanged() -> None:
    outcome, served, _ = ask_once(lambda n, body: completion("Unsafe."), api_key="k1", max_tokens=5)
    assert (outcome.status, outcome.text) == ("unsafe", "Unsafe.")
    (body,) = served.bodies
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("guard", 0, 5)
    image, text = body["messages"][0]["content"]
    assert image["image_url"]["url"].startswith("data:image/png;base64,")
    assert np.array_equal(np.asarray(sent_picture(body)), np.asarray(picture(1)))
    assert text["text"] == load_profile().prompt(POLICIES[0].text(), "")
    assert served.keys == {"Bearer k1"}


def test_a_picture_is_packed_once_for_all_its_policies(monkeypatch: pytest.MonkeyPatch) -> None:
    packed: list[Image.Image] = []
    save = Image.Image.save

    def counted(image: Image.Image, *args: Any, **options: Any) -> None:
        packed.append(image)
        save(image, *args, **options)

    monkeypatch.setattr(Image.Image, "save", counted)
    with serving(lambda n, body: completion("safe")) as (url, served):
        OpenAIServer(url, "guard", reading="text").judge([picture(1), picture(2)], POLICIES)
    assert (len(packed), len(served.bodies)) == (2, 10)


def test_a_picture_that_no_png_can_hold_fails_alone() -> None:
    with serving(lambda n, body: completion("safe")) as (url, _):
        server = OpenAIServer(url, "guard", reading="text")
        odd, fine = server.judge([Image.new("F", (8, 8)), picture(1)], POLICIES)
    assert ({o.status for o in odd}, {o.status for o in fine}) == ({"error"}, {"safe"})
    assert "cannot write mode F as PNG" in odd[0].detail


def test_a_system_turn_is_plain_text_before_the_user_turn() -> None:
    _, served, _ = ask_once(lambda n, b: completion("x"), profile=load_profile("safeguard-vl"))
    system, user = served.bodies[0]["messages"]
    assert system["role"] == "system"
    assert system["content"].startswith("A conversation between User and Assistant.")
    assert [part["type"] for part in user["content"]] == ["image_url", "text"]


def test_a_forced_beginning_is_continued_and_left_out_of_the_text() -> None:
    profile = load_profile("llavaguard")
    outcome, served, _ = ask_once(lambda n, body: completion('Unsafe"\n}'), profile=profile)
    body = served.bodies[0]
    assert body["messages"][-1] == {"role": "assistant", "content": profile.forced}
    assert (body["continue_final_message"], body["add_generation_prompt"]) == (True, False)
    assert (outcome.status, outcome.text) == ("unsafe", 'Unsafe"\n}')


def test_a_profile_without_chat_turns_is_refused_at_once() -> None:
    with pytest.raises(ProfileError, match=r"llama-guard-4 is a whole prompt without chat turns"):
        OpenAIServer("http://127.0.0.1:9/v1", "guard", profile=load_profile("llama-guard-4"))


@pytest.mark.parametrize(
    "url",
    [
        "http://user:pw@host/v1",
        "https://h/v1?key=1",
        "host:80/v1",
        "ftp://host",
        "http:///v1",
        "http://h/v 1",
    ],
)
def test_an_address_that_would_store_a_secret_or_leads_nowhere_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="address"):
        OpenAIServer(url, "guard")


# Order


def test_the_first_policy_of_a_picture_is_answered_before_the_others_are_sent() -> None:
    pictures = [picture(n) for n in range(6)]
    with serving(lambda n, body: completion("safe"), hold=0.01) as (url, served):
        OpenAIServer(url, "guard", reading="text", concurrency=4).judge(pictures, POLICIES)
    first = POLICIES[0].text()
    seen: dict[bytes, list[bool]] = {}
    for body in served.bodies:
        seen.setdefault(sent_picture(body).tobytes(), []).append(first in sent_text(body))
    assert sorted(seen) == sorted(one.tobytes() for one in pictures)
    assert all(asked == [True, False, False, False, False] for asked in seen.values())


def test_answers_stay_with_their_cases_when_they_come_out_of_order() -> None:
    unsafe = {(1, 2), (0, 4)}  # (picture, policy)
    images = [picture(10), picture(11)]

    def reply(number: int, body: Body) -> Reply:
        which = [known.tobytes() for known in images].index(sent_picture(body).tobytes())
        policy = next(n for n, policy in enumerate(POLICIES) if policy.text() in sent_text(body))
        answer = completion("unsafe" if (which, policy) in unsafe else "safe")
        return Reply(answer.text, wait=0.02 if number % 2 else 0.0)

    with serving(reply) as (url, _):
        rows = OpenAIServer(url, "guard", reading="text", concurrency=4).judge(images, POLICIES)
    assert [[o.status for o in row] for row in rows] == [
        ["unsafe" if (i, p) in unsafe else "safe" for p in range(5)] for i in range(2)
    ]


def test_no_more_requests_at_once_than_allowed() -> None:
    with serving(lambda n, body: completion("safe"), hold=0.02) as (url, served):
        server = OpenAIServer(url, "guard", reading="text", concurrency=3)
        server.judge([picture(n) for n in range(4)], POLICIES)
    assert served.most_inside == 3
    assert served.keys == {None}


# What goes wrong


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
def test_what_can_pass_is_tried_again_after_a_growing_wait(status: int) -> None:
    outcome, served, waits = ask_once(lambda n, b: Reply("busy", status) if n < 4 else completion("safe"))
    assert (outcome.status, len(served.bodies), waits) == ("safe", 4, [1.0, 2.0, 4.0])


def test_the_server_says_how_long_to_wait() -> None:
    def limited(**headers: str) -> list[float]:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return ask_once(lambda n, b: Reply("", 429, told) if n == 1 else completion("safe"))[2]

    assert limited(Retry_After="7") == [7.0]
    assert limited(Retry_After="9999") == [120.0]
    assert limited(x_ratelimit_remaining_tokens="0", x_ratelimit_reset_tokens="6m0s") == [120.0]
    assert limited(x_ratelimit_remaining_requests="0", x_ratelimit_reset_requests="1.5s") == [1.5]
    assert limited(x_ratelimit_remaining_requests="3", x_ratelimit_reset_requests="9s") == [1.0]


def test_a_limit_that_is_not_told_makes_every_request_wait_longer_each_time() -> None:
    outcome, _, waits = ask_once(lambda n, b: Reply("", 429) if n < 4 else completion("safe"))
    assert (outcome.status, waits) == ("safe", [1.0, 2.0, 4.0])


def test_a_spent_budget_is_not_waited_for() -> None:
    body = json.dumps({"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}})
    outcome, served, _ = ask_once(lambda n, b: Reply(body, 429))
    assert (outcome.status, len(served.bodies)) == ("error", 1)
    assert outcome.detail.endswith("You exceeded your quota")


def test_a_wait_holds_back_every_request_to_the_server() -> None:
    time = OwnTime()
    arrivals: list[float] = []

    def reply(number: int, body: Body) -> Reply:
        arrivals.append(time.now)
        return Reply("", 429, {"Retry-After": "30"}) if number == 1 else completion("safe")

    with serving(reply) as (url, _):
        server = OpenAIServer(url, "guard", reading="text", concurrency=1, pace=time.pace())
        server.judge([picture(1), picture(2)], POLICIES)
    assert arrivals[0] == 0.0
    assert min(arrivals[1:]) == 30.0


@pytest.mark.parametrize("status", [301, 400, 401, 404, 422, 501])
def test_what_cannot_pass_is_an_error_at_once(status: int) -> None:
    outcome, served, waits = ask_once(lambda n, b: Reply("unsafe", status, {"Location": "http://x/"}))
    assert (outcome.status, len(served.bodies), waits) == ("error", 1, [])
    assert f"HTTP {status} from 127.0.0.1" in outcome.detail
    assert outcome.text == ""


BROKEN = [
    "",
    "not json",
    "[]",
    "{}",
    "null",
    '{"choices": []}',
    '{"choices": {}}',
    '{"choices": [{"message": "safe"}]}',
    '{"choices": [{"message": {"content": ["unsafe"]}}]}',
    '{"choices": [{"message": {"content": "unsafe"}, "finish_reason": 3}]}',
    '{"choices": [{"message": {"content": "unsafe"}, "logprobs": {"content": [{"token": 3}]}}]}',
    "[" * 100_000,
]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_reply_never_becomes_a_verdict(broken: str) -> None:
    outcome, served, _ = ask_once(lambda n, body: Reply(broken), tries=2)
    assert (outcome.status, len(served.bodies), outcome.written) == ("error", 2, None)


def test_a_reply_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LONGEST_BODY", 1000)
    outcome, _, _ = ask_once(lambda n, body: completion("unsafe " * 1000), tries=2)
    assert outcome.status == "error"
    assert "longer than 1000 bytes" in outcome.detail


def test_a_silent_server_is_left_after_the_timeout() -> None:
    outcome, served, _ = ask_once(lambda n, b: Reply(wait=0.3), tries=2, timeout=0.05)
    assert outcome.status == "error"
    assert "ReadTimeout: no answer from 127.0.0.1" in outcome.detail
    assert len(served.bodies) == 2


def test_a_server_that_drips_is_left_after_the_timeout_too() -> None:
    dripping = Reply(completion("unsafe").text, drip=0.02)
    outcome, served, _ = ask_once(lambda n, body: dripping, tries=1, timeout=0.2)
    assert outcome.status == "error"
    assert "did not finish its reply within 0.2 s" in outcome.detail
    assert len(served.bodies) == 1


def test_where_nobody_answers_the_first_case_finds_out_for_all() -> None:
    time = OwnTime()
    server = OpenAIServer("http://127.0.0.1:9/v1", "guard", concurrency=4, pace=time.pace())
    rows = server.judge([picture(n) for n in range(4)], POLICIES)
    assert {o.status for row in rows for o in row} == {"error"}
    assert all("ConnectError at 127.0.0.1:9" in o.detail for row in rows for o in row)
    assert time.waits == [1.0, 2.0]


def test_the_key_is_told_to_nobody_but_the_server(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    outcome, _, _ = ask_once(lambda n, body: Reply(f"wrong key {KEY}", 401), api_key=KEY)
    server = OpenAIServer("http://127.0.0.1:9/v1", "guard", api_key=KEY)
    told = [outcome.detail, repr(server), str(dict(server.identity)), str(dict(server.notes)), caplog.text]
    assert outcome.detail.endswith("wrong key [key]")
    echoed, _, _ = ask_once(lambda n, b: Reply(f'{{"choices": ["{KEY}"]}}'), api_key=KEY, tries=1)
    assert "[key]" in echoed.detail
    assert KEY not in echoed.detail
    assert not any(KEY in text for text in told)


def test_a_key_that_no_header_can_carry_is_refused_without_showing_it() -> None:
    with pytest.raises(ValueError, match="holds a character that no key has") as caught:
        OpenAIServer("http://127.0.0.1:9/v1", "guard", api_key="sk-1\nsk-2")
    assert "sk-1" not in str(caught.value)


# What is read


def test_refusals_and_cut_answers_are_told_apart() -> None:
    filtered, _, _ = ask_once(lambda n, body: completion("", "content_filter"))
    declined, _, _ = ask_once(lambda n, body: completion(None, refusal="I will not."))
    sorry, _, _ = ask_once(lambda n, body: completion("I'm sorry, I can't."))
    cut, _, _ = ask_once(lambda n, body: completion("The image shows", "length"))
    assert [o.status for o in (filtered, declined, sorry, cut)] == ["refused"] * 3 + ["unparseable"]
    assert declined.text == "I will not."
    assert cut.detail == "cut at max_tokens"


def test_a_picture_that_a_filter_before_the_model_takes_is_refused_and_no_error() -> None:
    body = json.dumps({"error": {"message": "flagged", "code": "content_filter"}})
    outcome, served, _ = ask_once(lambda n, b: Reply(body, 400))
    assert (outcome.status, len(served.bodies)) == ("refused", 1)
    assert outcome.detail.endswith("flagged")


def test_tokens_cached_share_and_cost_are_counted() -> None:
    usage = {"prompt_tokens": 1000, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 600}}
    with serving(lambda n, body: completion("safe", usage=usage)) as (url, _):
        server = OpenAIServer(url, "guard", reading="text", prices=Prices(2.5, 10.0))
        ((outcome,),) = server.judge([picture(1)], POLICIES[:1])
        server.judge([picture(2)], POLICIES[:1])
    assert (outcome.tokens_in, outcome.tokens_cached, outcome.tokens_out) == (1000, 600, 2)
    assert server.notes == {
        "requests": 2,
        "retries": 0,
        "tokens_in": 2000,
        "tokens_cached": 1200,
        "tokens_out": 4,
        "cached_share": 0.6,
        "cost": 0.00504,
        "concurrency_at_end": 8,
        "read_from": "text",
    }


# What a server does not take


def test_probabilities_are_asked_for_and_one_token_is_enough() -> None:
    tops = {"unsafe": -0.1, "safe": -2.5}
    outcome, served, _ = ask_once(lambda n, body: with_logprobs(tops), reading="labels")
    (body,) = served.bodies
    assert (body["logprobs"], body["top_logprobs"], body["max_tokens"]) == (True, 20, 1)
    assert (outcome.status, outcome.margin) == ("unsafe", pytest.approx(2.4))
    assert outcome.written is None


@pytest.mark.parametrize(
    ("status", "says"), [(400, "unknown field"), (422, "logprobs"), (403, "You may not request logprobs")]
)
def test_what_a_server_does_not_take_is_left_out_from_the_first_case_on(status: int, says: str) -> None:
    def reply(number: int, body: Body) -> Reply:
        return Reply(says, status) if "logprobs" in body else completion("safe")

    with serving(reply) as (url, served):
        server = OpenAIServer(url, "guard", concurrency=4)
        rows = server.judge([picture(1), picture(2)], POLICIES)
    assert {o.status for row in rows for o in row} == {"safe"}
    assert ["logprobs" in body for body in served.bodies] == [True] + [False] * 10
    assert served.bodies[-1]["max_tokens"] == load_profile().max_new_tokens
    assert (server.notes["server_does_not_take"], server.notes["read_from"]) == ("logprobs", "text")


def test_a_later_refusal_does_not_change_how_the_run_is_asked() -> None:
    def reply(number: int, body: Body) -> Reply:
        return Reply("no logprobs today", 400) if number == 3 else with_logprobs({"safe": -0.1, "unsafe": -3})

    with serving(reply) as (url, served):
        server = OpenAIServer(url, "guard", concurrency=1)
        (row,) = server.judge([picture(1)], POLICIES)
    assert sorted(o.status for o in row) == ["error", "safe", "safe", "safe", "safe"]
    assert all("logprobs" in body for body in served.bodies)


def test_newer_names_and_a_fixed_temperature_are_found_out() -> None:
    def reply(number: int, body: Body) -> Reply:
        if "max_tokens" in body:
            return Reply("'max_tokens' is not supported, use 'max_completion_tokens'", 400)
        return Reply("temperature 0 is not supported", 400) if "temperature" in body else completion("safe")

    outcome, served, _ = ask_once(reply)
    assert outcome.status == "safe"
    assert served.bodies[-1]["max_completion_tokens"] == load_profile().max_new_tokens


def test_a_beginning_that_cannot_be_forced_is_read_where_the_model_wrote_it() -> None:
    profile = Profile("json", "{image}{policy}", forced='{"rating": "', answers="json_rating")

    def reply(number: int, body: Body) -> Reply:
        if "continue_final_message" in body:
            return Reply("Unexpected fields in the request: {'continue_final_message'}", 422)
        tokens: list[dict[str, float]] = [{'{"': 0.0}, {'rating": "': 0.0}, {"unsafe": -0.1, "safe": -2.1}]
        return with_logprobs(*tokens, {'"}': 0.0})

    outcome, _, _ = ask_once(reply, profile=profile, reading="both")
    assert (outcome.status, outcome.written, outcome.margin) == ("unsafe", "unsafe", pytest.approx(2.0))


def test_a_choice_is_forced_only_where_that_is_asked_for() -> None:
    _, served, _ = ask_once(lambda n, body: completion("safe"), structured=True)
    assert served.bodies[0]["structured_outputs"] == {"choice": ["safe", "unsafe"]}
    _, served, _ = ask_once(lambda n, body: completion("safe"))
    assert "structured_outputs" not in served.bodies[0]
