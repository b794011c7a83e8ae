"""The whole way with a real Label Studio and a real browser: serve, push, label, simulate, pull, settle."""

from __future__ import annotations

import io
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from annotation.agreement import agreement_table
from annotation.client import Client, connect_embedded
from annotation.consensus import Item, settle
from annotation.pull import pull
from annotation.push import push
from annotation.raters import SimulatedRater, simulate
from annotation.server import ENVIRONMENT, Server, running_server
from bench.policy import Ruling, load_policies
from bench.schema import VoteRow
from tests.annotation.samples import picture

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
POLICIES = load_policies()
PICTURES = [picture(number) for number in range(4)]
TITLE = "Five policies"
CHROMIUM = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)


@pytest.fixture(scope="module")
def shots(pytestconfig: pytest.Config) -> Path:
    """Kept between runs, so that a person can look at what an annotator sees."""
    assert pytestconfig.cache is not None
    return pytestconfig.cache.mkdir("annotation")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, shots: Path) -> Iterator[Server]:
    environment = ROOT / ENVIRONMENT
    if not environment.exists():
        pytest.skip("needs Label Studio: make label-studio")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("annotate")
    with running_server(folder, cache=shots, environment=environment, port=port) as running:
        yield running


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[Client]:
    with connect_embedded(server.folder) as client:
        push(client, TITLE, PICTURES, POLICIES)
        yield client


@pytest.fixture
def page(server: Server) -> Iterator[Page]:
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("needs Debian's chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM.split())
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        outside: list[str] = []
        page.on("request", lambda request: outside.append(request.url))
        yield page
        browser.close()
    assert [url for url in outside if not url.startswith((server.url, "data:", "blob:"))] == []


def sign_up(page: Page, client: Client, email: str) -> None:
    page.goto(client.invite_link())
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", "a-long-password-8")
    page.click("button[type=submit]")
    page.wait_for_url(lambda url: "signup" not in url)


def open_form(page: Page, client: Client) -> None:
    page.goto(f"{client.url}/projects/{client.project(TITLE).id}/data?labeling=1")
    page.wait_for_selector("text=Content warning")
    page.keyboard.press("Escape")
    page.wait_for_selector("text=Content warning", state="hidden")
    wait_for_image(page)


def wait_for_image(page: Page) -> None:
    page.wait_for_selector(".sb-veil canvas")
    page.wait_for_timeout(700)


def colour_and_edges(page: Page) -> tuple[float, float]:
    """Mean difference of the colour channels and mean step between neighbours, both in grey levels."""
    image = Image.open(io.BytesIO(page.locator(".sb-frame").screenshot())).convert("RGB")
    pixels = np.asarray(image, dtype=np.float64)[40:-40, 40:-40]
    steps = np.abs(np.diff(pixels, axis=0)).mean() + np.abs(np.diff(pixels, axis=1)).mean()
    return float((pixels.max(axis=2) - pixels.min(axis=2)).mean()), float(steps)


def press(page: Page, keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(80)


def submit(page: Page) -> None:
    with page.expect_response(
        lambda answer: "/annotations" in answer.url and answer.request.method == "POST"
    ):
        page.locator("button:has-text('Submit')").first.click()
    wait_for_image(page)


def test_a_rater_labels_behind_a_veil(page: Page, client: Client, shots: Path, tmp_path: Path) -> None:
    sign_up(page, client, "ann@example.org")
    open_form(page, client)
    page.screenshot(path=shots / "veiled.png")
    colour, edges = colour_and_edges(page)
    press(page, "b")
    page.wait_for_timeout(300)
    bare_colour, bare_edges = colour_and_edges(page)
    assert colour < 1 < 30 < bare_colour
    assert edges < bare_edges / 3

    press(page, "12e4")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=Please answer L5")
    page.keyboard.press("Escape")
    press(page, "gy")
    card = page.locator(".sb-card").filter(has_text="L3")
    card.locator(".sb-rule button").click()
    page.get_by_role("option", name="R2 Tobacco").click()
    card.locator(".ant-collapse-header").click()
    page.wait_for_timeout(500)
    page.screenshot(path=shots / "revealed.png")
    submit(page)
    assert colour_and_edges(page)[0] < 1  # the next image is veiled again

    press(page, "1qaw3d45")  # minds change: the last key of a policy counts
    submit(page)
    with page.expect_response(lambda answer: "was_cancelled=1" in answer.url or "/annotations" in answer.url):
        page.locator("button:has-text('Skip')").first.click()

    votes = pull(client, TITLE, tmp_path)
    first, second, third = (answers(votes, image_id) for image_id in sorted(p.image_id for p in PICTURES)[:3])
    assert [vote.rule for vote in votes if vote.rule] == ["R2"]
    assert first == ["safe", "safe", "unsafe", "safe", "unsure"]
    assert second == ["unsure", "unsafe", "unsure", "safe", "safe"]
    assert third == ["skipped"] * 5
    assert {(v.revealed, v.looks_natural) for v in votes if v.image_id == votes[0].image_id} == {(True, True)}
    assert {(v.revealed, v.looks_natural) for v in votes[5:]} == {(False, None)}
    assert {(v.rater[:2], v.label_source) for v in votes} == {("r-", "human")}
    assert all(vote.lead_time > 0 for vote in votes[:10])


def answers(votes: tuple[VoteRow, ...], image_id: str) -> list[str]:
    return [vote.answer for vote in votes if vote.image_id == image_id]


def test_the_data_manager_shows_no_picture(page: Page, client: Client, shots: Path) -> None:
    sign_up(page, client, "ben@example.org")
    page.goto(f"{client.url}/projects/{client.project(TITLE).id}/data")
    page.wait_for_selector(f"text={PICTURES[0].image_id}")
    page.screenshot(path=shots / "datamanager.png")
    assert page.locator("img[src*=upload]").count() == 0
    assert page.locator("canvas").count() == 0


def test_simulated_votes_go_through_and_settle(client: Client, tmp_path: Path) -> None:
    truth = {
        (p.image_id, q.id): Ruling("unsafe", (q.rules[0].id,)) if q.rules and i % 2 else Ruling("safe", ())
        for i, p in enumerate(PICTURES)
        for q in POLICIES
    }
    raters = [SimulatedRater(n, false_alarm=0, miss=0, unsure=0) for n in (1, 2, 3)]
    assert simulate(client, TITLE, truth, raters).posted == 12
    assert simulate(client, TITLE, truth, raters).already_there == 12
    again = push(client, TITLE, PICTURES, POLICIES)
    assert (again.added, again.already_there) == (0, 4)

    votes = [vote for vote in pull(client, TITLE, tmp_path) if vote.label_source == "simulated"]
    assert len(votes) == 4 * 3 * 5
    items = [Item(p.image_id, "pair", "original") for p in PICTURES]
    rows = settle(votes, items, POLICIES)
    assert {(row.image_id, row.policy_id): Ruling(row.safety_label, row.rules) for row in rows} == truth  # type: ignore[arg-type]
    assert [row.alpha for row in agreement_table(votes)] == [None, 1.0, 1.0, 1.0, 1.0]
