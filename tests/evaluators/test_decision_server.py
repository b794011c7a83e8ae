"""The decision endpoints: each form as the code that serves it wants it, five policies in one request."""

from __future__ import annotations

import base64
import io
import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydantic import TypeAdapter

from bench.policy import load_policies
from evaluators.decision_server import DecisionServer
from evaluators.server import decisions
from evaluators.server.decisions import Form
from evaluators.server.picture import Picture
from tests.evaluators.fault_server import Body, Reply, serving
from tests.evaluators.own_time import OwnTime
from tests.evaluators.stand_in import picture

POLICIES = load_policies()
TEXTS = [policy.text() for policy in POLICIES]
P_UNSAFE = [0.9, 0.2, 0.5, 0.999, 0.0]


def body(form: Form) -> Any:
    return json.loads(json.dumps(decisions.request(form, "guard", Picture(picture(3)), TEXTS)))


def decoded(png: str) -> np.ndarray[Any, Any]:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(png))))


def test_the_assets_form_is_what_transformers_takes() -> None:
    from transformers.cli.serving.systemone import SystemOneRequest
    from transformers.decision import DecisionConfig, parse_questions

    request = SystemOneRequest.model_validate(body("assets"), strict=True)
    questions = parse_questions(request.questions, DecisionConfig())
    assert [question.type for question in questions] == ["noul"] * 5
    assert all(text in question.instructions for text, question in zip(TEXTS, questions, strict=True))
    ((mark, asset),) = request.assets.items()
    assert request.state == mark
    assert np.array_equal(decoded(asset["data_base64"]), np.asarray(picture(3)))


def test_the_openai_form_is_what_its_client_types_say() -> None:
    from openai.types.decision import Decision
    from openai.types.decision_create_params import DecisionCreateParams

    sent = body("openai")
    TypeAdapter(DecisionCreateParams).validate_python(sent)
    assert sent["questions"][0]["instructions"].endswith(TEXTS[0])
    assert sent["input"][0]["content"][0]["image_url"].startswith("data:image/png;base64,")
    answer = {"name": "policy-1", "probability": 0.25, "type": "predicate"}
    usage = {
        "input_tokens": 7,
        "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": 3},
        "output_tokens": 0,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 7,
    }
    reply = Decision.model_validate({"answers": [answer], "model": "m", "usage": usage}).model_dump()
    assert decisions.read_decisions(reply, ["policy-1"]) == [decisions.Decision(0.25)]


def test_the_sglang_form_has_the_fields_of_its_protocol_and_no_others() -> None:
    sent = body("sglang")
    assert set(sent) == {"model", "input", "images", "questions"}
    assert [set(question) for question in sent["questions"]] == [{"id", "type", "question"}] * 5
    assert {question["type"] for question in sent["questions"]} == {"yes_no"}


def test_the_images_form_has_the_fields_of_vllms_protocol() -> None:
    sent = body("images")
    assert set(sent) == {"model", "state", "images", "questions"}
    assert sent["images"][0].startswith("data:image/png;base64,")
    assert sent["questions"]["policy-5"]["type"] == "noul"


def systemone(number: int, sent: Body) -> Reply:
    answers = {n: {"type": "noul", "noul": p} for n, p in zip(sent["questions"], P_UNSAFE, strict=True)}
    usage = {"input_tokens": 502, "output_tokens": 0}
    return Reply(json.dumps({"model": "guard", "answers": answers, "usage": usage}))


def strict_systemone(number: int, sent: Body) -> Reply:
    """Takes unknown fields as transformers does."""
    return systemone(number, sent) if "assets" in sent else Reply("Extra inputs: images", 422)


def openai(number: int, sent: Body) -> Reply:
    answers: list[Body] = [
        {"type": "predicate", "name": question["name"], "probability": p}
        for question, p in zip(sent["questions"], P_UNSAFE, strict=True)
    ]
    answers[1] = {"type": "refusal", "name": sent["questions"][1]["name"]}
    return Reply(json.dumps({"answers": list(reversed(answers)), "model": "guard"}))


def sglang(number: int, sent: Body) -> Reply:
    if "images" not in sent:
        return Reply("Extra inputs are not permitted", 400)
    masses = [0.9, 0.4, 0.9, 0.9, 0.9]
    answers = {
        question["id"]: {"type": "yes_no", "probabilities": {"yes": p, "no": 1 - p}, "label_mass": mass}
        for question, p, mass in zip(sent["questions"], P_UNSAFE, masses, strict=True)
    }
    return Reply(json.dumps({"object": "decisions", "answers": answers, "usage": {"prompt_tokens": 10}}))


def decide(
    reply: Callable[[int, Body], Reply], endpoint: str, images: int = 1, **options: Any
) -> tuple[list[Any], Any, DecisionServer]:
    with serving(reply) as (url, served):
        server = DecisionServer(f"{url}/{endpoint}", "guard", pace=OwnTime().pace(), **options)
        return server.judge([picture(n) for n in range(images)], POLICIES), served, server


def test_five_policies_are_one_request_and_probabilities_become_verdicts() -> None:
    rows, served, server = decide(systemone, "systemone", images=3)
    assert len(served.bodies) == 3
    for row in rows:
        assert [o.status for o in row] == ["unsafe", "safe", "safe", "unsafe", "safe"]
        assert [o.p_unsafe for o in row] == P_UNSAFE
        assert row[0].margin == pytest.approx(math.log(9))
        assert row[4].margin is None  # log 0
        assert [o.tokens_in for o in row] == [100, 100, 100, 101, 101]
    assert (server.notes["form"], server.notes["tokens_in"]) == ("images", 1506)


def test_the_form_is_found_with_the_first_picture() -> None:
    rows, served, server = decide(strict_systemone, "systemone", images=3)
    assert [[o.status for o in row] for row in rows] == [["unsafe", "safe", "safe", "unsafe", "safe"]] * 3
    assert ["assets" in sent for sent in served.bodies] == [False, True, True, True]
    assert server.notes["form"] == "assets"


def test_a_server_that_sees_no_pictures_is_not_asked_in_a_form_it_would_answer_blindly() -> None:
    def blind(number: int, sent: Body) -> Reply:
        return Reply("this model takes no images", 400) if "images" in sent else systemone(number, sent)

    ((row,), served, _) = decide(blind, "systemone")
    assert {o.status for o in row} == {"error"}
    assert len(served.bodies) == 1


def test_a_declined_question_is_a_refusal_and_the_others_stand() -> None:
    ((row,), _, server) = decide(openai, "decisions")
    assert [o.status for o in row] == ["unsafe", "refused", "safe", "unsafe", "safe"]
    assert server.notes["form"] == "openai"


def test_a_low_label_mass_forces_no_verdict() -> None:
    ((row,), _, server) = decide(sglang, "decisions")
    assert [o.status for o in row] == ["unsafe", "unparseable", "safe", "unsafe", "safe"]
    assert row[1].detail == "label mass 0.4 is below 0.5"
    assert server.notes["form"] == "sglang"


@pytest.mark.parametrize("wrong", [None, "0.5", True, 1.5, -0.1, float("nan")])
def test_what_is_no_probability_is_an_error(wrong: object) -> None:
    def reply(number: int, sent: Body) -> Reply:
        return Reply(json.dumps({"answers": {n: {"type": "noul", "noul": wrong} for n in sent["questions"]}}))

    ((row,), served, _) = decide(reply, "systemone", tries=2)
    assert {o.status for o in row} == {"error"}
    assert len(served.bodies) == 2
    assert "no decision on policy-1" in row[0].detail


def test_an_answer_that_is_missing_is_an_error_and_no_other_takes_its_place() -> None:
    def reply(number: int, sent: Body) -> Reply:
        return Reply(json.dumps({"answers": {"policy-9": {"type": "noul", "noul": 0.9}}}))

    ((row,), _, _) = decide(reply, "systemone", tries=1)
    assert {o.status for o in row} == {"error"}


def test_the_whole_address_of_the_endpoint_is_wanted() -> None:
    with pytest.raises(ValueError, match=r"is no decision endpoint; .* http://127.0.0.1:8000/v1/systemone"):
        DecisionServer("http://127.0.0.1:8000/v1", "guard")
