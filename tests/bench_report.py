"""Prints what a large report costs: `python -m tests.bench_report [folder]`; the pages stay in the folder.

Ten models over 50,000 rows in all, and over 50,000 rows each: seconds to build the page from its run
folders, its size, and how a headless Chromium takes it. A long task is time in which a page does not answer.
The pictures are noise with the spectrum of photographs, whose thumbnails are as large.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from bench.concepts import load_concepts
from bench.policy import Policy, load_policies
from bench.published.base import PublishedImage
from bench.report import write_report
from bench.results import ResultRow, write_results
from bench.schema import ROLES, Label, VerdictRow
from tests.bench.chromium import chromium, complaints

MODELS = 10
SIDE, PICTURES = 320, 50  # pixels, different pictures
CONCEPTS = tuple(load_concepts())
THOUGHT = (
    "The picture shows a table with several things on it, one of which the policy names in its second rule. "
)

LOOK = """() => new Promise((done) => {
  const tasks = [];
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map((task) => task.duration)))
    .observe({ type: "longtask", buffered: true });
  setTimeout(() => {
    const start = performance.now();
    const run = document.querySelector("#failures select[name=run]");
    run.value = String(run.options.length - 1);
    run.dispatchEvent(new Event("change"));
    document.body.getBoundingClientRect();
    done({
      ready: performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd,
      longest: Math.max(0, ...tasks),
      change: performance.now() - start,
      nodes: document.querySelectorAll("*").length,
    });
  }, 1500);
})"""


@dataclass(frozen=True)
class Made:
    """A set of `pairs` pairs of original, edited and control, in memory."""

    pairs: int
    root: Path = Path("made")
    title: str = "Made benchmark"
    digest: str = "0" * 64

    @cached_property
    def policies(self) -> tuple[Policy, ...]:
        return load_policies()

    @cached_property
    def image_ids(self) -> tuple[str, ...]:
        return tuple(f"{pair:05d}-{role}" for pair in range(self.pairs) for role in ROLES)

    def meta(self, image_id: str) -> PublishedImage:
        pair, _, role = image_id.partition("-")
        concept = CONCEPTS[int(pair) % len(CONCEPTS)]
        return PublishedImage(image_id, pair, role, (concept,), ((),), synthetic=True)  # type: ignore[arg-type]

    @cached_property
    def verdicts(self) -> tuple[VerdictRow, ...]:
        return tuple(
            self._verdict(image_id, policy) for image_id in self.image_ids for policy in self.policies
        )

    def _verdict(self, image_id: str, policy: Policy) -> VerdictRow:
        meta = self.meta(image_id)
        unsafe = policy.id != "L1" and meta.role != "edited" and int(meta.pair_id) % 5 < 3
        label: Label = "unsafe" if unsafe else "safe"
        return VerdictRow(
            image_id, meta.pair_id, meta.role, policy.id, policy.digest, label, (), 1.0, 3, "rule"
        )

    def picture(self, image_id: str) -> Image.Image:
        return Image.open(io.BytesIO(noise(hash_of(image_id) % PICTURES))).convert("RGB")


def hash_of(image_id: str) -> int:
    return zlib.crc32(image_id.encode())


@cache
def noise(seed: int) -> bytes:
    """A picture as PNG: noise whose amplitude falls with the frequency, as in photographs."""
    rng = np.random.default_rng(seed)
    distance = np.hypot(*np.meshgrid(np.fft.fftfreq(SIDE), np.fft.fftfreq(SIDE)))
    spectrum = np.fft.fft2(rng.normal(size=(3, SIDE, SIDE))) / (distance + 1 / SIDE) ** 1.2
    waves = np.fft.ifft2(spectrum).real
    pixels = np.uint8(np.clip(128 + 50 * waves / waves.std(), 0, 255))
    buffer = io.BytesIO()
    Image.fromarray(pixels.transpose(1, 2, 0)).save(buffer, "PNG")
    return buffer.getvalue()


def answered(row: VerdictRow, margin: float) -> ResultRow:
    said: Label = "unsafe" if margin > 0 else "safe"
    refused = abs(margin) < 0.02
    return ResultRow(
        image_id=row.image_id, pair_id=row.pair_id, role=row.role, policy_id=row.policy_id,
        gold=row.safety_label, status="refused" if refused else said,
        p_unsafe=float(1 / (1 + np.exp(-margin))), margin=margin, label_mass=0.98, text=THOUGHT + said,
        detail="", written=said, fragile=abs(margin) < 0.03,
    )  # fmt: skip


def made_run(folder: Path, data: Made, verdicts: Sequence[VerdictRow], model: int) -> Path:
    """A finished run of a model that is better the lower its number."""
    signs = np.array([1 if row.safety_label == "unsafe" else -1 for row in verdicts])
    margins = np.random.default_rng(model).normal(signs * (1.8 - 0.12 * model))
    rows = [answered(row, float(margin)) for row, margin in zip(verdicts, margins, strict=True)]
    folder.mkdir(parents=True, exist_ok=True)
    write_results(folder / "results.parquet", rows)
    told = {"guardrail": f"model-{model}", "device": "cpu", "images": len(data.image_ids), "seconds": 100.0}
    (folder / "run.json").write_text(json.dumps(told))
    return folder


def look(page: Path) -> str:
    """How a browser takes the page."""
    with chromium() as browser:
        tab = browser.new_page(viewport={"width": 1280, "height": 900})
        faults = complaints(tab)
        tab.goto(page.as_uri())
        seen = tab.evaluate(LOOK)
        assert not faults, faults
    times = f"{seen['ready']:7.0f} ms {seen['longest']:9.0f} ms {seen['change']:8.0f} ms"
    return f"{times} {seen['nodes']:9,d} elements"


def measure(pairs: int, out: Path) -> None:
    data = Made(pairs)
    for seed in range(PICTURES):
        noise(seed)
    verdicts = data.verdicts
    runs = [made_run(out / f"{pairs}-{model}", data, verdicts, model) for model in range(MODELS)]
    page = out / f"report-{MODELS * len(verdicts)}.html"
    wall, cpu = time.perf_counter(), time.process_time()
    write_report(runs, data, page)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    size = page.stat().st_size / 1e6
    print(f"{MODELS * len(verdicts):9,d} {wall:7.1f} s {cpu:7.1f} s {size:6.1f} MB {look(page)}", flush=True)


def main(out: Path) -> None:
    print(
        f"{'rows':>9} {'build':>9} {'CPU':>9} {'size':>9} {'ready':>10} {'long task':>12} {'other run':>11}"
    )
    for rows in (50_000, 50_000 * MODELS):
        measure(rows // (MODELS * len(ROLES) * len(load_policies())), out)


if __name__ == "__main__":
    if sys.argv[1:]:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(Path(folder))
