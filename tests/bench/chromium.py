"""A headless Chromium for tests of pages, with what it complains about."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """The Debian package's browser; the test is skipped without it."""
    playwright = pytest.importorskip("playwright.sync_api")
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("needs the Debian package chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def complaints(tab: Page) -> list[str]:
    """A list that fills with the page's console messages, errors, dialogues and requests but for files."""
    found: list[str] = []
    tab.on("console", lambda message: found.append(message.text))
    tab.on("pageerror", lambda error: found.append(str(error)))
    tab.on("dialog", lambda dialog: (found.append(dialog.message), dialog.dismiss()))
    tab.on("request", lambda request: _outside(request.url) and found.append(request.url))
    return found


def _outside(url: str) -> bool:
    return not url.startswith(("file:", "data:"))
