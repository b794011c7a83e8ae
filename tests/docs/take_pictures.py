"""Take the README's pictures of the pairs, the report and the labelling page, from a demo's folder.

    make demo && python -m tests.docs.take_pictures demo

The demo's Label Studio is served from a copy, so that the rater who sits for the picture leaves no account.
Only the project's own drawn scenes are shown.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Response, ViewportSize

from annotation.client import connect
from annotation.server import ENVIRONMENT, running_server
from bench.dataset import Benchmark, load_benchmark
from pipeline.cli_annotate import cache_folder
from pipeline.demo import free_port
from tests.annotation import rater
from tests.bench.chromium import chromium

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs" / "images"
LIMIT = 150_000  # bytes a picture
PAIRS, SIDE = 4, 200  # of the sheet of pairs
VIEW: ViewportSize = {"width": 960, "height": 720}
WIDTH = 720  # of a shot, when two stand side by side


def main(demo: Path) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    save(pairs(load_benchmark(demo / "benchmark")), IMAGES / "pairs.webp")
    save(report(demo / "report.html"), IMAGES / "report.webp")
    with tempfile.TemporaryDirectory() as scratch:
        save(labelling(demo, Path(scratch)), IMAGES / "labelling.webp")


def pairs(benchmark: Benchmark) -> Image.Image:
    """Pairs that have a control: original, edited and control, two pairs a row."""
    by_pair: dict[str, dict[str, str]] = {}
    for image_id in benchmark.image_ids:
        info = benchmark.meta(image_id)
        by_pair.setdefault(info.pair_id, {})[info.role] = image_id
    whole = [pair for pair in by_pair.values() if "control" in pair][:PAIRS]
    sheet = Image.new("RGB", (6 * SIDE + 46, len(whole) // 2 * (SIDE + 6) - 6), "white")
    for number, pair in enumerate(whole):
        left, top = number % 2 * (3 * SIDE + 34), number // 2 * (SIDE + 6)
        for column, role in enumerate(("original", "edited", "control")):
            picture = benchmark.picture(pair[role]).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
            sheet.paste(picture, (left + column * (SIDE + 6), top))
    return sheet


def report(page: Path) -> Image.Image:
    """The head of the report with the leaderboard, and below it a pair of the gallery, unveiled."""
    with chromium() as browser:
        tab = browser.new_page(viewport=VIEW)
        tab.goto(page.as_uri())
        shots = [shot_of(tab.screenshot())]
        tab.evaluate("document.querySelector('#gallery').scrollIntoView()")
        for veil in tab.locator("#gallery article.pair").first.locator(".veil input").all():
            veil.check(force=True)
        tab.wait_for_timeout(500)
        shots.append(shot_of(tab.screenshot()))
    return beside(shots)


def labelling(demo: Path, scratch: Path) -> Image.Image:
    """What a rater meets, and the same picture once revealed and answered."""
    data = scratch / "label-studio"
    shutil.copytree(demo / "label-studio", data, ignore=shutil.ignore_patterns("server.json"))
    benchmark = load_benchmark(demo / "benchmark")
    title = benchmark.title
    originals = [name for name in benchmark.image_ids if benchmark.meta(name).role == "original"]
    with (
        running_server(
            data, cache=cache_folder(), environment=ROOT / ENVIRONMENT, port=free_port()
        ) as server,
        connect(server.url, server.token) as client,
        rater.chromium(client.url) as browser,
    ):
        one = rater.Rater(browser, client, "sitter")
        one.page.set_viewport_size(VIEW)
        served: list[Response] = []
        one.page.on("response", lambda answer: served.append(answer) if "next_task" in answer.url else None)
        one.start(title)
        while not any(original in served[-1].text() for original in originals):
            one.skip()
        one.page.wait_for_selector("text=Task skipped successfully", state="hidden")
        shots = [shot_of(one.page.screenshot())]
        one.press("b1wert")
        one.page.wait_for_timeout(500)
        shots.append(shot_of(one.page.screenshot()))
    return beside(shots)


def shot_of(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


def beside(shots: list[Image.Image], width: int = WIDTH) -> Image.Image:
    """Pictures of one size side by side, each `width` pixels wide, with a gap between."""
    height = round(shots[0].height * width / shots[0].width)
    sheet = Image.new("RGB", (len(shots) * (width + 16) - 16, height), "white")
    for number, shot in enumerate(shots):
        sheet.paste(shot.resize((width, height), Image.Resampling.LANCZOS), (number * (width + 16), 0))
    return sheet


def save(sheet: Image.Image, path: Path) -> None:
    """Write it as WebP; a picture too large for a README is an error."""
    sheet.save(path, quality=82, method=6)
    if (size := path.stat().st_size) > LIMIT:
        raise SystemExit(f"{path} has {size} bytes, more than {LIMIT}; lower the quality or the size")
    print(f"{path}: {sheet.width} x {sheet.height}, {size} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo"))
