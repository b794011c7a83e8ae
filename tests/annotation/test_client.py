from __future__ import annotations

import httpx
import pytest

from annotation.client import UnsettledError, connect
from annotation.errors import AnnotationError
from tests.annotation.conftest import Clock
from tests.annotation.fake_studio import TOKEN, FakeStudio, Fault

pytestmark = pytest.mark.usefixtures("clock")

JWT = "aaa.bbb.ccc"


def refuse(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("connection refused")


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


def test_a_server_that_restarts_is_waited_for(clock: Clock) -> None:
    studio = FakeStudio()
    client = studio.client()
    studio.faults = {number: "refused" if number % 2 else "busy" for number in range(1, 12)}
    assert client.users()[0].email == "ann@example.org"
    assert len(studio.requests) == 13
    assert 5 < clock.now < 90


def test_a_server_that_stays_away_is_given_up_after_a_minute_and_a_half(clock: Clock) -> None:
    studio = FakeStudio()
    client = studio.client()
    studio.faults = dict.fromkeys(range(1, 999), "refused")
    with pytest.raises(AnnotationError, match=r"no answer .* \(GET /api/users/: connection refused\)"):
        client.users()
    assert 80 < clock.now <= 90


def test_a_wrong_address_is_given_up_after_two_seconds(clock: Clock) -> None:
    with pytest.raises(AnnotationError, match="no answer"):
        connect("http://x.test", TOKEN, transport=httpx.MockTransport(refuse))
    assert clock.now <= 2


@pytest.mark.parametrize(("fault", "sent"), [("refused", 2), ("busy", 1), ("lost", 1)])
def test_what_makes_something_is_sent_again_only_where_it_never_arrived(fault: Fault, sent: int) -> None:
    studio = FakeStudio()
    client = studio.client()
    studio.faults = {1: fault}
    if sent == 1:
        with pytest.raises(UnsettledError, match=r"no answer .* \(POST /api/users/"):
            client.add_user("a@example.org", "A", "B")
    else:
        client.add_user("a@example.org", "A", "B")
    assert studio.requests[1:] == ["POST /api/users/"] * sent


@pytest.mark.parametrize("fault", ["refused", "busy", "lost"])
def test_what_may_be_done_twice_is_sent_again(fault: Fault) -> None:
    studio = FakeStudio()
    client = studio.client()
    client.post("/api/projects/", {"title": "Votes", "label_config": "<View/>"})
    studio.add_task(1, {"image_id": "a"})
    studio.faults = {len(studio.requests): fault, len(studio.requests) + 2: fault}
    client.patch("/api/tasks/1/", {"overlap": 5})
    assert studio.tasks[0]["overlap"] == 5
    client.delete("/api/tasks/1/")
    assert studio.tasks == []


def test_an_error_that_will_not_pass_is_told_at_once() -> None:
    answer = httpx.Response(400, text="overlap: a whole number is needed")
    answers = iter([httpx.Response(200), answer])
    client = connect("http://x.test", TOKEN, transport=httpx.MockTransport(lambda request: next(answers)))
    with pytest.raises(AnnotationError, match="answered 400 to PATCH /api/tasks/1/: overlap: a whole"):
        client.patch("/api/tasks/1/", {"overlap": "many"})


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


def test_a_server_that_restarts_while_access_is_bought_is_waited_for() -> None:
    answers = iter([httpx.Response(503), httpx.Response(200, json={"access": "one"}), httpx.Response(200)])
    connect("http://x.test", JWT, transport=httpx.MockTransport(lambda request: next(answers)))


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
    assert [project.title for project in client.projects("Votes")] == ["Votes", "Votes two"]
    with pytest.raises(AnnotationError, match="no project is titled 'Vote'"):
        client.project("Vote")
    client.post("/api/projects/", {"title": "Votes", "label_config": "<View/>"})
    with pytest.raises(AnnotationError, match="2 projects are titled 'Votes'"):
        client.project("Votes")


def studio_of(count: int) -> FakeStudio:
    studio = FakeStudio()
    studio.client().post("/api/projects/", {"title": "Votes", "label_config": "<View/>"})
    for number in range(count):
        studio.add_task(1, {"image_id": str(number)})
    return studio


def test_tasks_come_a_page_at_a_time_in_order_with_what_is_left() -> None:
    client = studio_of(401).client()
    pages = list(client.task_pages(client.project("Votes")))
    assert [(len(page), left) for page, left in pages] == [(200, 401), (200, 201), (1, 1)]
    assert [task.image_id for page, _ in pages for task in page] == [str(number) for number in range(401)]


def test_no_task_is_missed_where_an_earlier_one_is_deleted_meanwhile() -> None:
    studio = studio_of(250)
    client = studio.client()
    found = []
    for task in client.tasks(client.project("Votes")):
        found.append(task.image_id)
        studio.tasks = [row for row in studio.tasks if row["id"] > 50]
    assert found == [str(number) for number in range(250)]


def test_raters_are_invited_by_a_link() -> None:
    assert FakeStudio().client().invite_link() == "http://studio.test/user/signup/?token=abc"
