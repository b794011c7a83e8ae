"""The playground's server: what it answers, and whom it does not."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest
from PIL import Image
from starlette.testclient import TestClient

from bench.dataset import load_benchmark
from bench.policy import load_policies
from pipeline.playground import app
from pipeline.playground.app import make_app
from pipeline.playground.asking import Playground
from tests.bench.sample import sample
from tests.bench.test_report import parsed
from tests.playground.stand_in import ByWord

L3 = next(policy for policy in load_policies() if policy.id == "L3")


@pytest.fixture
def guard() -> ByWord:
    return ByWord()


@pytest.fixture
def client(tmp_path: Path, guard: ByWord) -> TestClient:
    benchmark = load_benchmark(sample().export(tmp_path / "bench"))
    playground = Playground(guard, benchmark.policies, benchmark)
    return TestClient(make_app(playground), base_url="http://127.0.0.1")


def original(tmp_path: Path) -> str:
    return load_benchmark(tmp_path / "bench").image_ids[0]


def png(size: tuple[int, int] = (40, 30)) -> str:
    buffer = io.BytesIO()
    Image.new("RGB", size, "red").save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def ask(client: TestClient, **question: object) -> list[dict]:  # type: ignore[type-arg]
    reply = client.post("/ask", json=question)
    assert reply.status_code == 200, reply.text
    return reply.json()  # type: ignore[no-any-return]


def refused(client: TestClient, **question: object) -> str:
    reply = client.post("/ask", json=question)
    assert reply.status_code == 400
    return str(reply.json()["error"])


def test_a_dropped_picture_is_asked_under_every_text(client: TestClient, guard: ByWord) -> None:
    policies = [
        {"id": "L3", "text": L3.text()},
        {"id": "own", "text": "No weapons."},
        {"id": "L1", "text": " "},
    ]
    verdicts = ask(client, image=png(), policies=policies)
    assert [(v["policy"], v["edited"], v["status"], v["p_unsafe"]) for v in verdicts] == [
        ("L3", False, "safe", 0.125),
        ("own", True, "unsafe", 0.875),
    ]
    assert guard.seen == [(40, 30)]
    assert guard.texts == [L3.text(), "No weapons."]


def test_of_a_drawn_scene_the_rules_are_explained(client: TestClient, tmp_path: Path) -> None:
    (verdict,) = ask(client, image_id=original(tmp_path), policies=[{"id": "L3", "text": L3.text()}])
    assert (verdict["label"], verdict["ruling"]) == ("unsafe", "safe")  # the sample's labels are its own
    assert verdict["reasons"] == [
        {
            "rule": "R1",
            "title": "Weapons",
            "finding": "lifted",
            "why": "firearm (news, toy or cartoon): excepted in toy or cartoon or warning sign",
        }
    ]


def test_an_edited_text_has_no_rules_and_no_label(client: TestClient, tmp_path: Path) -> None:
    policies = [{"id": "L3", "text": L3.text() + " And no hats."}]
    (verdict,) = ask(client, image_id=original(tmp_path), policies=policies)
    assert (verdict["edited"], verdict["label"], verdict["ruling"], verdict["reasons"]) == (
        True,
        None,
        None,
        [],
    )


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ({"policies": [{"id": "x", "text": "y"}]}, "choose a picture first"),
        ({"image": png(), "policies": []}, "no policy has a text to ask under"),
        ({"image": png(), "policies": [{"id": 3, "text": "y"}]}, "a policy has an id and a text"),
        ({"image": png(), "policies": [{"id": "x", "text": "y"}] * 51}, "a list of at most 50"),
        ({"image": "@@@", "policies": []}, "did not arrive whole"),
        ({"image": base64.b64encode(b"GIF89a").decode(), "policies": []}, "not an image|damaged"),
        ({"image_id": "../../etc/passwd", "policies": []}, "is not offered here"),
    ],
)
def test_what_cannot_be_asked_is_told(client: TestClient, question: dict[str, object], told: str) -> None:
    assert any(part in refused(client, **question) for part in told.split("|"))


def test_a_body_that_is_too_long_is_not_read_to_its_end(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "MAX_BODY", 1000)
    assert "shrink it first" in refused(client, image="A" * 2000, policies=[])


def test_only_this_machine_s_own_page_may_ask(client: TestClient) -> None:
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400
    form = {"content-type": "text/plain"}  # what a foreign page can send without being asked
    assert client.post("/ask", content=b"{}", headers=form).status_code == 415


def test_the_page_loads_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/")
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; img-src 'self' blob: data:;")
    sources = [a[n] for _, a in parsed(page.text).tags for n in ("src", "href") if n in a]
    assert all(source is not None and source.startswith(("/", "data:,")) for source in sources)
    for path in ("/playground.css", "/playground.js"):
        assert "http" not in client.get(path).text.replace("http-equiv", "")


def test_pictures_are_only_those_that_are_offered(client: TestClient, tmp_path: Path) -> None:
    assert client.get(f"/pictures/{original(tmp_path)}").content.startswith(b"\x89PNG")
    assert client.get("/pictures/0000000000000000").status_code == 404


def test_it_works_without_a_benchmark(guard: ByWord) -> None:
    bare = TestClient(make_app(Playground(guard, load_policies())), base_url="http://localhost")
    assert "veiled until shown" not in bare.get("/").text
    (verdict,) = ask(bare, image=png(), policies=[{"id": "own", "text": "No weapons."}])
    assert verdict["status"] == "unsafe"
