"""The playground in a browser: drop, edit, ask, read; veils; a phone; and what axe-core says of it."""

from __future__ import annotations

import contextlib
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from PIL import Image

from bench.dataset import load_benchmark
from pipeline.playground.app import make_app
from pipeline.playground.asking import Playground
from tests.bench.sample import sample
from tests.playground.stand_in import ByWord

pytestmark = pytest.mark.slow

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
BLURRED = "getComputedStyle(document.querySelector('{}')).filter.includes('blur')"


@contextlib.contextmanager
def serving(playground: Playground) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(make_app(playground), log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    benchmark = load_benchmark(sample().export(tmp_path / "bench"))
    with serving(Playground(ByWord(name="by word"), benchmark.policies, benchmark)) as url:
        yield url


@pytest.mark.parametrize("width", [1280, 390])
def test_a_picture_is_judged_under_edited_policies(address: str, tmp_path: Path, width: int) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    if CHROMIUM is None:
        pytest.skip("needs the Debian package chromium")
    Image.new("RGB", (64, 48), "teal").save(tmp_path / "mine.png")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(viewport={"width": width, "height": 844}, reduced_motion="reduce")
        tab = context.new_page()
        faults: list[str] = []
        asked: list[str] = []
        tab.on("console", lambda message: faults.append(message.text))
        tab.on("pageerror", lambda error: faults.append(str(error)))
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto(address)

        tab.get_by_role("button", name="Ask").click()
        assert tab.locator("#status").inner_text() == "Choose a picture first."

        tab.locator(".strip button").first.click()  # a picture of the benchmark is veiled, also when chosen
        assert tab.evaluate(BLURRED.format(".strip img"))
        assert tab.evaluate(BLURRED.format("#image"))
        tab.locator("#lift").focus()
        tab.keyboard.press("Space")
        assert not tab.evaluate(BLURRED.format("#image"))
        tab.get_by_role("button", name="Ask").click()
        tab.get_by_text("5 verdicts.").wait_for()
        l3 = tab.locator('[data-id="L3"] .verdict')
        assert "The rules on what is drawn: safe." in l3.inner_text()
        assert "R1, Weapons: firearm (news, toy or cartoon): excepted in" in l3.inner_text()

        tab.locator("#file").set_input_files(tmp_path / "mine.png")  # one's own picture is not veiled
        tab.get_by_text("Ready to ask.").wait_for()
        assert not tab.evaluate(BLURRED.format("#image"))
        tab.locator('[data-id="own"] textarea').fill("No <b>weapons</b>.")
        l1 = tab.locator('[data-id="L1"]')
        l1.locator("summary").click()
        l1.locator("textarea").fill("weapons are unsafe")
        tab.get_by_role("button", name="Ask").click()
        tab.get_by_text("6 verdicts.").wait_for()
        for card in ("L1", "own"):
            assert "p(unsafe) 0.875" in tab.locator(f'[data-id="{card}"] .verdict').inner_text()
        l1.get_by_role("button", name="Restore").click()
        assert l1.locator("textarea").input_value() != "weapons are unsafe"

        assert tab.evaluate("document.documentElement.scrollWidth") == width
        assert faults == []
        assert {url for url in asked if not url.startswith((address, "blob:", "data:"))} == set()
        context.close()

        reader = browser.new_context(viewport={"width": width, "height": 844}, bypass_csp=True).new_page()
        reader.goto(address)
        reader.locator(".strip button").first.click()
        reader.get_by_role("button", name="Ask").click()
        reader.get_by_text("5 verdicts.").wait_for()
        found = axe.Axe().run(reader).response["violations"]
        serious = [one["id"] for one in found if one["impact"] in ("serious", "critical")]
        assert serious == []
        browser.close()
