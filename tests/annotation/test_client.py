from __future__ import annotations

import httpx
import pytest

from annotation.client import connect
from annotation.errors import AnnotationError
from tests.annotation.fake_studio import TOKEN, FakeStudio

JWT = "aaa.bbb.ccc"


def refuse(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("connection refused")


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotation.client.time.sleep", lambda seconds: None)


def test_an_address_without_a_server_names_the_remedy() -> None:
    with pytest.raises(
        AnnotationError, match=r"no answer from Label Studio at http://x\.test .*annotate serve"
    ):
        connect("http://x.test", TOKEN, transport=httpx.MockTransport(refuse))


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(AnnotationError, match="'studio' is no address of a Label Studio"):
        connect("studio", TOKEN)


def test_a_wrong_token_names_where_to_find_the_right_one() -> None:
    transport = httpx.MockTransport(FakeStudio().answer)
    with pytest.raises(AnnotationError, match=r"does not accept the token \(401 .*Account & Settings"):
        connect("http://studio.test", "wrong", transport=transport)


def test_a_reading_request_survives_two_failures() -> None:
    answers = iter([httpx.Response(502), httpx.Response(503), httpx.Response(200)])
    connect("http://x.test", TOKEN, transport=httpx.MockTransport(lambda request: next(answers)))


def test_a_writing_request_is_sent_once() -> None:
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.method)
        return httpx.Response(500 if request.method == "POST" else 200, text="database is locked")

    client = connect("http://x.test", TOKEN, transport=httpx.MockTransport(answer))
    with pytest.raises(AnnotationError, match="answered 500 to POST /api/users/: database is locked"):
        client.add_user("a@example.org", "A", "B")
    assert sent == ["GET", "POST"]


def test_a_personal_access_token_buys_access_and_buys_it_again_when_it_ends() -> None:
    bought: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/token/refresh":
            bought.append(f"access-{len(bought)}")
            return httpx.Response(200, json={"access": bought[-1]})
        valid = request.headers["Authorization"] == "Bearer access-1"
        return httpx.Response(200 if valid else 401)

    connect("http://x.test", JWT, transport=httpx.MockTransport(answer))
    assert bought == ["access-0", "access-1"]


def test_a_refused_access_token_says_so() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(401))
    with pytest.raises(AnnotationError, match="refused the access token; make a new one"):
        connect("http://x.test", JWT, transport=transport)


def test_a_project_is_found_by_its_exact_title() -> None:
    studio = FakeStudio()
    client = studio.client()
    for title in ("Votes", "Votes two"):
        client.post("/api/projects/", {"title": title, "label_config": "<View/>"})
    assert client.project("Votes").id == 1
    with pytest.raises(AnnotationError, match="no project is titled 'Vote'"):
        client.project("Vote")
    client.post("/api/projects/", {"title": "Votes", "label_config": "<View/>"})
    with pytest.raises(AnnotationError, match="2 projects are titled 'Votes'"):
        client.project("Votes")


def test_tasks_come_over_several_pages_in_order() -> None:
    studio = FakeStudio()
    client = studio.client()
    client.post("/api/projects/", {"title": "Votes", "label_config": "<View/>"})
    for number in range(401):
        studio.add_task(1, {"image_id": str(number)})
    found = [task.image_id for task in client.tasks(client.project("Votes"))]
    assert found == [str(number) for number in range(401)]


def test_raters_are_invited_by_a_link() -> None:
    assert FakeStudio().client().invite_link() == "http://studio.test/user/signup/?token=abc"
