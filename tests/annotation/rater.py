"""A human rater: a browser on Label Studio's own pages, moved by keys and clicks alone."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from annotation.client import Client

PASSWORD = "a-long-password-8"
# Counts the frames in which a picture lies bare though the rater has not revealed it.
WATCH = """
window.bareFrames = 0;
function look() {
  const pictures = [...document.querySelectorAll("img")].filter(img => /upload|^blob:/.test(img.src));
  const revealed = document.querySelector(".sb-reveal .ant-checkbox-checked");
  const veil = document.querySelector(".sb-veil");
  const blurred = veil && getComputedStyle(veil).filter.includes("blur(24px)");
  const bare = pictures.filter(img => !blurred || !veil.contains(img));
  if (bare.length && !revealed) window.bareFrames += 1;
  requestAnimationFrame(look);
}
window.addEventListener("DOMContentLoaded", look);
"""
CHROMIUM = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)


@contextmanager
def chromium(url: str) -> Iterator[Browser]:
    """A browser that has asked nobody but the server at `url` when it closes."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("needs Debian's chromium: apt-get install chromium")
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM.split())
        browser.on(
            "context", lambda context: context.on("request", lambda request: asked.append(request.url))
        )
        yield browser
        browser.close()
    assert [address for address in asked if not address.startswith((url, "data:", "blob:"))] == []


class Rater:
    """One rater: an account made through the invitation, then a browser that logs in with it."""

    def __init__(self, browser: Browser, client: Client, name: str) -> None:
        self.page: Page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        self.page.add_init_script(WATCH)
        self._client = client
        account = {"email": f"{name}@example.org", "password": PASSWORD}
        _sign_up(client.invite_link(), account)
        self.page.goto(f"{client.url}/user/login/")
        for field, value in account.items():
            self.page.fill(f"input[name={field}]", value)
        self.page.click("button[type=submit]")
        self.page.wait_for_url(lambda url: "login" not in url, wait_until="commit")

    def start(self, title: str) -> str:
        """Open the queue, read the instruction and put it away; gives the instruction's text."""
        self.page.goto(f"{self._client.url}/projects/{self._client.project(title).id}/data")
        with self.page.expect_response(lambda answer: "next_task" in answer.url):
            self.page.click("button:has-text('Label All Tasks')")
        self.page.wait_for_selector("text=Content warning")
        text = self.page.locator("body").inner_text()
        self.page.keyboard.press("Escape")
        self.page.wait_for_selector("text=Content warning", state="hidden")
        self.wait_for_image()
        return text

    def wait_for_image(self) -> None:
        self.page.wait_for_selector(".sb-veil canvas")
        self.page.wait_for_timeout(700)

    def press(self, keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.page.wait_for_timeout(80)

    def shown_order(self) -> list[str]:
        """The policies' ids from top to bottom, as the eye meets them."""
        cards = self.page.locator(".sb-right .sb-card").all()
        tops = [
            ((card.bounding_box() or {"y": 0.0})["y"], card.locator("h4").first.inner_text())
            for card in cards
        ]
        return [name.split()[0] for _, name in sorted(tops)]

    def submit(self) -> None:
        with self.page.expect_response(
            lambda answer: answer.request.method == "POST" and "/annotations" in answer.url
        ):
            self.page.keyboard.press("Control+Enter")
        self.wait_for_image()

    def skip(self) -> None:
        with self.page.expect_response(
            lambda answer: answer.request.method == "POST" and "/annotations" in answer.url
        ):
            self.page.keyboard.press("Control+Space")
        self.wait_for_image()

    def bare_frames(self) -> int:
        """Frames of this page so far that showed a picture before its reveal."""
        return int(self.page.evaluate("window.bareFrames"))

    def colour_and_edges(self) -> tuple[float, float]:
        """Of the image's region: mean difference of the colour channels, mean step between neighbours, both
        in grey levels."""
        image = Image.open(io.BytesIO(self.page.locator(".sb-frame").screenshot())).convert("RGB")
        pixels = np.asarray(image, dtype=np.float64)[40:-40, 40:-40]
        steps = np.abs(np.diff(pixels, axis=0)).mean() + np.abs(np.diff(pixels, axis=1)).mean()
        return float((pixels.max(axis=2) - pixels.min(axis=2)).mean()), float(steps)

    def screenshot(self, path: Path) -> None:
        self.page.screenshot(path=path)


def _sign_up(invitation: str, account: Mapping[str, str]) -> None:
    with httpx.Client(trust_env=False) as http:
        token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', http.get(invitation).text)
        assert token is not None
        made = http.post(invitation, data={**account, "csrfmiddlewaretoken": token[1]})
    assert made.is_redirect
